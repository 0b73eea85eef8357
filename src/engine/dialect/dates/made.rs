//! Dates, times and timestamps made of their parts.

use datafusion::common::exec_datafusion_err;
use datafusion::error::Result;

use super::calendar::{
    DAY, HOUR, MINUTE, checked_day, days, instant, month_days, timestamp_out_of_range,
};

/// A date; a negative year is one before Christ.
///
/// # Errors
/// When there is no such date.
pub(in super::super) fn date(year: i32, month: i32, day: i32) -> Result<i32> {
    let out = || exec_datafusion_err!("date field value out of range: {year}-{month:02}-{day:02}");
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let astronomical = match year {
        0 => return Err(out()),
        year if year < 0 => year + 1,
        year => year,
    };
    let is_day = (1..=12).contains(&month) && (1..=month_days(astronomical, month)).contains(&day);
    if !is_day {
        return Err(out());
    }
    checked_day(days(astronomical, month, day))
}

/// A time of day.
///
/// # Errors
/// When there is no such time.
pub(in super::super) fn time(hour: i32, minute: i32, second: f64) -> Result<i64> {
    let out =
        || exec_datafusion_err!("time field value out of range: {hour}:{minute:02}:{second:02}");
    if second.is_nan() || !(0..=24).contains(&hour) || !(0..=59).contains(&minute) {
        return Err(out());
    }
    let seconds = (second * 1e6).round_ties_even();
    if !(0.0..=60e6).contains(&seconds) {
        return Err(out());
    }
    let micros = i64::from(hour) * HOUR + i64::from(minute) * MINUTE + seconds as i64;
    if micros > DAY { Err(out()) } else { Ok(micros) }
}

/// A timestamp.
///
/// # Errors
/// When there is no such time.
pub(in super::super) fn timestamp(parts: [i32; 5], second: f64) -> Result<i64> {
    let [year, month, day, hour, minute] = parts;
    instant(date(year, month, day)?.into(), time(hour, minute, second)?)
}

/// The instant so many seconds after 1970 began.
///
/// # Errors
/// When timestamps do not reach it.
pub(in super::super) fn of_epoch(seconds: f64) -> Result<i64> {
    let micros = (seconds * 1e6).round_ties_even();
    match micros.abs() < 9.223_372_036_854_775e18 {
        true => super::calendar::within(Some(micros as i64)),
        false => Err(timestamp_out_of_range()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::text;
    use super::*;

    #[test]
    fn parts_make_a_date_or_an_error() {
        let told = |y, m, d| date(y, m, d).map(|day| text::date(day.into())).ok();
        assert_eq!(told(2020, 2, 29).as_deref(), Some("2020-02-29"));
        assert_eq!(told(-44, 3, 15).as_deref(), Some("0044-03-15 BC"));
        assert_eq!((told(2021, 2, 29), told(0, 1, 1), told(2020, 13, 1)), (None, None, None));
        assert_eq!(told(10_000_000, 1, 1), None);
    }

    #[test]
    fn seconds_have_fractions() {
        assert_eq!(text::time(time(8, 15, 23.5).unwrap()), "08:15:23.5");
        assert_eq!(time(24, 0, 0.0).unwrap(), DAY);
        assert!(time(24, 0, 1.0).is_err() && time(8, 60, 0.0).is_err());
        assert!(time(8, 0, f64::NAN).is_err() && time(8, 0, -1.0).is_err());
        let at = timestamp([2013, 7, 15, 8, 15], 23.5).unwrap();
        assert_eq!(text::timestamp(at, false), "2013-07-15 08:15:23.5");
        assert_eq!(of_epoch(1.5).unwrap(), 1_500_000);
        assert!(of_epoch(f64::INFINITY).is_err() && of_epoch(f64::NAN).is_err());
    }
}
