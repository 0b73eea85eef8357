//! `date_trunc` of timestamps and intervals, and `date_bin`.

use datafusion::common::exec_err;
use datafusion::error::Result;

use super::super::intervals::span::Span;
use super::calendar::{
    DAY, HOUR, MINUTE, Moment, SECOND, days, instant, iso_weekday, timestamp_out_of_range,
};
use super::words;

/// The name of a unit; `kind` is the type of the value.
fn named(unit: &str, kind: &str) -> Result<&'static str> {
    match words::unit(&unit.to_ascii_lowercase()) {
        Some(known) => Ok(known),
        None => exec_err!("unit \"{unit}\" not recognized for type {kind}"),
    }
}

/// The beginning of the unit in which a timestamp lies.
///
/// # Errors
/// When there is no such unit, or its beginning lies before all timestamps.
pub(in super::super) fn timestamp(unit: &str, micros: i64, kind: &str) -> Result<i64> {
    let at = Moment::of(micros);
    let (day, time) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let year = at.year;
    let start = |count: i64| match year > 0 {
        true => (year + count - 1) / count * count - (count - 1),
        false => -((count - 1 - (year - 1)) / count) * count + 1,
    };
    let (day, time) = match named(unit, kind)? {
        "microsecond" => (day, time),
        "millisecond" => (day, time / 1_000 * 1_000),
        "second" => (day, time / SECOND * SECOND),
        "minute" => (day, time / MINUTE * MINUTE),
        "hour" => (day, time / HOUR * HOUR),
        "day" => (day, 0),
        "week" => (day - (iso_weekday(day) - 1), 0),
        "month" => (days(year, at.month, 1), 0),
        "quarter" => (days(year, (at.month - 1) / 3 * 3 + 1, 1), 0),
        "year" => (days(year, 1, 1), 0),
        "decade" if year > 0 => (days(year / 10 * 10, 1, 1), 0),
        "decade" => (days(-((8 - (year - 1)) / 10) * 10, 1, 1), 0),
        "century" => (days(start(100), 1, 1), 0),
        "millennium" => (days(start(1_000), 1, 1), 0),
        _ => return exec_err!("unit \"{unit}\" not supported for type {kind}"),
    };
    instant(day, time)
}

/// Whether a unit is a day, or made of days.
pub(super) fn is_of_days(unit: &str) -> bool {
    let smaller = ["microsecond", "millisecond", "second", "minute", "hour"];
    words::unit(&unit.to_ascii_lowercase()).is_some_and(|unit| !smaller.contains(&unit))
}

/// An interval without what is smaller than a unit.
///
/// # Errors
/// When there is no such unit.
pub(in super::super) fn interval(unit: &str, span: Span) -> Result<Span> {
    let months = |count: i32| Span { months: span.months / count * count, days: 0, micros: 0 };
    let to = |unit: i64| Span { micros: span.micros / unit * unit, ..span };
    Ok(match named(unit, "interval")? {
        "millennium" => months(12_000),
        "century" => months(1_200),
        "decade" => months(120),
        "year" => months(12),
        "quarter" => months(3),
        "month" => months(1),
        "day" => Span { micros: 0, ..span },
        "hour" => to(HOUR),
        "minute" => to(MINUTE),
        "second" => to(SECOND),
        "millisecond" => to(1_000),
        "microsecond" => span,
        _ => return exec_err!("unit \"{unit}\" not supported for type interval"),
    })
}

/// The beginning of the bin in which a timestamp lies, where bins of a width begin at an origin.
///
/// # Errors
/// When the width is not one, or the bin lies beyond timestamps.
pub(in super::super) fn bin(width: Span, micros: i64, origin: i64) -> Result<i64> {
    if width.months != 0 {
        return exec_err!("timestamps cannot be binned into intervals containing months or years");
    }
    let stride = i64::from(width.days).checked_mul(DAY).and_then(|d| d.checked_add(width.micros));
    let Some(stride) = stride else { return exec_err!("interval out of range") };
    if stride <= 0 {
        return exec_err!("stride must be greater than zero");
    }
    let distance = micros.checked_sub(origin).ok_or_else(timestamp_out_of_range)?;
    super::calendar::within(micros.checked_sub(distance.rem_euclid(stride)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_begin_where_postgresqls_do() {
        let cut = |unit, year, month, day| {
            let at = instant(days(year, month, day), 5 * HOUR).unwrap();
            let at = Moment::of(timestamp(unit, at, "timestamp").unwrap());
            (at.year, at.month, at.day)
        };
        assert_eq!(cut("week", 2021, 1, 3), (2020, 12, 28));
        assert_eq!(cut("qtr", 9999, 12, 31), (9999, 10, 1));
        assert_eq!(cut("century", 2000, 1, 1), (1901, 1, 1));
        assert_eq!(cut("millennium", 2001, 5, 5), (2001, 1, 1));
        assert_eq!(cut("decade", 1600, 5, 5), (1600, 1, 1));
        assert_eq!(cut("century", -50, 5, 5), (-99, 1, 1));
        assert!(timestamp("fortnight", 0, "timestamp").is_err());
        assert!(timestamp("timezone", 0, "timestamp").is_err());
    }

    #[test]
    fn bins_reach_back_behind_their_origin() {
        let week = Span { days: 7, ..Span::default() };
        assert_eq!(bin(week, DAY, 31 * DAY).unwrap(), -4 * DAY);
        assert_eq!(bin(week, 31 * DAY, 31 * DAY).unwrap(), 31 * DAY);
        assert!(bin(Span { months: 1, ..week }, 0, 0).is_err());
        assert!(bin(Span::default(), 0, 0).is_err());
    }
}
