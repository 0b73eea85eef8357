//! Casts between texts, dates, times, timestamps and intervals, as PostgreSQL makes them.

use std::borrow::Cow;

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::DataType;
use datafusion::common::{exec_datafusion_err, plan_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, cast};

use super::super::intervals::{self, span::Span};
use super::super::overloads::{Overload, call, wrong};
use super::super::values::{Kind, Value};
use super::calendar::{DAY, Moment, checked_day, instant};
use super::reading::{Fault, Reading, hour, read};
use super::text;
use super::tokens::{Look, fields};
use super::words::{Meaning, meaning};
use super::zone::{Zone, not_recognized};

const TO_TEXT: &[Overload] = &[
    one(Kind::Date, Kind::Text, to_text),
    one(Kind::Time, Kind::Text, to_text),
    one(Kind::Timestamp, Kind::Text, to_text),
    one(Kind::Instant, Kind::Text, to_text),
    one(Kind::Interval, Kind::Text, to_text),
];
const TO_DATE: &[Overload] = &[
    one(Kind::Text, Kind::Date, to_date),
    one(Kind::Timestamp, Kind::Date, to_date),
    one(Kind::Instant, Kind::Date, to_date),
];
const TO_TIME: &[Overload] = &[
    one(Kind::Text, Kind::Time, to_time),
    one(Kind::Timestamp, Kind::Time, to_time),
    one(Kind::Instant, Kind::Time, to_time),
    one(Kind::Interval, Kind::Time, to_time),
];
const TO_TIMESTAMP: &[Overload] = &[
    one(Kind::Text, Kind::Timestamp, to_timestamp),
    one(Kind::Date, Kind::Timestamp, to_timestamp),
];
const TO_INSTANT: &[Overload] =
    &[one(Kind::Text, Kind::Instant, to_instant), one(Kind::Date, Kind::Instant, to_instant)];
const TO_INTERVAL: &[Overload] =
    &[one(Kind::Text, Kind::Interval, to_interval), one(Kind::Time, Kind::Interval, to_interval)];

