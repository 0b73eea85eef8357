//! Numbers of JSON as PostgreSQL's numerics: every digit that is written, and no exponent.

use std::cmp::Ordering;

use datafusion::common::exec_err;
use datafusion::error::Result;

/// The most places that an exponent moves the point by.
const MOST: i64 = 1000;

/// A number without an exponent.
pub(super) fn normal(written: &str) -> Result<String> {
    let (mantissa, exponent) = match written.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().unwrap_or(i64::MAX)),
        None => (written, 0),
    };
    if !(-MOST..=MOST).contains(&exponent) {
        return exec_err!("a number with the exponent of {written} is not supported in jsonb");
    }
    let (sign, unsigned) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = format!("{whole}{fraction}");
    let point = i64::try_from(whole.len()).unwrap_or(0) + exponent;
    let places = (i64::try_from(fraction.len()).unwrap_or(0) - exponent).max(0);
    let mut moved = String::new();
    // Digits before the point, then those behind it.
    for place in 0..point.max(1) {
        let at = place + point.min(1) - 1;
        moved.push(digit(&digits, if point < 1 { -1 } else { at }));
    }
    let trimmed = moved.trim_start_matches('0');
    let mut found = if trimmed.is_empty() { "0".to_owned() } else { trimmed.to_owned() };
    if places > 0 {
        found.push('.');
        found.extend((0..places).map(|place| digit(&digits, point + place)));
    }
    let is_zero = found.bytes().all(|b| b == b'0' || b == b'.');
    Ok(if is_zero { found } else { format!("{sign}{found}") })
}

/// The digit at a place; zero where none is written.
fn digit(digits: &str, place: i64) -> char {
    let byte = usize::try_from(place).ok().and_then(|place| digits.as_bytes().get(place).copied());
    byte.map_or('0', char::from)
}

/// Whether two numbers without exponents are equal.
pub(super) fn equal(left: &str, right: &str) -> bool {
    bare(left).cmp(bare(right)) == Ordering::Equal
}

fn bare(number: &str) -> &str {
    match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.'),
        false => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_move_the_point() {
        for (written, expected) in [
            ("1", "1"),
            ("-1.50", "-1.50"),
            ("1e3", "1000"),
            ("1.5e3", "1500"),
            ("1.50e1", "15.0"),
            ("1.5E-3", "0.0015"),
            ("12e-1", "1.2"),
            ("-0", "0"),
            ("-0.00", "0.00"),
            ("0e5", "0"),
            ("100e-2", "1.00"),
            ("0.001e2", "0.1"),
            ("0.05e1", "0.5"),
            ("123456789012345678901234567890.5", "123456789012345678901234567890.5"),
        ] {
            assert_eq!(normal(written).unwrap(), expected, "{written}");
        }
        assert!(normal("1e100000").is_err());
    }

    #[test]
    fn zeros_behind_the_point_make_no_difference() {
        assert!(equal("1.0", "1.00") && equal("1", "1.0") && !equal("10", "1"));
    }
}
