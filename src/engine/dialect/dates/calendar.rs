//! The calendar: days, months and weeks by arithmetic on integers, for every year that PostgreSQL has.
//!
//! Years are counted astronomically: year 0 is 1 BC. Days are counted from 1970-01-01, and time in
//! microseconds, as columns hold them.

use datafusion::common::exec_datafusion_err;
use datafusion::error::{DataFusionError, Result};

pub(in super::super) const SECOND: i64 = 1_000_000;
pub(in super::super) const MINUTE: i64 = 60 * SECOND;
pub(in super::super) const HOUR: i64 = 60 * MINUTE;
pub(in super::super) const DAY: i64 = 24 * HOUR;

/// The Julian day of 1970-01-01.
pub(in super::super) const JULIAN: i64 = 2_440_588;
/// The first day that PostgreSQL has: 4714-11-24 BC.
const FIRST_DAY: i64 = -JULIAN;
/// The last day that PostgreSQL has: 5874897-12-31.
const LAST_DAY: i64 = 2_147_483_493 - JULIAN;
/// The first instant that PostgreSQL has. The last is where the microseconds end, in the year 294247.
const FIRST_INSTANT: i64 = FIRST_DAY * DAY;

/// A day and a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in super::super) struct Moment {
    pub year: i64,
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    pub micro: i64,
}

impl Moment {
    /// The reading of a clock at so many microseconds.
    pub fn of(micros: i64) -> Self {
        let mut moment = Self::of_day(micros.div_euclid(DAY));
        moment.set_time(micros.rem_euclid(DAY));
        moment
    }

    /// Midnight of a day.
    pub fn of_day(day: i64) -> Self {
        let (year, month, day) = date(day);
        Self { year, month, day, ..Self::default() }
    }

    /// Sets the time of day.
    pub fn set_time(&mut self, micros: i64) {
        self.hour = micros / HOUR;
        self.minute = micros % HOUR / MINUTE;
        self.second = micros % MINUTE / SECOND;
        self.micro = micros % SECOND;
    }

    /// Microseconds since midnight.
    pub fn time(&self) -> i64 {
        self.hour * HOUR + self.minute * MINUTE + self.second * SECOND + self.micro
    }

    /// Microseconds since the full hour.
    pub fn time_of_hour(&self) -> i64 {
        self.minute * MINUTE + self.second * SECOND + self.micro
    }

    /// The day, counted from 1970-01-01.
    pub fn day_number(&self) -> i64 {
        days(self.year, self.month, self.day)
    }

    /// The microseconds of the moment.
    ///
    /// # Errors
    /// When timestamps do not reach it.
    pub fn micros(&self) -> Result<i64> {
        instant(self.day_number(), self.time())
    }

    /// The day of the year, from one.
    pub fn day_of_year(&self) -> i64 {
        self.day_number() - days(self.year, 1, 1) + 1
    }
}

/// The microseconds of a time of a day.
///
/// # Errors
/// When timestamps do not reach it.
pub(in super::super) fn instant(day: i64, time: i64) -> Result<i64> {
    let micros = day.checked_mul(DAY).and_then(|start| start.checked_add(time));
    micros.filter(|micros| *micros >= FIRST_INSTANT).ok_or_else(timestamp_out_of_range)
}

/// A timestamp that PostgreSQL has.
///
/// # Errors
/// When it lies before all of them.
pub(in super::super) fn within(micros: Option<i64>) -> Result<i64> {
    micros.filter(|micros| *micros >= FIRST_INSTANT).ok_or_else(timestamp_out_of_range)
}

/// A day as a column holds it.
///
/// # Errors
/// When PostgreSQL has no such date.
pub(in super::super) fn checked_day(day: i64) -> Result<i32> {
    let found = Some(day).filter(|day| (FIRST_DAY..=LAST_DAY).contains(day));
    found
        .and_then(|day| i32::try_from(day).ok())
        .ok_or_else(|| exec_datafusion_err!("date out of range"))
}

pub(in super::super) fn timestamp_out_of_range() -> DataFusionError {
    exec_datafusion_err!("timestamp out of range")
}

pub(in super::super) fn is_leap(year: i64) -> bool {
    year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0)
}

/// The days of a month.
pub(in super::super) fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The days from 1970-01-01 to a date. A year begins in March here, so that a leap day ends it, and 400
/// years make an era of 146,097 days.
pub(in super::super) fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of a number of days from 1970-01-01.
pub(in super::super) fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * of_era + of_era / 4 - of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + of_era + i64::from(month <= 2);
    (year, month, day)
}

/// The day of the week: Sunday is 0.
pub(in super::super) fn weekday(day: i64) -> i64 {
    (day + 4).rem_euclid(7)
}

/// The day of the week: Monday is 1, and Sunday 7.
pub(in super::super) fn iso_weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7) + 1
}

/// The Monday of a week of ISO 8601: the first holds January 4.
pub(in super::super) fn iso_monday(year: i64, week: i64) -> i64 {
    let fourth = days(year, 1, 4);
    fourth - (iso_weekday(fourth) - 1) + (week - 1) * 7
}

/// The year, week and day of the year of ISO 8601.
pub(in super::super) fn iso(day: i64) -> (i64, i64, i64) {
    // A week belongs to the year of its Thursday.
    let (year, ..) = date(day - iso_weekday(day) + 4);
    let of_year = day - iso_monday(year, 1);
    (year, of_year / 7 + 1, of_year + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_each_others_inverse() {
        for day in (FIRST_DAY..=LAST_DAY).step_by(99_991) {
            let (year, month, of_month) = date(day);
            assert_eq!(days(year, month, of_month), day);
            assert!((1..=12).contains(&month) && of_month <= month_days(year, month));
        }
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(days(2000, 2, 29) + 1, days(2000, 3, 1));
        assert_eq!(date(FIRST_DAY), (-4713, 11, 24));
        assert_eq!(date(LAST_DAY), (5_874_897, 12, 31));
    }

    #[test]
    fn weeks_belong_to_the_year_of_their_thursday() {
        assert_eq!(iso(days(2021, 1, 3)), (2020, 53, 371));
        assert_eq!(iso(days(2021, 1, 4)), (2021, 1, 1));
        assert_eq!(iso(days(2018, 12, 31)).0, 2019);
        assert_eq!((weekday(0), iso_weekday(0)), (4, 4));
        assert_eq!((weekday(3), iso_weekday(3)), (0, 7));
    }

    #[test]
    fn a_moment_before_1970_has_a_time_of_its_own_day() {
        let before = Moment::of(-1);
        assert_eq!((before.year, before.hour, before.micro), (1969, 23, 999_999));
        assert_eq!(before.micros().unwrap(), -1);
        assert!(instant(FIRST_DAY - 1, 0).is_err());
        assert!(checked_day(LAST_DAY + 1).is_err());
    }
}
