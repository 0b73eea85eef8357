//! `justify_days`, `justify_hours` and `justify_interval`: thirty days become a month, and twenty-four hours
//! a day.

use datafusion::error::Result;

use super::span::{Span, out_of_range};

const DAY: i64 = 86_400_000_000;
const MONTH: i64 = 30;

/// # Errors
/// When a part is too large.
pub(in super::super) fn hours(span: Span) -> Result<Span> {
    let days = i64::from(span.days) + span.micros / DAY;
    let (days, micros) = one_sign(days, span.micros % DAY, DAY);
    Span::checked(span.months.into(), days, micros)
}

/// # Errors
/// When a part is too large.
pub(in super::super) fn days(span: Span) -> Result<Span> {
    let days = i64::from(span.days);
    let months = i64::from(span.months) + days / MONTH;
    let (months, days) = one_sign(months, days % MONTH, MONTH);
    Span::checked(months, days, span.micros)
}

/// # Errors
/// When a part is too large.
pub(in super::super) fn both(span: Span) -> Result<Span> {
    let days = i64::from(span.days) + span.micros / DAY;
    let mut micros = span.micros % DAY;
    let mut months = i64::from(span.months) + days / MONTH;
    let mut days = days % MONTH;
    if months > 0 && (days < 0 || (days == 0 && micros < 0)) {
        (months, days) = (months - 1, days + MONTH);
    } else if months < 0 && (days > 0 || (days == 0 && micros > 0)) {
        (months, days) = (months + 1, days - MONTH);
    }
    (days, micros) = one_sign(days, micros, DAY);
    Span::checked(months, days, micros)
}

/// Both parts with the sign of the larger, of which one is so many of the smaller.
fn one_sign(large: i64, small: i64, unit: i64) -> (i64, i64) {
    if large > 0 && small < 0 {
        return (large - 1, small + unit);
    }
    if large < 0 && small > 0 {
        return (large + 1, small - unit);
    }
    (large, small)
}

/// An interval of years, months, weeks, days, hours, minutes and seconds.
///
/// # Errors
/// When a part is too large.
pub(in super::super) fn made(parts: [i32; 6], seconds: f64) -> Result<Span> {
    let [years, months, weeks, days, hours, minutes] = parts.map(i64::from);
    let seconds = (seconds * 1e6).round_ties_even();
    if seconds.is_nan() || seconds.abs() >= 9.2e18 {
        return Err(out_of_range());
    }
    let time = (hours * 3_600 + minutes * 60) * 1_000_000;
    let micros = time.checked_add(seconds as i64).ok_or_else(out_of_range)?;
    Span::checked(years * 12 + months, weeks * 7 + days, micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(months: i32, days: i32, hours: i64) -> Span {
        Span { months, days, micros: hours * 3_600_000_000 }
    }

    #[test]
    fn parts_are_made_of_smaller_ones() {
        assert_eq!(hours(span(0, 0, 27)).unwrap(), span(0, 1, 3));
        assert_eq!(hours(span(0, 1, -2)).unwrap(), span(0, 0, 22));
        assert_eq!(days(span(0, 35, 0)).unwrap(), span(1, 5, 0));
        assert_eq!(days(span(-1, 5, 0)).unwrap(), span(0, -25, 0));
        assert_eq!(both(span(1, 0, -1)).unwrap(), span(0, 29, 23));
        assert_eq!(both(span(0, 29, 49)).unwrap(), span(1, 1, 1));
        assert!(days(span(i32::MAX, i32::MAX, 0)).is_err());
    }

    #[test]
    fn an_interval_is_made_of_its_parts() {
        assert_eq!(made([1, 2, 1, 3, 4, 0], 0.0).unwrap(), span(14, 10, 4));
        assert_eq!(made([0; 6], 1.5).unwrap().micros, 1_500_000);
        assert!(made([i32::MAX, 0, 0, 0, 0, 0], 0.0).is_err());
        assert!(made([0; 6], f64::INFINITY).is_err());
        assert!(made([0; 6], f64::NAN).is_err());
    }
}
