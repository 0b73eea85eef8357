//! Casts whose result the engine would make otherwise: texts are read as PostgreSQL reads them, and a float
//! becomes the numeric of its decimal digits.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryBuilder, BooleanBuilder, Decimal128Builder, Float32Builder,
    Float64Builder, StringArray,
};
use arrow::array::{Int16Builder, Int32Builder, Int64Builder};
use arrow::compute::{CastOptions, cast, cast_with_options};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type};
use datafusion::common::{ScalarValue, exec_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::arrays;
use super::json;
use super::kinds::{Kind, type_name};
use super::numeric_texts;

#[derive(Debug, PartialEq, Eq, Hash)]
struct Conversion {
    wanted: DataType,
    signature: Signature,
}

/// A value of another type.
pub(super) fn convert(value: Expr, wanted: DataType) -> Expr {
    let signature = Signature::any(1, Volatility::Immutable);
    let function = ScalarUDF::new_from_impl(Conversion { wanted, signature });
    Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(function), vec![value]))
}

/// Whether a cast is made here.
pub(super) fn is_ours(from: Kind, wanted: Kind) -> bool {
    match from {
        Kind::Text | Kind::Unknown => wanted != Kind::Text && wanted != Kind::Other,
        Kind::Real | Kind::Double => wanted == Kind::Numeric,
        Kind::Numeric => wanted.is_float(),
        Kind::Array => wanted == Kind::Array,
        Kind::Json | Kind::Jsonb => wanted != Kind::Text,
        _ => false,
    }
}

impl ScalarUDFImpl for Conversion {
    fn name(&self) -> &'static str {
        "convert"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.wanted.clone())
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        converted(&arguments.args, &self.wanted)
    }
}

/// The one value, as another type.
pub(super) fn converted(values: &[ColumnarValue], wanted: &DataType) -> Result<ColumnarValue> {
    match values {
        [ColumnarValue::Scalar(value)] => {
            let array = of_array(&value.to_array()?, wanted)?;
            Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?))
        }
        [ColumnarValue::Array(values)] => Ok(ColumnarValue::Array(of_array(values, wanted)?)),
        _ => exec_err!("a conversion takes one value"),
    }
}

/// A quoted literal as a value of a type.
pub(super) fn read(text: Option<&str>, wanted: &DataType) -> Result<ScalarValue> {
    let text: ArrayRef = Arc::new(StringArray::from(vec![text]));
    ScalarValue::try_from_array(&of_array(&text, wanted)?, 0)
}

/// A number as one of another type.
pub(super) fn of_scalar(number: &ScalarValue, wanted: &DataType) -> Result<ScalarValue> {
    ScalarValue::try_from_array(&of_array(&number.to_array()?, wanted)?, 0)
}

pub(super) fn of_array(values: &ArrayRef, wanted: &DataType) -> Result<ArrayRef> {
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    match (Kind::of_type(values.data_type()), wanted) {
        (Kind::Text, DataType::List(_)) => {
            arrays::read(&cast(values, &DataType::Utf8)?, item(wanted), of_array)
        }
        (Kind::Text, json) if json::kind_of(json).is_some() => {
            json::read(cast(values, &DataType::Utf8)?.as_string(), json)
        }
        (Kind::Json | Kind::Jsonb, json) if json::kind_of(json).is_some() => {
            json::read(&json::text_of(values)?, json)
        }
        (Kind::Jsonb, _) => of_json(values, wanted),
        (Kind::Array, DataType::List(_)) => {
            arrays::cast(values, item(wanted), (&is_ours, &of_array))
        }
        (Kind::Unknown, _) => Ok(cast(values, wanted)?),
        (Kind::Text, _) => of_texts(&cast(values, &DataType::Utf8)?, wanted),
        (Kind::Real, DataType::Decimal128(digits, scale)) => {
            of_floats(&cast(values, &DataType::Float64)?, 6, *digits, *scale)
        }
        (Kind::Double, DataType::Decimal128(digits, scale)) => {
            of_floats(values, 15, *digits, *scale)
        }
        (Kind::Numeric, DataType::Float32 | DataType::Float64) => {
            if let (Some(found), DataType::Float64) = (exact_quotients(values), wanted) {
                return Ok(found);
            }
            of_texts(&cast(values, &DataType::Utf8)?, wanted)
        }
        _ => Ok(cast_with_options(values, wanted, &strict)?),
    }
}

