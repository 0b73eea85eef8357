//! Points in time and intervals added and subtracted.

use datafusion::error::Result;

use super::super::intervals::span::{Span, out_of_range};
use super::calendar::{DAY, Moment, instant, month_days, timestamp_out_of_range, within};

/// A timestamp moved by an interval: first by months, where a day that the month lacks becomes its last,
/// then by days, then by time.
///
/// # Errors
/// When timestamps do not reach it.
pub(in super::super) fn timestamp(micros: i64, by: Span) -> Result<i64> {
    let mut at = micros;
    if by.months != 0 {
        let mut moment = Moment::of(at);
        let months = moment.year * 12 + moment.month - 1 + i64::from(by.months);
        moment.year = months.div_euclid(12);
        moment.month = months.rem_euclid(12) + 1;
        moment.day = moment.day.min(month_days(moment.year, moment.month));
        at = moment.micros()?;
    }
    if by.days != 0 {
        let day = at.div_euclid(DAY) + i64::from(by.days);
        at = instant(day, at.rem_euclid(DAY))?;
    }
    within(at.checked_add(by.micros))
}

/// A time of day moved by the time of an interval; it goes round at midnight.
pub(in super::super) fn time(micros: i64, by: Span) -> i64 {
    (micros + by.micros % DAY).rem_euclid(DAY)
}

/// Days and the rest of a day between two instants.
///
/// # Errors
/// When they lie too far apart.
pub(in super::super) fn between(begin: i64, end: i64) -> Result<Span> {
    let micros = end.checked_sub(begin).ok_or_else(out_of_range)?;
    Span::checked(0, micros / DAY, micros % DAY)
}

/// Years, months, days and time from one instant to another, as people tell an age.
pub(in super::super) fn age(end: i64, begin: i64) -> Result<Span> {
    let (later, earlier) = (Moment::of(end), Moment::of(begin));
    let sign = if end < begin { -1 } else { 1 };
    let part = |of: fn(&Moment) -> i64| sign * (of(&later) - of(&earlier));
    let (mut years, mut months) = (part(|m| m.year), part(|m| m.month));
    let (mut days, mut time) = (part(|m| m.day), part(Moment::time));
    if time < 0 {
        time += DAY;
        days -= 1;
    }
    while days < 0 {
        // The days of the month in which the earlier of both lies.
        let first = if sign < 0 { &later } else { &earlier };
        days += month_days(first.year, first.month);
        months -= 1;
    }
    while months < 0 {
        months += 12;
        years -= 1;
    }
    Span::checked(sign * (years * 12 + months), sign * days, sign * time)
        .map_err(|_| timestamp_out_of_range())
}

#[cfg(test)]
mod tests {
    use super::super::calendar::{HOUR, days};
    use super::*;

    fn at(year: i64, month: i64, day: i64) -> i64 {
        days(year, month, day) * DAY
    }

    fn span(months: i32, days: i32, micros: i64) -> Span {
        Span { months, days, micros }
    }

    #[test]
    fn months_end_on_their_last_day() {
        assert_eq!(timestamp(at(2020, 1, 31), span(1, 0, 0)).unwrap(), at(2020, 2, 29));
        assert_eq!(timestamp(at(2020, 2, 29), span(-12, 0, 0)).unwrap(), at(2019, 2, 28));
        assert_eq!(timestamp(at(2020, 3, 31), span(-1, 1, HOUR)).unwrap(), at(2020, 3, 1) + HOUR);
        assert!(timestamp(i64::MAX - 1, span(0, 0, 5)).is_err());
        assert!(timestamp(at(-4_713, 11, 24), span(0, -1, 0)).is_err());
    }

    #[test]
    fn an_age_has_years_and_months() {
        assert_eq!(age(at(2001, 4, 10), at(1957, 6, 13)).unwrap(), span(43 * 12 + 9, 27, 0));
        assert_eq!(age(at(1957, 6, 13), at(2001, 4, 10)).unwrap(), span(-(43 * 12 + 9), -27, 0));
        assert_eq!(age(at(2020, 3, 1), at(2020, 1, 31) + HOUR).unwrap(), span(1, 0, 23 * HOUR));
        assert_eq!(age(0, 0).unwrap(), Span::default());
    }

    #[test]
    fn times_go_round_at_midnight() {
        assert_eq!(time(10 * HOUR, span(5, 5, 20 * HOUR)), 6 * HOUR);
        assert_eq!(time(0, span(0, 0, -HOUR)), 23 * HOUR);
        assert_eq!(between(at(2020, 1, 1), at(2020, 1, 3) + 5).unwrap(), span(0, 2, 5));
    }
}
