//! Dates, times and zones as contracts write them.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};

/// A time zone: an IANA name or a fixed offset.
#[derive(Debug, Clone, Copy)]
pub enum Zone {
    /// An IANA zone.
    Named(chrono_tz::Tz),
    /// An offset from UTC.
    Fixed(FixedOffset),
}

/// A timestamp bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timestamp {
    /// An instant: it was written with an offset.
    Instant(DateTime<FixedOffset>),
    /// A wall-clock reading.
    Local(NaiveDateTime),
}

/// Reads `2020-12-31`.
pub fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

/// Reads `23:59`, `23:59:59` or `23:59:59.5`.
pub fn time(text: &str) -> Option<NaiveTime> {
    ["%H:%M:%S%.f", "%H:%M"].iter().find_map(|f| NaiveTime::parse_from_str(text, f).ok())
}

/// Reads `2020-12-31T23:59:59Z`, also with a blank for the T, without offset, or a date alone.
pub fn timestamp(text: &str) -> Option<Timestamp> {
    const WITH_OFFSET: &[&str] = &["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z"];
    const LOCAL: &[&str] = &["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(Timestamp::Instant(instant));
    }
    WITH_OFFSET
        .iter()
        .find_map(|f| DateTime::parse_from_str(text, f).ok().map(Timestamp::Instant))
        .or_else(|| {
            LOCAL
                .iter()
                .find_map(|f| NaiveDateTime::parse_from_str(text, f).ok().map(Timestamp::Local))
        })
        .or_else(|| Some(Timestamp::Local(date(text)?.and_time(NaiveTime::MIN))))
}

/// Reads `20201231`, the basic form of ISO 8601.
pub fn basic_date(text: &str) -> Option<NaiveDate> {
    let is_basic = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    NaiveDate::parse_from_str(text, "%Y%m%d").ok().filter(|_| is_basic)
}

/// Reads `2020-12-31T23:59` and `2020-12-31 23:59+01:00`: a timestamp without seconds.
pub fn to_the_minute(text: &str) -> Option<Timestamp> {
    const WITH_OFFSET: &[&str] = &["%Y-%m-%dT%H:%M%#z", "%Y-%m-%d %H:%M%#z"];
    const LOCAL: &[&str] = &["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    let instant = |f: &&str| DateTime::parse_from_str(text, f).ok().map(Timestamp::Instant);
    let local = |f: &&str| NaiveDateTime::parse_from_str(text, f).ok().map(Timestamp::Local);
    let in_utc = text.strip_suffix(['Z', 'z']).and_then(|text| {
        let read = |f: &&str| NaiveDateTime::parse_from_str(text, f).ok();
        let read = LOCAL.iter().find_map(read)?;
        Some(Timestamp::Instant(read.and_utc().fixed_offset()))
    });
    in_utc.or_else(|| WITH_OFFSET.iter().find_map(instant)).or_else(|| LOCAL.iter().find_map(local))
}

/// Reads an IANA name or an offset such as `+02:00`.
pub fn zone(text: &str) -> Option<Zone> {
    if let Ok(named) = text.parse::<chrono_tz::Tz>() {
        return Some(Zone::Named(named));
    }
    text.parse::<FixedOffset>().ok().map(Zone::Fixed)
}

impl Zone {
    /// The instant of a wall-clock reading; the earlier one where clocks were set back.
    pub fn instant(self, local: NaiveDateTime) -> Option<DateTime<chrono::Utc>> {
        match self {
            Self::Named(zone) => {
                zone.from_local_datetime(&local).earliest().map(|t| t.with_timezone(&chrono::Utc))
            }
            Self::Fixed(zone) => {
                zone.from_local_datetime(&local).single().map(|t| t.with_timezone(&chrono::Utc))
            }
        }
    }
}

impl Timestamp {
    /// Nanoseconds since 1970 UTC; a reading without offset is taken in `zone`, by default UTC.
    pub fn nanoseconds(self, zone_name: Option<&str>) -> Option<i128> {
        let instant = match self {
            Self::Instant(instant) => instant.with_timezone(&chrono::Utc),
            Self::Local(local) => match zone_name {
                Some(name) => zone(name)?.instant(local)?,
                None => local.and_utc(),
            },
        };
        let seconds = i128::from(instant.timestamp());
        Some(seconds * 1_000_000_000 + i128::from(instant.timestamp_subsec_nanos()))
    }

    /// Nanoseconds since 1970 on the clock of `zone`, by default UTC.
    pub fn local_nanoseconds(self, zone_name: Option<&str>) -> i128 {
        let local = match self {
            Self::Instant(instant) => match zone_name.and_then(zone) {
                Some(Zone::Named(zone)) => instant.with_timezone(&zone).naive_local(),
                Some(Zone::Fixed(zone)) => instant.with_timezone(&zone).naive_local(),
                None => instant.naive_utc(),
            },
            Self::Local(local) => local,
        };
        let utc = local.and_utc();
        i128::from(utc.timestamp()) * 1_000_000_000 + i128::from(utc.timestamp_subsec_nanos())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_read_in_every_usual_form() {
        let utc = timestamp("2020-01-01T00:00:00Z").unwrap().nanoseconds(None);
        assert_eq!(timestamp("2020-01-01 00:00:00").unwrap().nanoseconds(None), utc);
        assert_eq!(timestamp("2020-01-01").unwrap().nanoseconds(None), utc);
        assert_eq!(timestamp("2020-01-01 01:00:00+01:00").unwrap().nanoseconds(None), utc);
        let sydney =
            timestamp("2020-01-01 11:00:00").unwrap().nanoseconds(Some("Australia/Sydney"));
        assert_eq!(sydney, utc);
        assert!(timestamp("01/02/2020").is_none() && date("2020-13-01").is_none());
    }
}
