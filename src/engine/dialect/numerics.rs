//! Numerics of texts and floats: read digit by digit, and rounded half away from zero.

use std::sync::Arc;

use arrow::datatypes::{DataType, Decimal128Type, DecimalType, Field, FieldRef};
use datafusion::common::{ScalarValue, exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::conversions;
use super::kinds::Kind;

/// The function's name: `numeric(value)` is a cast to a numeric of as many digits as the value has.
pub(super) const NAME: &str = "numeric";

/// The most digits.
const DIGITS: u8 = 38;

/// Places behind the point where a value's own are not known before it is read.
const PLACES: i8 = 16;

#[derive(Debug, PartialEq, Eq, Hash)]
struct Numeric {
    signature: Signature,
}

pub(super) fn function() -> ScalarUDF {
    ScalarUDF::new_from_impl(Numeric { signature: Signature::any(1, Volatility::Immutable) })
}

impl ScalarUDFImpl for Numeric {
    fn name(&self) -> &'static str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        types.first().map_or_else(|| plan_err!("{NAME} takes one value"), digits)
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<DataType> =
            arguments.arg_fields.iter().map(|f| f.data_type().clone()).collect();
        let data_type = match arguments.scalar_arguments {
            [Some(ScalarValue::Utf8(Some(text)))] => of_text(text)?,
            _ => self.return_type(&types)?,
        };
        Ok(Arc::new(Field::new(NAME, data_type, true)))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let wanted = arguments.return_type().clone();
        conversions::converted(&arguments.args, &wanted)
    }
}

/// The digits of a numeric that holds every value of a type.
pub(super) fn digits(data_type: &DataType) -> Result<DataType> {
    let kind = Kind::of_type(data_type);
    Ok(match data_type {
        DataType::Decimal128(..) | DataType::Decimal256(..) => data_type.clone(),
        DataType::UInt64 => DataType::Decimal128(20, 0),
        _ => match kind {
            Kind::SmallInt => DataType::Decimal128(5, 0),
            Kind::Integer => DataType::Decimal128(10, 0),
            Kind::BigInt => DataType::Decimal128(19, 0),
            Kind::Real | Kind::Double | Kind::Text | Kind::Unknown | Kind::Jsonb => {
                DataType::Decimal128(DIGITS, PLACES)
            }
            other => return plan_err!("cannot cast type {} to numeric", other.name()),
        },
    })
}

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
