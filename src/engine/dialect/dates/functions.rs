//! The functions of dates and times that SQL may call, by what they take.

use std::borrow::Cow;
use std::sync::Arc;

use datafusion::common::{ScalarValue, exec_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::super::exact::Exact;
use super::super::intervals::fields::{Fields, to_places};
use super::super::intervals::justified;
use super::super::intervals::span::Span;
use super::super::numbers::{self, Number};
use super::super::overloads::{Overload, Run, function, shaped, wrong};
use super::super::values::{Kind, Value};
use super::calendar::DAY;
use super::parts::{self, Of};
use super::zone::Zone;
use super::{made, moved, scanned, shown, truncated};

macro_rules! forms {
    ($($run:ident($($takes:ident),*) => $gives:expr),* $(,)?) => {
        &[$(Overload { takes: &[$(Kind::$takes),*], gives: $gives, run: $run }),*]
    };
}

/// A numeric without places.
const WHOLE: Kind = Kind::Numeric(20, 0);

/// `extract(part from value)`, as the syntax tree is rewritten.
pub(in super::super) const EXTRACT: &str = "extract";
/// `interval 'text' fields`, as the syntax tree is rewritten.
pub(in super::super) const INTERVAL: &str = "interval_literal";
/// A type's fields or precision, applied to a value.
pub(in super::super) const FITTED: &str = "fitted";

/// All of them, by name.
const FUNCTIONS: &[(&str, &[Overload])] = &[
    (
        "age",
        forms!(
            age(Timestamp, Timestamp) => Kind::Interval,
            age(Instant, Instant) => Kind::Interval,
        ),
    ),
    (
        "date_bin",
        forms!(
            date_bin(Interval, Timestamp, Timestamp) => Kind::Timestamp,
            date_bin(Interval, Instant, Instant) => Kind::Instant,
        ),
    ),
    (
        "date_part",
        forms!(
            date_part(Text, Date) => Kind::Float,
            date_part(Text, Time) => Kind::Float,
            date_part(Text, Timestamp) => Kind::Float,
            date_part(Text, Instant) => Kind::Float,
            date_part(Text, Interval) => Kind::Float,
        ),
    ),
    (
        "date_trunc",
        forms!(
            date_trunc(Text, Timestamp) => Kind::Timestamp,
            date_trunc(Text, Instant) => Kind::Instant,
            date_trunc(Text, Interval) => Kind::Interval,
            date_trunc(Text, Instant, Text) => Kind::Instant,
        ),
    ),
    (
        FITTED,
        forms!(
            fitted(Time, Text, Integer) => Kind::Time,
            fitted(Timestamp, Text, Integer) => Kind::Timestamp,
            fitted(Instant, Text, Integer) => Kind::Instant,
            fitted(Interval, Text, Integer) => Kind::Interval,
        ),
    ),
    (INTERVAL, forms!(interval(Text, Text, Integer) => Kind::Interval)),
    (
        "isfinite",
        forms!(
            isfinite(Date) => Kind::Boolean,
            isfinite(Timestamp) => Kind::Boolean,
            isfinite(Instant) => Kind::Boolean,
            isfinite(Interval) => Kind::Boolean,
        ),
    ),
    ("justify_days", forms!(justify_days(Interval) => Kind::Interval)),
    ("justify_hours", forms!(justify_hours(Interval) => Kind::Interval)),
    ("justify_interval", forms!(justify_interval(Interval) => Kind::Interval)),
    ("make_date", forms!(make_date(Integer, Integer, Integer) => Kind::Date)),
    (
        "make_interval",
        forms!(
            make_interval(Integer, Integer, Integer, Integer, Integer, Integer, Float) => Kind::Interval,
        ),
    ),
    ("make_time", forms!(make_time(Integer, Integer, Float) => Kind::Time)),
    (
        "make_timestamp",
        forms!(
            make_timestamp(Integer, Integer, Integer, Integer, Integer, Float) => Kind::Timestamp,
        ),
    ),
    (
        "make_timestamptz",
        forms!(
            make_timestamptz(Integer, Integer, Integer, Integer, Integer, Float) => Kind::Instant,
            make_timestamptz(Integer, Integer, Integer, Integer, Integer, Float, Text) => Kind::Instant,
        ),
    ),
    (
        "timezone",
        forms!(
            timezone(Text, Timestamp) => Kind::Instant,
            timezone(Text, Instant) => Kind::Timestamp,
            timezone(Interval, Timestamp) => Kind::Instant,
            timezone(Interval, Instant) => Kind::Timestamp,
        ),
    ),
    ("to_char", TO_CHAR),
    ("to_date", forms!(to_date(Text, Text) => Kind::Date)),
    (
        "to_timestamp",
        forms!(
            to_timestamp(Float) => Kind::Instant,
            to_timestamp(Text, Text) => Kind::Instant,
        ),
    ),
];

const fn to_text(takes: &'static [Kind], run: Run) -> Overload {
    Overload { takes, gives: Kind::Text, run }
}

const TO_CHAR: &[Overload] = &[
    to_text(&[Kind::Timestamp, Kind::Text], to_char),
    to_text(&[Kind::Instant, Kind::Text], to_char),
    to_text(&[Kind::Interval, Kind::Text], to_char),
    to_text(&[Kind::Time, Kind::Text], to_char),
    to_text(&[Kind::Integer, Kind::Text], number_to_char),
    to_text(&[Kind::Bigint, Kind::Text], number_to_char),
    to_text(&[Kind::Float, Kind::Text], number_to_char),
    to_text(&[Kind::Real, Kind::Text], number_to_char),
    to_text(&[Kind::Numeric(38, 0), Kind::Text], number_to_char),
];

const EXTRACTS: &[Overload] = forms!(
    extract(Text, Date) => WHOLE,
    extract(Text, Time) => WHOLE,
    extract(Text, Timestamp) => WHOLE,
    extract(Text, Instant) => WHOLE,
    extract(Text, Interval) => WHOLE,
);

/// The functions for the engine.
pub(in super::super) fn all() -> Vec<Arc<ScalarUDF>> {
    let functions = FUNCTIONS.iter().map(|(name, overloads)| Arc::new(function(name, overloads)));
    let extract = Arc::new(shaped(EXTRACT, EXTRACTS, Some(numeric)));
    functions.chain([extract, super::quoted::function()]).collect()
}

/// Whether a function's quoted arguments are of the type that its other arguments ask for.
pub(in super::super) fn takes_quoted(name: &str) -> bool {
    name == EXTRACT || FUNCTIONS.iter().any(|(known, _)| *known == name)
}

/// The numeric that a part has.
fn numeric(constants: &[Option<&ScalarValue>], overload: &Overload) -> Result<Kind> {
    let is_date = overload.takes.get(1) == Some(&Kind::Date);
    let part = match constants.first() {
        Some(Some(ScalarValue::Utf8(Some(part)))) => part.as_str(),
        _ => return exec_err!("the part to extract is not a constant"),
    };
    Ok(match parts::places(part, is_date) {
        0 => WHOLE,
        places if places > 6 => Kind::Numeric(38, places),
        places => Kind::Numeric(24, places),
    })
}

fn text(text: String) -> Value<'static> {
    Value::Text(Cow::Owned(text))
}

