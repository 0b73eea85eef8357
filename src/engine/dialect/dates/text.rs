//! Dates and times as texts, in PostgreSQL's ISO style.

use std::fmt::Write;

use super::calendar::{DAY, Moment};

/// A date: `2020-02-29`, `0044-03-15 BC`.
pub(in super::super) fn date(day: i64) -> String {
    let moment = Moment::of_day(day);
    let mut text = String::new();
    push_date(&mut text, &moment);
    push_era(&mut text, &moment);
    text
}

/// A time of day: `24:00:00`, `07:30:00.5`.
pub(in super::super) fn time(micros: i64) -> String {
    let mut moment = Moment::default();
    moment.set_time(micros);
    let mut text = String::new();
    push_time(&mut text, &moment);
    text
}

/// A timestamp, with the offset of its zone where it has one.
pub(in super::super) fn timestamp(micros: i64, is_zoned: bool) -> String {
    let moment = Moment::of(micros);
    let mut text = String::new();
    push_date(&mut text, &moment);
    text.push(' ');
    push_time(&mut text, &moment);
    if is_zoned {
        text.push_str("+00");
    }
    push_era(&mut text, &moment);
    text
}

/// A timestamp of JSON: RFC 3339, whose fractions have three digits or six.
pub(in super::super) fn rfc_3339(micros: i64, is_zoned: bool) -> String {
    let moment = Moment::of(micros);
    let mut text = String::new();
    push_date(&mut text, &moment);
    text.push('T');
    push_clock(&mut text, &moment);
    push_fraction(&mut text, moment.micro);
    if is_zoned {
        text.push('Z');
    }
    push_era(&mut text, &moment);
    text
}

/// A time of JSON.
pub(in super::super) fn clock(micros: i64) -> String {
    let mut moment = Moment::default();
    moment.set_time(micros.clamp(0, DAY));
    let mut text = String::new();
    push_clock(&mut text, &moment);
    push_fraction(&mut text, moment.micro);
    text
}

fn push_fraction(text: &mut String, micro: i64) {
    let _ = match micro {
        0 => Ok(()),
        micro if micro % 1_000 == 0 => write!(text, ".{:03}", micro / 1_000),
        micro => write!(text, ".{micro:06}"),
    };
}

/// The year of the common era or before it; there is no year 0.
pub(in super::super) fn shown_year(year: i64) -> i64 {
    if year > 0 { year } else { 1 - year }
}

fn push_date(text: &mut String, at: &Moment) {
    let _ = write!(text, "{:04}-{:02}-{:02}", shown_year(at.year), at.month, at.day);
}

fn push_era(text: &mut String, at: &Moment) {
    if at.year <= 0 {
        text.push_str(" BC");
    }
}

fn push_clock(text: &mut String, at: &Moment) {
    let _ = write!(text, "{:02}:{:02}:{:02}", at.hour, at.minute, at.second);
}

fn push_time(text: &mut String, at: &Moment) {
    push_clock(text, at);
    if at.micro != 0 {
        let fraction = format!("{:06}", at.micro);
        text.push('.');
        text.push_str(fraction.trim_end_matches('0'));
    }
}

#[cfg(test)]
mod tests {
    use super::super::calendar::days;
    use super::*;

    #[test]
    fn dates_and_times_are_told_as_postgresql_tells_them() {
        assert_eq!(date(days(2020, 2, 29)), "2020-02-29");
        assert_eq!(date(days(-43, 3, 15)), "0044-03-15 BC");
        assert_eq!(date(days(10_000, 1, 1)), "10000-01-01");
        assert_eq!(time(DAY), "24:00:00");
        assert_eq!(timestamp(1_500_000, false), "1970-01-01 00:00:01.5");
        assert_eq!(timestamp(days(0, 1, 1) * DAY, true), "0001-01-01 00:00:00+00 BC");
    }

    #[test]
    fn json_has_offsets_and_even_fractions() {
        assert_eq!(rfc_3339(1_500_000, true), "1970-01-01T00:00:01.500Z");
        assert_eq!(rfc_3339(1_500_001, false), "1970-01-01T00:00:01.500001");
        assert_eq!(rfc_3339(days(10_000, 1, 1) * DAY, true), "10000-01-01T00:00:00Z");
        assert_eq!(clock(1), "00:00:00.000001");
    }
}