/// Numbers and truth values of `jsonb`; numbers that become whole are rounded.
fn of_json(values: &ArrayRef, wanted: &DataType) -> Result<ArrayRef> {
    let plain: ArrayRef = Arc::new(json::scalars(values, wanted)?);
    match Kind::of_type(wanted).is_whole() {
        true => {
            let whole = of_texts(&plain, &DataType::Decimal128(38, 0))?;
            let strict = CastOptions { safe: false, ..CastOptions::default() };
            Ok(cast_with_options(&whole, wanted, &strict)?)
        }
        false => of_texts(&plain, wanted),
    }
}

/// The type of an array's items.
fn item(list: &DataType) -> &DataType {
    match list {
        DataType::List(item) => item.data_type(),
        other => other,
    }
}

/// Doubles of numeric_texts whose digits a double holds every one: then one division rounds once. `None` where
/// one of them has more.
fn exact_quotients(values: &ArrayRef) -> Option<ArrayRef> {
    const MOST: i128 = 1 << 53;
    let DataType::Decimal128(_, scale) = values.data_type() else { return None };
    let power = u32::try_from(*scale).ok().filter(|scale| *scale <= 22)?;
    let divisor = 10_u128.checked_pow(power)? as f64;
    let numbers = values.as_primitive::<Decimal128Type>();
    if numbers.iter().flatten().any(|v| v.unsigned_abs() > MOST.unsigned_abs()) {
        return None;
    }
    Some(Arc::new(numbers.unary::<_, Float64Type>(|v| v as f64 / divisor)))
}

/// Numerics of floats: of so many of their decimal digits as they are sure of.
fn of_floats(values: &ArrayRef, sure: usize, digits: u8, scale: i8) -> Result<ArrayRef> {
    let mut found = Decimal128Builder::with_capacity(values.len());
    for value in values.as_primitive::<Float64Type>() {
        let number = |v: f64| match v.is_finite() {
            true => numeric_texts::read(&format!("{v:.0$e}", sure - 1), digits, scale),
            false => exec_err!("numeric {v} is not supported"),
        };
        found.append_option(value.map(|v| number(rounded(v, scale))).transpose()?);
    }
    Ok(Arc::new(found.finish().with_precision_and_scale(digits, scale)?))
}

/// What lies far behind the last place is nothing.
fn rounded(value: f64, scale: i8) -> f64 {
    if value.abs() < 10_f64.powi(-i32::from(scale) - 1) { 0.0 } else { value }
}

fn of_texts(texts: &ArrayRef, wanted: &DataType) -> Result<ArrayRef> {
    macro_rules! built {
        ($builder:ty, $read:expr) => {{
            let mut found = <$builder>::new();
            for text in texts.as_string::<i32>() {
                found.append_option(text.map($read).transpose()?);
            }
            Arc::new(found.finish())
        }};
    }
    Ok(match wanted {
        DataType::Utf8 => Arc::clone(texts),
        DataType::Boolean => built!(BooleanBuilder, boolean),
        DataType::Int16 => built!(Int16Builder, |t| whole::<i16>(t, wanted)),
        DataType::Int32 => built!(Int32Builder, |t| whole::<i32>(t, wanted)),
        DataType::Int64 => built!(Int64Builder, |t| whole::<i64>(t, wanted)),
        DataType::Float32 => built!(Float32Builder, real),
        DataType::Float64 => built!(Float64Builder, double),
        DataType::Binary => built!(BinaryBuilder, bytes),
        DataType::Decimal128(digits, scale) => {
            let mut found = Decimal128Builder::new();
            for text in texts.as_string::<i32>() {
                let value = text.map(|text| numeric_texts::read(text, *digits, *scale));
                found.append_option(value.transpose()?);
            }
            Arc::new(found.finish().with_precision_and_scale(*digits, *scale)?)
        }
        _ => super::dates::casts::of_texts(texts, wanted)?,
    })
}

fn invalid<T>(text: &str, wanted: &DataType) -> Result<T> {
    exec_err!("invalid input syntax for type {}: \"{text}\"", type_name(wanted))
}

fn out_of_range<T>(text: &str, wanted: &DataType) -> Result<T> {
    exec_err!("value \"{text}\" is out of range for type {}", type_name(wanted))
}

fn boolean(text: &str) -> Result<bool> {
    let word = text.trim().to_ascii_lowercase();
    let begins = |whole: &str| !word.is_empty() && whole.starts_with(&word);
    match word.as_str() {
        "on" | "1" => Ok(true),
        "off" | "of" | "0" => Ok(false),
        _ if begins("true") || begins("yes") => Ok(true),
        _ if begins("false") || begins("no") => Ok(false),
        _ => invalid(text, &DataType::Boolean),
    }
}

