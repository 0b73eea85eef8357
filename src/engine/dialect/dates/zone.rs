//! Zones of time, by name, abbreviation or offset.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};
use datafusion::common::exec_datafusion_err;
use datafusion::error::{DataFusionError, Result};

use super::abbreviations::ABBREVIATIONS;
use super::calendar::{Moment, SECOND, instant, is_leap, timestamp_out_of_range, weekday, within};

/// A zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Zone {
    /// Always so many seconds east of UTC.
    Fixed(i32),
    Named(Tz),
}

/// The last year for which the tables of zones list every change; later years repeat.
const LAST_LISTED: i64 = 2_099;

impl Zone {
    pub const UTC: Self = Self::Fixed(0);

    /// A zone by its name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        static NAMES: LazyLock<HashMap<String, Tz>> = LazyLock::new(|| {
            TZ_VARIANTS.iter().map(|zone| (zone.name().to_ascii_lowercase(), *zone)).collect()
        });
        NAMES.get(&name.to_ascii_lowercase()).copied().map(Self::Named)
    }

    /// A zone by an abbreviation.
    pub fn abbreviated(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let found = ABBREVIATIONS.binary_search_by_key(&lower.as_str(), |(name, _)| name).ok()?;
        ABBREVIATIONS.get(found).map(|(_, seconds)| Self::Fixed(*seconds))
    }

    /// The offset behind a time: `+02`, `-0530`, `+5:45`; east is positive.
    pub fn of_input(text: &str) -> Option<Self> {
        let (sign, rest) = signed(text)?;
        let mut parts = rest.split(':').map(digits);
        let first = parts.next()??;
        let (mut hours, mut minutes, mut seconds) = (first, 0, 0);
        match (parts.next(), parts.next(), parts.next()) {
            (None, ..) if rest.len() > 2 => (hours, minutes) = (first / 100, first % 100),
            (None, ..) => {}
            (Some(m), None, _) => minutes = m?,
            (Some(m), Some(s), None) => (minutes, seconds) = (m?, s?),
            _ => return None,
        }
        let fits = hours <= 15 && minutes < 60 && seconds < 60;
        fits.then_some(Self::Fixed(sign * (hours * 3_600 + minutes * 60 + seconds)))
    }

    /// What a zone behind a time means by its name.
    pub fn behind(text: &str) -> Option<Self> {
        Self::named(text).or_else(|| Self::of_posix(text))
    }

    /// What AT TIME ZONE means by a text: an abbreviation, a name, or an offset as POSIX has it, in which
    /// west is positive: `UTC+3`, `+02`.
    ///
    /// # Errors
    /// When the text is none of these.
    pub fn of_text(text: &str) -> Result<Self> {
        let found = Self::abbreviated(text).or_else(|| Self::named(text));
        found.or_else(|| Self::of_posix(text)).ok_or_else(|| not_recognized(text))
    }

    fn of_posix(text: &str) -> Option<Self> {
        let behind = match text.strip_prefix('<') {
            Some(quoted) => quoted.split_once('>')?.1,
            None => text.trim_start_matches(|c: char| c.is_ascii_alphabetic()),
        };
        let first = behind.chars().next()?;
        let unsigned =
            if first.is_ascii_digit() { format!("+{behind}") } else { behind.to_owned() };
        let (sign, rest) = signed(&unsigned)?;
        let parts = rest.split(':').map(digits).collect::<Option<Vec<i32>>>()?;
        let (hours, minutes, seconds) = match parts.as_slice() {
            [hours] => (*hours, 0, 0),
            [hours, minutes] => (*hours, *minutes, 0),
            [hours, minutes, seconds] => (*hours, *minutes, *seconds),
            _ => return None,
        };
        let fits = hours <= 24 && minutes < 60 && seconds < 60;
        fits.then_some(Self::Fixed(-sign * (hours * 3_600 + minutes * 60 + seconds)))
    }

    /// What a clock in the zone reads at an instant, in microseconds.
    ///
    /// # Errors
    /// When timestamps do not reach it.
    pub fn reading(self, micros: i64) -> Result<i64> {
        let offset = match self {
            Self::Fixed(seconds) => seconds,
            Self::Named(zone) => {
                let at = listed(micros)?;
                zone.offset_from_utc_datetime(&at).fix().local_minus_utc()
            }
        };
        within(micros.checked_add(i64::from(offset) * SECOND))
    }

    /// The instant at which a clock in the zone has a reading. One that a spring night leaves out is read by
    /// the clock before it; one that an autumn night has twice is the later.
    ///
    /// # Errors
    /// When timestamps do not reach it.
    pub fn moment(self, micros: i64) -> Result<i64> {
        let offset = match self {
            Self::Fixed(seconds) => seconds,
            Self::Named(zone) => {
                let read = listed(micros)?;
                let before = || read.checked_sub_signed(chrono::Duration::hours(24));
                let found = offset_of(zone, read).or_else(|| offset_of(zone, before()?));
                found.ok_or_else(timestamp_out_of_range)?
            }
        };
        within(micros.checked_sub(i64::from(offset) * SECOND))
    }
}

