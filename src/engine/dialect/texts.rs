//! `to_text(value)`: a value as PostgreSQL spells it: `true`, `1e+20`, `2020-01-01 00:00:00`, `1 day 02:00:00`.

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringBuilder};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal128Type, Decimal256Type, Float32Type, Float64Type};
use datafusion::common::{ScalarValue, exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::dates::casts::spelled as spelled_time;
use super::json;
use super::kinds::type_name;
use super::values;

/// The function's name.
pub(super) const NAME: &str = "to_text";

#[derive(Debug, PartialEq, Eq, Hash)]
struct ToText {
    signature: Signature,
}

pub(super) fn function() -> ScalarUDF {
    ScalarUDF::new_from_impl(ToText { signature: Signature::any(1, Volatility::Immutable) })
}

/// A value's text.
pub(super) fn text(value: Expr) -> Expr {
    Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(function()), vec![value]))
}

impl ScalarUDFImpl for ToText {
    fn name(&self) -> &'static str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match types.first() {
            Some(found @ (DataType::Struct(_) | DataType::Map(..)))
                if json::kind_of(found).is_none() =>
            {
                plan_err!("cannot cast type {} to text", type_name(found))
            }
            _ => Ok(DataType::Utf8),
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match arguments.args.as_slice() {
            [ColumnarValue::Scalar(value)] => {
                let spelled = spelled(&value.to_array()?)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&spelled, 0)?))
            }
            [ColumnarValue::Array(values)] => Ok(ColumnarValue::Array(spelled(values)?)),
            _ => exec_err!("{NAME} takes one value"),
        }
    }
}

/// Each value's text.
pub(super) fn spelled(values: &ArrayRef) -> Result<ArrayRef> {
    match values.data_type() {
        json if json::kind_of(json).is_some() => return Ok(Arc::new(json::text_of(values)?)),
        DataType::Utf8 => return Ok(Arc::clone(values)),
        DataType::Null
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64 => return Ok(cast(values, &DataType::Utf8)?),
        DataType::Dictionary(_, inner) => return spelled(&cast(values, inner)?),
        _ => {}
    }
    let mut texts = StringBuilder::with_capacity(values.len(), 8 * values.len());
    let spell = speller(values.as_ref())?;
    for row in 0..values.len() {
        match values.is_null(row) {
            true => texts.append_null(),
            false => {
                spell(row, &mut texts);
                texts.append_value("");
            }
        }
    }
    Ok(Arc::new(texts.finish()))
}

type Speller<'a> = Box<dyn Fn(usize, &mut dyn Write) + 'a>;

/// Writes the text of a row. Writing into memory does not fail.
fn speller(values: &dyn Array) -> Result<Speller<'_>> {
    Ok(match values.data_type() {
        DataType::Boolean => {
            let values = values.as_boolean();
            Box::new(move |row, out| put(out, if values.value(row) { "true" } else { "false" }))
        }
        DataType::Float64 => {
            let values = values.as_primitive::<Float64Type>();
            Box::new(move |row, out| put(out, &double(values.value(row))))
        }
        DataType::Float32 => {
            let values = values.as_primitive::<Float32Type>();
            Box::new(move |row, out| put(out, &real(values.value(row))))
        }
        DataType::Decimal128(..) => {
            let values = values.as_primitive::<Decimal128Type>();
            Box::new(move |row, out| put(out, &values.value_as_string(row)))
        }
        DataType::Decimal256(..) => {
            let values = values.as_primitive::<Decimal256Type>();
            Box::new(move |row, out| put(out, &values.value_as_string(row)))
        }
        DataType::Date32
        | DataType::Date64
        | DataType::Timestamp(..)
        | DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Interval(_)
        | DataType::Duration(_) => times(values)?,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => bytes(values)?,
        DataType::FixedSizeBinary(_) => bytes(values)?,
        DataType::List(_) => {
            let lists = values.as_list::<i32>();
            Box::new(move |row, out| put(out, &list(&lists.value(row))))
        }
        other => return exec_err!("cannot cast type {} to text", type_name(other)),
    })
}