fn age(values: &[Value<'_>]) -> Result<Value<'static>> {
    match values {
        [Value::Timestamp(end), Value::Timestamp(begin)]
        | [Value::Instant(end), Value::Instant(begin)] => {
            moved::age(*end, *begin).map(Value::Interval)
        }
        _ => wrong(values),
    }
}

fn date_bin(values: &[Value<'_>]) -> Result<Value<'static>> {
    match values {
        [Value::Interval(width), Value::Timestamp(at), Value::Timestamp(origin)] => {
            truncated::bin(*width, *at, *origin).map(Value::Timestamp)
        }
        [Value::Interval(width), Value::Instant(at), Value::Instant(origin)] => {
            truncated::bin(*width, *at, *origin).map(Value::Instant)
        }
        _ => wrong(values),
    }
}

fn extract(values: &[Value<'_>]) -> Result<Value<'static>> {
    match values {
        [Value::Text(part), value] => match Of::read(value) {
            Some(of) => parts::part(part, of).map(Value::Numeric),
            None => wrong(values),
        },
        _ => wrong(values),
    }
}

fn date_part(values: &[Value<'_>]) -> Result<Value<'static>> {
    let [Value::Text(part), value] = values else { return wrong(values) };
    // A date is a timestamp here: it has an hour.
    let of = match Of::read(value) {
        Some(Of::Date(day)) => Of::Timestamp(super::calendar::instant(day, 0)?),
        Some(of) => of,
        None => return wrong(values),
    };
    let found = parts::part(part, of)?;
    let places = i32::from(parts::places(part, false));
    Ok(Value::Float(found as f64 / 10_f64.powi(places)))
}

fn date_trunc(values: &[Value<'_>]) -> Result<Value<'static>> {
    Ok(match values {
        [Value::Text(unit), Value::Timestamp(at)] => {
            Value::Timestamp(truncated::timestamp(unit, *at, "timestamp without time zone")?)
        }
        [Value::Text(unit), Value::Instant(at)] => {
            Value::Instant(truncated::timestamp(unit, *at, ZONED)?)
        }
        [Value::Text(unit), Value::Instant(at), Value::Text(zone)] => {
            Value::Instant(truncated_there(unit, *at, Zone::of_text(zone)?)?)
        }
        [Value::Text(unit), Value::Interval(span)] => {
            Value::Interval(truncated::interval(unit, *span)?)
        }
        _ => return wrong(values),
    })
}

const ZONED: &str = "timestamp with time zone";

/// The beginning of a unit by the clocks of a zone.
fn truncated_there(unit: &str, at: i64, zone: Zone) -> Result<i64> {
    let reading = zone.reading(at)?;
    let begin = truncated::timestamp(unit, reading, ZONED)?;
    // Within a day the offset stays: an hour that a clock has twice begins twice.
    let is_within_day = reading.div_euclid(DAY) == begin.div_euclid(DAY);
    let is_time = is_within_day && !truncated::is_of_days(unit);
    match is_time {
        true => super::calendar::within(at.checked_sub(reading - begin)),
        false => zone.moment(begin),
    }
}

fn fitted(values: &[Value<'_>]) -> Result<Value<'static>> {
    // Years around 2000 are where PostgreSQL counts from, and halves are rounded away from there.
    const EPOCH: i64 = 946_684_800_000_000;
    let around = |micros: i64, places: &i32| match micros.checked_sub(EPOCH) {
        Some(distance) => to_places(distance, (*places).into()).saturating_add(EPOCH),
        None => micros,
    };
    Ok(match values {
        [Value::Time(micros), _, Value::Integer(places)] => {
            Value::Time(to_places(*micros, (*places).into()))
        }
        [Value::Timestamp(micros), _, Value::Integer(places)] => {
            Value::Timestamp(around(*micros, places))
        }
        [Value::Instant(micros), _, Value::Integer(places)] => {
            Value::Instant(around(*micros, places))
        }
        [Value::Interval(span), Value::Text(fields), Value::Integer(places)] => {
            let cut = Fields::named(fields).map_or(*span, |fields| fields.cut(*span));
            let micros = to_places(cut.micros, (*places).into());
            Value::Interval(Span { micros, ..cut })
        }
        _ => return wrong(values),
    })
}

fn interval(values: &[Value<'_>]) -> Result<Value<'static>> {
    let [Value::Text(text), fields @ Value::Text(name), places] = values else {
        return wrong(values);
    };
    let span = super::casts::interval_of(text, Fields::named(name))?;
    fitted(&[Value::Interval(span), fields.clone(), places.clone()])
}

/// No value here is infinite.
fn isfinite(_: &[Value<'_>]) -> Result<Value<'static>> {
    Ok(Value::Boolean(true))
}

fn justify_days(values: &[Value<'_>]) -> Result<Value<'static>> {
    match values {
        [Value::Interval(span)] => justified::days(*span).map(Value::Interval),
        _ => wrong(values),
    }
}

fn justify_hours(values: &[Value<'_>]) -> Result<Value<'static>> {
    match values {
        [Value::Interval(span)] => justified::hours(*span).map(Value::Interval),
        _ => wrong(values),
    }
}

fn justify_interval(values: &[Value<'_>]) -> Result<Value<'static>> {
    match values {
        [Value::Interval(span)] => justified::both(*span).map(Value::Interval),
        _ => wrong(values),
    }
}

fn make_date(values: &[Value<'_>]) -> Result<Value<'static>> {
    match values {
        [Value::Integer(year), Value::Integer(month), Value::Integer(day)] => {
            made::date(*year, *month, *day).map(Value::Date)
        }
        _ => wrong(values),
    }
}

fn make_time(values: &[Value<'_>]) -> Result<Value<'static>> {
    match values {
        [Value::Integer(hour), Value::Integer(minute), Value::Float(second)] => {
            made::time(*hour, *minute, *second).map(Value::Time)
        }
        _ => wrong(values),
    }
}

/// The integers that values begin with.
fn integers<const N: usize>(values: &[Value<'_>]) -> [i32; N] {
    let mut found = [0; N];
    for (place, value) in found.iter_mut().zip(values) {
        if let Value::Integer(number) = value {
            *place = *number;
        }
    }
    found
}

fn make_interval(values: &[Value<'_>]) -> Result<Value<'static>> {
    match values.last() {
        Some(Value::Float(seconds)) => {
            justified::made(integers(values), *seconds).map(Value::Interval)
        }
        _ => wrong(values),
    }
}

fn make_timestamp(values: &[Value<'_>]) -> Result<Value<'static>> {
    match values.get(5) {
        Some(Value::Float(second)) => {
            made::timestamp(integers(values), *second).map(Value::Timestamp)
        }
        _ => wrong(values),
    }
}

fn make_timestamptz(values: &[Value<'_>]) -> Result<Value<'static>> {
    let reading = match values.get(5) {
        Some(Value::Float(second)) => made::timestamp(integers(values), *second)?,
        _ => return wrong(values),
    };
    let zone = match values.get(6) {
        Some(Value::Text(name)) => match Zone::of_input(name) {
            Some(zone) => zone,
            None => Zone::of_text(name)?,
        },
        _ => Zone::UTC,
    };
    zone.moment(reading).map(Value::Instant)
}

fn timezone(values: &[Value<'_>]) -> Result<Value<'static>> {
    let zone = match values.first() {
        Some(Value::Text(name)) => Zone::of_text(name)?,
        Some(Value::Interval(span)) if span.months != 0 || span.days != 0 => {
            return exec_err!("interval time zone must not include months or days");
        }
        Some(Value::Interval(span)) => {
            Zone::Fixed(i32::try_from(span.micros / 1_000_000).unwrap_or(0))
        }
        _ => return wrong(values),
    };
    match values.get(1) {
        Some(Value::Timestamp(at)) => zone.moment(*at).map(Value::Instant),
        Some(Value::Instant(at)) => zone.reading(*at).map(Value::Timestamp),
        _ => wrong(values),
    }
}

fn to_char(values: &[Value<'_>]) -> Result<Value<'static>> {
    let [value, Value::Text(template)] = values else { return wrong(values) };
    let found = match value {
        Value::Timestamp(micros) => shown::timestamp(*micros, false, template)?,
        Value::Instant(micros) => shown::timestamp(*micros, true, template)?,
        Value::Interval(span) => shown::interval(*span, template)?,
        Value::Time(micros) => {
            shown::interval(Span { micros: *micros, ..Span::default() }, template)?
        }
        _ => return wrong(values),
    };
    Ok(found.map_or(Value::Null, text))
}

/// The kinds of numbers in templates: a double has fifteen digits, and a single six.
fn number_to_char(values: &[Value<'_>]) -> Result<Value<'static>> {
    let [value, Value::Text(template)] = values else { return wrong(values) };
    let number = match value {
        Value::Integer(value) => Number::Integer(*value),
        Value::Bigint(value) => Number::Exact(Exact::new(*value, 0)),
        Value::Decimal(units, scale) => Number::Exact(Exact::new(*units, (*scale).into())),
        Value::Float(value) => Number::Float(*value, 15),
        Value::Real(value) => Number::Float((*value).into(), 6),
        _ => return wrong(values),
    };
    numbers::number(&number, template).map(text)
}

fn to_date(values: &[Value<'_>]) -> Result<Value<'static>> {
    match values {
        [Value::Text(text), Value::Text(template)] => {
            let day = scanned::read(text, template)?.moment.day_number();
            super::calendar::checked_day(day).map(Value::Date)
        }
        _ => wrong(values),
    }
}

fn to_timestamp(values: &[Value<'_>]) -> Result<Value<'static>> {
    match values {
        [Value::Float(seconds)] => made::of_epoch(*seconds).map(Value::Instant),
        [Value::Text(text), Value::Text(template)] => {
            let found = scanned::read(text, template)?;
            let east = i32::try_from(found.offset.unwrap_or(0)).unwrap_or(0);
            Zone::Fixed(east).moment(found.moment.micros()?).map(Value::Instant)
        }
        _ => wrong(values),
    }
}