fn offset_of(zone: Tz, read: NaiveDateTime) -> Option<i32> {
    match zone.offset_from_local_datetime(&read) {
        LocalResult::Single(offset) => Some(offset.fix().local_minus_utc()),
        LocalResult::Ambiguous(first, second) => {
            Some(first.fix().local_minus_utc().min(second.fix().local_minus_utc()))
        }
        LocalResult::None => None,
    }
}

/// A time in the years that the tables list: of a later year, the same day of a year that begins on the
/// same day of the week and is as long.
fn listed(micros: i64) -> Result<NaiveDateTime> {
    let mut at = Moment::of(micros);
    if at.year > LAST_LISTED {
        let first_day = |year| weekday(Moment { year, month: 1, day: 1, ..at }.day_number());
        let is_like = |year: &i64| {
            is_leap(*year) == is_leap(at.year) && first_day(*year) == first_day(at.year)
        };
        at.year = (LAST_LISTED - 27..=LAST_LISTED).find(is_like).unwrap_or(LAST_LISTED);
    }
    let found = instant(at.day_number(), at.time())?;
    DateTime::from_timestamp_micros(found)
        .map(|at| at.naive_utc())
        .ok_or_else(timestamp_out_of_range)
}

fn signed(text: &str) -> Option<(i32, &str)> {
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    Some((sign, text.get(1..)?))
}

fn digits(text: &str) -> Option<i32> {
    let is_short = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    is_short.then(|| text.parse().ok()).flatten()
}

pub(in super::super) fn not_recognized(name: &str) -> DataFusionError {
    exec_datafusion_err!("time zone \"{name}\" not recognized")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> i64 {
        super::super::reading::read(text).unwrap().moment.micros().unwrap()
    }

    #[test]
    fn clocks_are_read_as_postgresql_reads_them() {
        let berlin = Zone::named("europe/berlin").unwrap();
        let there = |text| berlin.moment(micros(text)).unwrap();
        assert_eq!(there("2026-01-01 12:00:00"), micros("2026-01-01 11:00:00"));
        assert_eq!(there("2026-07-01 12:00:00"), micros("2026-07-01 10:00:00"));
        // Left out in spring, and twice in autumn.
        assert_eq!(there("2026-03-29 02:30:00"), micros("2026-03-29 01:30:00"));
        assert_eq!(there("2026-10-25 02:30:00"), micros("2026-10-25 01:30:00"));
        let read = |text| berlin.reading(micros(text)).unwrap();
        assert_eq!(read("2026-07-01 10:00:00"), micros("2026-07-01 12:00:00"));
        assert_eq!(read("9999-12-31 00:00:00"), micros("9999-12-31 01:00:00"));
    }

    #[test]
    fn summers_of_far_years_have_their_hour() {
        let brussels = Zone::named("Europe/Brussels").unwrap();
        for year in [2_038, 2_099, 2_100, 2_500, 9_999, 200_000] {
            let summer = micros(&format!("{year}-07-01 10:00:00"));
            assert_eq!(brussels.reading(summer).unwrap() - summer, 7_200 * SECOND, "{year}");
        }
        // The last Sunday of March 2500 is the 28th.
        let night = |text| brussels.reading(micros(text)).unwrap() - micros(text);
        assert_eq!(night("2500-03-28 00:59:59"), 3_600 * SECOND);
        assert_eq!(night("2500-03-28 01:00:00"), 7_200 * SECOND);
    }

    #[test]
    fn offsets_point_east_behind_a_time_and_west_in_at_time_zone() {
        assert_eq!(Zone::of_input("+02"), Some(Zone::Fixed(7_200)));
        assert_eq!(Zone::of_input("-0530"), Some(Zone::Fixed(-19_800)));
        assert_eq!(Zone::of_input("+5:45"), Some(Zone::Fixed(20_700)));
        assert_eq!(Zone::of_input("+16"), None);
        let zone = |text| Zone::of_text(text).unwrap();
        assert_eq!(zone("+02"), Zone::Fixed(-7_200));
        assert_eq!(zone("UTC+3"), Zone::Fixed(-10_800));
        assert_eq!(zone("5"), Zone::Fixed(-18_000));
        assert_eq!(zone("est"), Zone::Fixed(-18_000));
        assert!(Zone::of_text("").is_err() && Zone::of_text("Mars").is_err());
        assert!(Zone::of_text(" CET").is_err());
    }
}