fn put(out: &mut dyn Write, text: &str) {
    // A builder in memory takes everything.
    let _ = out.write_str(text);
}

fn bytes(values: &dyn Array) -> Result<Speller<'_>> {
    let values = cast(values, &DataType::LargeBinary)?;
    Ok(Box::new(move |row, out| {
        put(out, "\\x");
        for byte in values.as_binary::<i64>().value(row) {
            let _ = write!(out, "{byte:02x}");
        }
    }))
}

fn times(values: &dyn Array) -> Result<Speller<'_>> {
    let Some(kind) = values::Kind::of(values.data_type()) else {
        return exec_err!("cannot cast type {} to text", type_name(values.data_type()));
    };
    let own = cast(values, &kind.data_type())?;
    Ok(Box::new(move |row, out| {
        let value = kind.value(own.as_ref(), row);
        if let Some(text) = value.ok().and_then(|value| spelled_time(&value)) {
            put(out, &text);
        }
    }))
}

/// A double in the fewest digits that tell it from every other.
pub(super) fn double(value: f64) -> String {
    shortest(value, &format!("{value:e}"), 15)
}

fn real(value: f32) -> String {
    shortest(f64::from(value), &format!("{value:e}"), 6)
}

/// A float from its digits and exponent: with an exponent where the point is far from the digits.
fn shortest(value: f64, scientific: &str, most: i32) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if exponent < -4 || exponent >= most {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let (sign, unsigned) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let digits = unsigned.replace('.', "");
    let point = exponent + 1;
    let places = usize::try_from(point).unwrap_or(0);
    match (point <= 0, digits.len() > places) {
        (true, _) => {
            let zeros = usize::try_from(-point).unwrap_or(0);
            format!("{sign}0.{}{digits}", "0".repeat(zeros))
        }
        (false, true) => {
            let (whole, fraction) = digits.split_at(places);
            format!("{sign}{whole}.{fraction}")
        }
        (false, false) => format!("{sign}{digits}{}", "0".repeat(places - digits.len())),
    }
}

/// The text of an array: `{1,NULL,"a b"}`.
fn list(items: &ArrayRef) -> String {
    let is_nested = matches!(items.data_type(), DataType::List(_));
    let texts = spelled(items);
    let texts = texts.as_ref().ok().map(|texts| texts.as_string::<i32>());
    let one = |row: usize| match texts {
        Some(texts) if items.is_valid(row) => match is_nested {
            true => texts.value(row).to_owned(),
            false => item(texts.value(row), items.data_type()),
        },
        _ => "NULL".to_owned(),
    };
    format!("{{{}}}", (0..items.len()).map(one).collect::<Vec<_>>().join(","))
}

fn item(text: &str, data_type: &DataType) -> String {
    if data_type == &DataType::Boolean {
        return text.chars().take(1).collect();
    }
    let special = |c: char| c.is_whitespace() || matches!(c, '{' | '}' | ',' | '"' | '\\');
    if text.is_empty() || text.eq_ignore_ascii_case("null") || text.contains(special) {
        return format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_have_their_fewest_digits() {
        let all = [0.1, 1e15, 123456789012345.0, 1e20, 1.5e-5, 0.0001, -0.0, 100.0, -2.5];
        let texts: Vec<String> = all.iter().map(|v| double(*v)).collect();
        let expected =
            ["0.1", "1e+15", "123456789012345", "1e+20", "1.5e-05", "0.0001", "-0", "100", "-2.5"];
        assert_eq!(texts, expected);
        assert_eq!(real(1e6), "1e+06");
        assert_eq!(real(0.1), "0.1");
        assert_eq!(double(f64::NEG_INFINITY), "-Infinity");
    }
}
