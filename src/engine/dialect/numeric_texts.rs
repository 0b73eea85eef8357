//! Numerics of texts: read digit by digit, and rounded half away from zero.

use arrow::datatypes::{DataType, Decimal128Type, DecimalType};
use datafusion::common::exec_err;
use datafusion::error::Result;

/// The most digits.
pub(super) const DIGITS: u8 = 38;

/// The digits of a text.
pub(super) fn of_text(text: &str) -> Result<DataType> {
    let (value, scale) = exact(text)?;
    let count = u8::try_from(value.unsigned_abs().to_string().len()).unwrap_or(DIGITS);
    let places = u8::try_from(scale).unwrap_or(0);
    Ok(DataType::Decimal128(count.max(places).min(DIGITS), scale))
}

fn too_long<T>(text: &str) -> Result<T> {
    exec_err!("numeric \"{text}\" has more than {DIGITS} digits")
}

/// The digits of a text, without their point, and how many stand behind it.
fn exact(text: &str) -> Result<(i128, i8)> {
    let trimmed = text.trim();
    let invalid = || exec_err!("invalid input syntax for type numeric: \"{text}\"");
    let unsigned = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed).to_ascii_lowercase();
    if ["nan", "infinity", "inf"].contains(&unsigned.as_str()) {
        return exec_err!("numeric \"{trimmed}\" is not supported: cast it to double precision");
    }
    let (mantissa, exponent) = match unsigned.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()),
        None => (unsigned.as_str(), Some(0)),
    };
    let Some(exponent) = exponent else { return invalid() };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return invalid();
    }
    let Ok(mut value) = digits
        .trim_start_matches('0')
        .parse::<i128>()
        .or_else(|e| if digits.bytes().all(|b| b == b'0') { Ok(0) } else { Err(e) })
    else {
        return too_long(trimmed);
    };
    let places = i32::try_from(fraction.len()).unwrap_or(i32::MAX).saturating_sub(exponent);
    if places < 0 {
        let power = 10_i128.checked_pow(places.unsigned_abs());
        let Some(shifted) = power.and_then(|power| value.checked_mul(power)) else {
            return too_long(trimmed);
        };
        value = shifted;
    }
    let scale = i8::try_from(places.max(0)).ok().filter(|scale| *scale <= 38);
    let (Some(scale), true) = (scale, Decimal128Type::is_valid_decimal_precision(value, DIGITS))
    else {
        return too_long(trimmed);
    };
    Ok((if trimmed.starts_with('-') { -value } else { value }, scale))
}

/// A text as a numeric of so many digits and places.
pub(super) fn read(text: &str, digits: u8, scale: i8) -> Result<i128> {
    let (value, places) = exact(text)?;
    let overflow = || {
        exec_err!(
            "numeric field overflow: \"{text}\" has more digits than numeric({digits}, {scale}) holds"
        )
    };
    let shift = u32::from((scale - places).unsigned_abs());
    let Some(power) = 10_i128.checked_pow(shift) else { return overflow() };
    let shifted = match scale >= places {
        true => value.checked_mul(power),
        false => {
            let (whole, rest) = (value / power, value % power);
            let is_half = rest.unsigned_abs() >= power.unsigned_abs() - rest.unsigned_abs();
            Some(if is_half { whole + value.signum() } else { whole })
        }
    };
    match shifted.filter(|v| Decimal128Type::is_valid_decimal_precision(*v, digits)) {
        Some(value) => Ok(value),
        None => overflow(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_the_digits_that_are_written() {
        assert_eq!(of_text("1.50").unwrap(), DataType::Decimal128(3, 2));
        assert_eq!(of_text(" -0.05 ").unwrap(), DataType::Decimal128(2, 2));
        assert_eq!(of_text("1e3").unwrap(), DataType::Decimal128(4, 0));
        assert_eq!(of_text("0").unwrap(), DataType::Decimal128(1, 0));
        for text in ["", "a", "1.2.3", "1e", "0x1", "NaN", "1e99", "1_000"] {
            assert!(of_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn places_too_many_are_rounded_half_away_from_zero() {
        assert_eq!(read("0.285", 10, 2).unwrap(), 29);
        assert_eq!(read("-0.285", 10, 2).unwrap(), -29);
        assert_eq!(read("0.284999", 10, 2).unwrap(), 28);
        assert_eq!(read("7", 10, 2).unwrap(), 700);
        assert!(read("100", 2, 0).is_err());
    }
}