fn whole<T: TryFrom<i128>>(text: &str, wanted: &DataType) -> Result<T> {
    let trimmed = text.trim();
    let digits = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return invalid(text, wanted);
    }
    let value = trimmed.parse::<i128>().ok().and_then(|value| T::try_from(value).ok());
    value.map_or_else(|| out_of_range(trimmed, wanted), Ok)
}

fn double(text: &str) -> Result<f64> {
    let trimmed = text.trim();
    let value = match trimmed.parse::<f64>() {
        Ok(value) => value,
        Err(_) => return invalid(text, &DataType::Float64),
    };
    let has_digits = trimmed.bytes().any(|b| b.is_ascii_digit());
    let mantissa = trimmed.split(['e', 'E']).next().unwrap_or_default();
    let vanished = value == 0.0 && mantissa.bytes().any(|b| (b'1'..=b'9').contains(&b));
    match (value.is_infinite() && has_digits) || vanished {
        true => exec_err!("\"{trimmed}\" is out of range for type double precision"),
        false if value.is_nan() => Ok(f64::NAN),
        false => Ok(value),
    }
}

fn real(text: &str) -> Result<f32> {
    let trimmed = text.trim();
    let wide = match double(text) {
        Ok(wide) => wide,
        Err(_) if trimmed.parse::<f32>().is_err() => return invalid(text, &DataType::Float32),
        Err(_) => return exec_err!("\"{trimmed}\" is out of range for type real"),
    };
    let value = trimmed.parse::<f32>().unwrap_or(f32::NAN);
    match (value.is_infinite() && wide.is_finite()) || (value == 0.0 && wide != 0.0) {
        true => exec_err!("\"{trimmed}\" is out of range for type real"),
        false => Ok(value),
    }
}

/// Bytes in hexadecimal digits, or as they are with octal ones behind backslashes.
fn bytes(text: &str) -> Result<Vec<u8>> {
    let wanted = DataType::Binary;
    if let Some(hex) = text.strip_prefix("\\x") {
        let digits: Vec<u8> = hex.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
        let pair = |pair: &[u8]| {
            let text = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2);
            text.and_then(|text| u8::from_str_radix(text, 16).ok())
        };
        let found: Option<Vec<u8>> = digits.chunks(2).map(pair).collect();
        return found.map_or_else(|| invalid(text, &wanted), Ok);
    }
    let mut found = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            found.push(byte);
            continue;
        }
        let mut next = || rest.next().map(|b| b as char);
        match next() {
            Some('\\') => found.push(b'\\'),
            Some(first @ '0'..='3') => {
                let octal: String = [Some(first), next(), next()].into_iter().flatten().collect();
                match u8::from_str_radix(&octal, 8).ok().filter(|_| octal.len() == 3) {
                    Some(byte) => found.push(byte),
                    None => return invalid(text, &wanted),
                }
            }
            _ => return invalid(text, &wanted),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_truth_may_be_cut_short() {
        for text in ["t", " TRUE ", "y", "yes", "on", "1", "tr"] {
            assert!(boolean(text).unwrap(), "{text}");
        }
        for text in ["f", "no", "off", "of", "0", "fals"] {
            assert!(!boolean(text).unwrap(), "{text}");
        }
        for text in ["", "o", "2", "truer", "nope"] {
            assert!(boolean(text).is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_are_read_as_a_whole() {
        let int = |text| whole::<i32>(text, &DataType::Int32);
        assert_eq!(int(" +7 ").unwrap(), 7);
        for text in ["1.5", "", "1e3", "2147483648", "0x1", "1 2"] {
            assert!(int(text).is_err(), "{text}");
        }
        assert!(double("1e400").is_err());
        assert!(double("1e-400").is_err());
        assert_eq!(double("-inf").unwrap(), f64::NEG_INFINITY);
        assert!(real("1e39").is_err());
    }

    #[test]
    fn bytes_are_hexadecimal_or_escaped() {
        assert_eq!(bytes("\\x4a 4b").unwrap(), b"JK");
        assert_eq!(bytes("a\\\\b\\101").unwrap(), b"a\\bA");
        assert!(bytes("\\x4").is_err());
        assert!(bytes("\\9").is_err());
    }
}
