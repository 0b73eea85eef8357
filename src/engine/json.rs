//! Arrow values as JSON: integers as numbers, decimals as strings, timestamps as RFC 3339, binary
//! as base64, NaN and infinities as the strings `NaN`, `Infinity`, `-Infinity`.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{
    DataType, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use base64::Engine;
use serde_json::{Map, Value};

/// The value of one row.
pub fn value_at(array: &dyn Array, row: usize) -> Value {
    // An array of type Null has no validity of its own.
    if array.is_null(row) || array.data_type() == &DataType::Null {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::Int8 => array.as_primitive::<Int8Type>().value(row).into(),
        DataType::Int16 => array.as_primitive::<Int16Type>().value(row).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::UInt8 => array.as_primitive::<UInt8Type>().value(row).into(),
        DataType::UInt16 => array.as_primitive::<UInt16Type>().value(row).into(),
        DataType::UInt32 => array.as_primitive::<UInt32Type>().value(row).into(),
        DataType::UInt64 => array.as_primitive::<UInt64Type>().value(row).into(),
        DataType::Float32 => {
            let value = array.as_primitive::<Float32Type>().value(row);
            // The shortest decimal of the single, not of the double it widens to.
            float(f64::from(value), value.to_string())
        }
        DataType::Float64 => {
            let value = array.as_primitive::<Float64Type>().value(row);
            float(value, value.to_string())
        }
        DataType::Decimal128(..) => {
            Value::String(array.as_primitive::<Decimal128Type>().value_as_string(row))
        }
        DataType::Decimal256(..) => {
            Value::String(array.as_primitive::<Decimal256Type>().value_as_string(row))
        }
        DataType::Utf8 => Value::String(array.as_string::<i32>().value(row).to_owned()),
        DataType::LargeUtf8 => Value::String(array.as_string::<i64>().value(row).to_owned()),
        DataType::Utf8View => Value::String(array.as_string_view().value(row).to_owned()),
        DataType::Binary => base64(array.as_binary::<i32>().value(row)),
        DataType::LargeBinary => base64(array.as_binary::<i64>().value(row)),
        DataType::BinaryView => base64(array.as_binary_view().value(row)),
        DataType::FixedSizeBinary(_) => base64(array.as_fixed_size_binary().value(row)),
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            value_at(dictionary.values(), dictionary.normalized_keys()[row])
        }
        DataType::List(_) => items(&array.as_list::<i32>().value(row)),
        DataType::LargeList(_) => items(&array.as_list::<i64>().value(row)),
        DataType::FixedSizeList(..) => items(&array.as_fixed_size_list().value(row)),
        DataType::Struct(_) => {
            let structure = array.as_struct();
            let fields = structure.column_names().into_iter().zip(structure.columns());
            Value::Object(
                fields.map(|(name, c)| (name.to_owned(), value_at(c, row))).collect::<Map<_, _>>(),
            )
        }
        DataType::Map(..) => map(&array.as_map().value(row)),
        _ => text(array, row),
    }
}

fn float(value: f64, shortest: String) -> Value {
    if value.is_nan() {
        return Value::String("NaN".to_owned());
    }
    if value.is_infinite() {
        let name = if value > 0.0 { "Infinity" } else { "-Infinity" };
        return Value::String(name.to_owned());
    }
    let parsed: f64 = shortest.parse().unwrap_or(value);
    serde_json::Number::from_f64(parsed).map_or(Value::Null, Value::Number)
}

fn base64(bytes: &[u8]) -> Value {
    Value::String(base64::engine::general_purpose::STANDARD.encode(bytes))
}

fn items(array: &dyn Array) -> Value {
    Value::Array((0..array.len()).map(|n| value_at(array, n)).collect())
}

/// A map as an object where its keys are strings, else as a list of `{key, value}`.
fn map(entries: &arrow::array::StructArray) -> Value {
    let (keys, values) = (entries.column(0), entries.column(1));
    let textual =
        matches!(keys.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    if textual {
        let pairs = (0..keys.len()).map(|n| match value_at(keys, n) {
            Value::String(key) => (key, value_at(values, n)),
            other => (other.to_string(), value_at(values, n)),
        });
        return Value::Object(pairs.collect());
    }
    Value::Array(
        (0..keys.len())
            .map(|n| serde_json::json!({"key": value_at(keys, n), "value": value_at(values, n)}))
            .collect(),
    )
}

/// Dates, times and timestamps: RFC 3339; anything else as Arrow shows it.
fn text(array: &dyn Array, row: usize) -> Value {
    let shown = super::dialect::json_time(array, row).or_else(|| {
        let formatter = ArrayFormatter::try_new(array, &FormatOptions::default()).ok()?;
        Some(formatter.value(row).to_string())
    });
    Value::String(shown.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        ArrayRef, BinaryArray, Decimal128Array, Float32Array, Float64Array,
        TimestampMicrosecondArray, UInt64Array,
    };
    use serde_json::json;

    use super::value_at;

    #[test]
    fn numbers_keep_their_value_and_what_json_cannot_say_is_a_string() {
        let floats =
            Float64Array::from(vec![0.1, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0]);
        let shown: Vec<_> = (0..5).map(|n| value_at(&floats, n)).collect();
        assert_eq!(
            shown,
            [json!(0.1), json!("NaN"), json!("Infinity"), json!("-Infinity"), json!(-0.0)]
        );
        assert_eq!(value_at(&Float32Array::from(vec![0.1]), 0), json!(0.1));
        assert_eq!(value_at(&UInt64Array::from(vec![u64::MAX]), 0), json!(u64::MAX));
        let decimal: ArrayRef =
            Arc::new(Decimal128Array::from(vec![12345]).with_precision_and_scale(10, 2).unwrap());
        assert_eq!(value_at(&decimal, 0), json!("123.45"));
    }

    #[test]
    fn instants_are_rfc_3339_and_bytes_base64() {
        let micros = TimestampMicrosecondArray::from(vec![1_500_000]);
        assert_eq!(value_at(&micros, 0), json!("1970-01-01T00:00:01.500"));
        assert_eq!(value_at(&micros.with_timezone("UTC"), 0), json!("1970-01-01T00:00:01.500Z"));
        assert_eq!(value_at(&BinaryArray::from(vec![b"ab".as_slice()]), 0), json!("YWI="));
    }
}
