//! Intervals times a number, and divided by one: what does not make a whole month becomes days, and what
//! does not make a whole day hours.

use datafusion::common::exec_err;
use datafusion::error::Result;

use super::span::{Span, out_of_range};

/// # Errors
/// When a part of the result is too large.
pub(in super::super) fn multiplied(span: Span, factor: f64) -> Result<Span> {
    scaled(span, |value| value * factor)
}

/// # Errors
/// When the divisor is zero, or a part of the result is too large.
pub(in super::super) fn divided(span: Span, divisor: f64) -> Result<Span> {
    if divisor == 0.0 {
        return exec_err!("division by zero");
    }
    scaled(span, |value| value / divisor)
}

fn scaled(span: Span, apply: impl Fn(f64) -> f64) -> Result<Span> {
    let whole = |value: f64| match value.abs() < f64::from(i32::MAX) {
        true => Ok(value as i32),
        false => Err(out_of_range()),
    };
    // Microseconds are the finest that is told.
    let rounded = |value: f64| (value * 1e6).round_ties_even() / 1e6;
    let months = whole(apply(f64::from(span.months)))?;
    let mut days = i64::from(whole(apply(f64::from(span.days)))?);
    let days_of_months = rounded((apply(f64::from(span.months)) - f64::from(months)) * 30.0);
    let part_of_day =
        apply(f64::from(span.days)) - days as f64 + (days_of_months - days_of_months.trunc());
    let mut seconds = rounded(part_of_day * 86_400.0);
    if seconds.abs() >= 86_400.0 {
        days += i64::from(whole(seconds / 86_400.0)?);
        seconds -= (seconds / 86_400.0).trunc() * 86_400.0;
    }
    days += i64::from(whole(days_of_months)?);
    let micros = (apply(span.micros as f64) + seconds * 1e6).round_ties_even();
    match micros.abs() < 9.2e18 {
        true => Span::checked(months.into(), days, micros as i64),
        false => Err(out_of_range()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(months: i32, days: i32, hours: i64) -> Span {
        Span { months, days, micros: hours * 3_600_000_000 }
    }

    #[test]
    fn factors_spill_downwards() {
        let times = |i, factor| multiplied(i, factor).unwrap();
        assert_eq!(times(interval(1, 0, 0), 1.5), interval(1, 15, 0));
        assert_eq!(times(interval(0, 1, 0), 2.5), interval(0, 2, 12));
        assert_eq!(times(interval(0, 0, 1), -2.0), interval(0, 0, -2));
        assert_eq!(divided(interval(0, 3, 0), 2.0).unwrap(), interval(0, 1, 12));
        assert!(divided(interval(0, 3, 0), 0.0).is_err());
        assert!(multiplied(interval(1, 0, 0), f64::NAN).is_err());
        assert!(multiplied(interval(1, 0, 0), 1e10).is_err());
    }
}