const fn one(from: Kind, to: Kind, run: fn(&[Value<'_>]) -> Result<Value<'static>>) -> Overload {
    let takes: &'static [Kind] = match from {
        Kind::Text => &[Kind::Text],
        Kind::Date => &[Kind::Date],
        Kind::Time => &[Kind::Time],
        Kind::Timestamp => &[Kind::Timestamp],
        Kind::Instant => &[Kind::Instant],
        _ => &[Kind::Interval],
    };
    Overload { takes, gives: to, run }
}

/// The casts to a kind.
fn casts(to: Kind) -> Option<(&'static str, &'static [Overload])> {
    Some(match to {
        Kind::Text => ("time_to_text", TO_TEXT),
        Kind::Date => ("to_day", TO_DATE),
        Kind::Time => ("to_time", TO_TIME),
        Kind::Timestamp => ("to_reading", TO_TIMESTAMP),
        Kind::Instant => ("to_instant", TO_INSTANT),
        Kind::Interval => ("to_interval", TO_INTERVAL),
        _ => return None,
    })
}

fn is_of_time(kind: Kind) -> bool {
    use Kind::{Date, Instant, Interval, Time, Timestamp};
    matches!(kind, Date | Time | Timestamp | Instant | Interval)
}

/// The kind of a type to cast from or to; texts of any layout are texts.
fn kind(data_type: &DataType) -> Option<Kind> {
    match data_type {
        DataType::Utf8View => Some(Kind::Text),
        other => Kind::of(other),
    }
}

/// A cast of times as a call, where the engine's would mean something else. `None` where the engine's is
/// right.
///
/// # Errors
/// Where PostgreSQL has no such cast.
pub(in super::super) fn planned(
    value: &Expr,
    from: &DataType,
    to: &DataType,
) -> Result<Option<Expr>> {
    let (Some(source), Some(target)) = (kind(from), kind(to)) else { return Ok(None) };
    if !is_of_time(source) && !is_of_time(target) {
        return Ok(None);
    }
    let is_instant = |kind: Kind| matches!(kind, Kind::Timestamp | Kind::Instant);
    // Units aside, both count the same microseconds: the session is in UTC.
    if source == target || (is_instant(source) && is_instant(target)) {
        return Ok(None);
    }
    let found = casts(target)
        .filter(|(_, casts)| casts.iter().any(|overload| overload.takes.first() == Some(&source)));
    let Some((name, overloads)) = found else {
        return plan_err!(
            "cannot cast type {} to {}",
            super::super::kinds::type_name(from),
            super::super::kinds::type_name(to)
        );
    };
    let own = |value: Expr, from: &DataType, to: DataType| match *from == to {
        true => value,
        false => cast(value, to),
    };
    let argument = own(value.clone(), from, source.data_type());
    let called = call(name, overloads, vec![argument]);
    Ok(Some(own(called, &target.data_type(), to.clone())))
}

/// Texts as dates, times or intervals.
///
/// # Errors
/// When a text cannot be read as one.
pub(in super::super) fn of_texts(texts: &ArrayRef, wanted: &DataType) -> Result<ArrayRef> {
    let Some((kind, (_, overloads))) = Kind::of(wanted).and_then(|kind| Some((kind, casts(kind)?)))
    else {
        return plan_err!("texts are not read as {wanted}");
    };
    let texts = arrow::compute::cast(texts, &DataType::Utf8)?;
    let run = overloads.first().map_or(wrong as _, |overload| overload.run);
    let one = |row: usize| match Kind::Text.value(&texts, row)? {
        Value::Null => Ok(Value::Null),
        text => run(&[text]),
    };
    let found = kind.array((0..texts.len()).map(one).collect::<Result<_>>()?)?;
    Ok(arrow::compute::cast(&found, wanted)?)
}

/// The text of a value of time.
pub(in super::super) fn spelled(value: &Value<'_>) -> Option<String> {
    Some(match value {
        Value::Date(day) => text::date((*day).into()),
        Value::Time(micros) => text::time(*micros),
        Value::Timestamp(micros) => text::timestamp(*micros, false),
        Value::Instant(micros) => text::timestamp(*micros, true),
        Value::Interval(span) => intervals::text::interval(*span),
        _ => return None,
    })
}

fn to_text(values: &[Value<'_>]) -> Result<Value<'static>> {
    match values.first().and_then(spelled) {
        Some(text) => Ok(Value::Text(Cow::Owned(text))),
        None => wrong(values),
    }
}

fn to_date(values: &[Value<'_>]) -> Result<Value<'static>> {
    let day = match values {
        [Value::Text(text)] => {
            read(text).map_err(|fault| told(fault, text, "date"))?.moment.day_number()
        }
        [Value::Timestamp(micros) | Value::Instant(micros)] => micros.div_euclid(DAY),
        _ => return wrong(values),
    };
    checked_day(day).map(Value::Date)
}

fn to_time(values: &[Value<'_>]) -> Result<Value<'static>> {
    Ok(Value::Time(match values {
        [Value::Text(text)] => time_of_day(text).map_err(|fault| told(fault, text, "time"))?,
        [Value::Timestamp(micros) | Value::Instant(micros)] => micros.rem_euclid(DAY),
        [Value::Interval(span)] => span.micros.rem_euclid(DAY),
        _ => return wrong(values),
    }))
}

fn to_timestamp(values: &[Value<'_>]) -> Result<Value<'static>> {
    Ok(Value::Timestamp(match values {
        [Value::Text(text)] => {
            read(text).map_err(|fault| told(fault, text, "timestamp"))?.moment.micros()?
        }
        [Value::Date(day)] => instant((*day).into(), 0)?,
        _ => return wrong(values),
    }))
}

fn to_instant(values: &[Value<'_>]) -> Result<Value<'static>> {
    Ok(Value::Instant(match values {
        [Value::Text(text)] => {
            let name = "timestamp with time zone";
            let Reading { moment, zone } = read(text).map_err(|fault| told(fault, text, name))?;
            zone.unwrap_or(Zone::UTC).moment(moment.micros()?)?
        }
        [Value::Date(day)] => instant((*day).into(), 0)?,
        _ => return wrong(values),
    }))
}

fn to_interval(values: &[Value<'_>]) -> Result<Value<'static>> {
    Ok(Value::Interval(match values {
        [Value::Text(text)] => interval_of(text, None)?,
        [Value::Time(micros)] => Span { micros: *micros, ..Span::default() },
        _ => return wrong(values),
    }))
}

/// An interval of a text.
///
/// # Errors
/// When it is not one.
pub(in super::super) fn interval_of(
    text: &str,
    named: Option<intervals::fields::Fields>,
) -> Result<Span> {
    intervals::reading::read(text, named).map_err(|fault| match fault {
        Fault::Range => exec_datafusion_err!("interval field value out of range: \"{text}\""),
        _ => exec_datafusion_err!("invalid input syntax for type interval: \"{text}\""),
    })
}

/// A time of day; a date and an offset with it are passed over.
fn time_of_day(text: &str) -> Result<i64, Fault> {
    let all = fields(text, |word| meaning(word) != Meaning::Unknown).ok_or(Fault::Syntax)?;
    if let [(Look::Date, day), (Look::Time, time), rest @ ..] = all.as_slice() {
        // Other ways to write a date are told from times by rules of their own.
        let is_iso = day.len() == 10 && day.find('-') == Some(4);
        let is_plain = day.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let has_offset = matches!(rest, [] | [(Look::Signed, _)]);
        return match is_iso && is_plain && has_offset && !time.is_empty() {
            true => Ok(read(text)?.moment.time()),
            false => Err(Fault::Syntax),
        };
    }
    let (mut time, mut half, mut has_zone) = (None, None, false);
    for (look, field) in &all {
        match look {
            Look::Time if time.is_none() => time = Some(super::reading::clock(field)?),
            Look::Number if time.is_none() => time = Some(run_together(field)?),
            Look::Signed if !has_zone => {
                Zone::of_input(field).ok_or(Fault::Syntax)?;
                has_zone = true;
            }
            Look::Word => match meaning(field) {
                found @ (Meaning::Forenoon | Meaning::Afternoon) if half.is_none() => {
                    half = Some(found);
                }
                // It is midnight in UTC.
                Meaning::Midnight if time.is_none() && !has_zone => {
                    time = Some(Moment::default());
                    has_zone = true;
                }
                Meaning::Time if time.is_none() => {}
                _ if !has_zone && Zone::abbreviated(field).is_some() => has_zone = true,
                _ => return Err(Fault::Syntax),
            },
            _ => return Err(Fault::Syntax),
        }
    }
    let mut at = time.ok_or(Fault::Syntax)?;
    at.hour = hour(at.hour, half)?;
    match at.time() <= DAY && at.hour <= 24 {
        true => Ok(at.time()),
        false => Err(Fault::Range),
    }
}

/// `hhmm` or `hhmmss`, with a fraction or without one.
fn run_together(digits: &str) -> Result<Moment, Fault> {
    let whole = digits.split('.').next().unwrap_or_default();
    let colons = match (whole.get(..2), whole.get(2..4), whole.get(4..)) {
        (Some(hour), Some(minute), Some("")) => format!("{hour}:{minute}:00"),
        (Some(hour), Some(minute), Some(second)) if second.len() == 2 => {
            format!("{hour}:{minute}:{second}{}", digits.get(6..).unwrap_or_default())
        }
        _ => return Err(Fault::Syntax),
    };
    super::reading::clock(&colons)
}

fn told(fault: Fault, text: &str, name: &str) -> DataFusionError {
    match fault {
        Fault::Syntax => exec_datafusion_err!("invalid input syntax for type {name}: \"{text}\""),
        Fault::Range => exec_datafusion_err!("date/time field value out of range: \"{text}\""),
        Fault::Refused => {
            exec_datafusion_err!("\"{text}\" is not supported as a value of type {name}")
        }
        Fault::Zone(zone) => not_recognized(&zone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_read_without_their_date() {
        let told = |text: &str| time_of_day(text).map(text::time);
        for (text, expected) in [
            ("10:00", "10:00:00"),
            ("040506", "04:05:06"),
            ("0405", "04:05:00"),
            ("04:05 PM", "16:05:00"),
            ("04:05:06.789-08:00", "04:05:06.789"),
            ("24:00", "24:00:00"),
            ("2020-01-01 04:05", "04:05:00"),
            ("allballs", "00:00:00"),
        ] {
            assert_eq!(told(text).as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(told("24:01"), Err(Fault::Range));
        assert_eq!(told("x"), Err(Fault::Syntax));
        assert_eq!(told("4"), Err(Fault::Syntax));
    }
}
