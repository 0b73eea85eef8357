//! What is computed, collected into an array of the announced type; bounded in bytes.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Decimal128Array, Float32Array, Float64Array,
    Int16Array, Int32Array, Int64Array, ListBuilder, StringBuilder,
};
use arrow::datatypes::{DataType, Decimal128Type, DecimalType};
use datafusion::common::{exec_datafusion_err, exec_err};
use datafusion::error::{DataFusionError, Result};

use super::row::Value;
use crate::engine::dialect::exact::{Exact, rescaled};

/// The bytes that one value may take.
pub(in crate::engine::dialect) const VALUE_BYTES: usize = 16 << 20;

/// The bytes that the values of one batch may take together.
const BATCH_BYTES: usize = 128 << 20;

/// The error of a value beyond its bound.
pub(in crate::engine::dialect) fn too_long() -> DataFusionError {
    exec_datafusion_err!("requested length too large: a value takes at most {VALUE_BYTES} bytes")
}

enum Values {
    Bool(BooleanBuilder),
    Int(Vec<Option<i64>>),
    Double(Vec<Option<f64>>),
    Numeric(Vec<Option<i128>>, u8, i8),
    Text(StringBuilder),
    Bytes(BinaryBuilder),
    Texts(ListBuilder<StringBuilder>),
    TextLists(ListBuilder<ListBuilder<StringBuilder>>),
}

/// The results of a batch.
pub(in crate::engine::dialect) struct Output {
    wanted: DataType,
    values: Values,
    bytes: usize,
}

impl Output {
    pub(super) fn new(wanted: &DataType, rows: usize) -> Result<Self> {
        let values = match wanted {
            DataType::Boolean => Values::Bool(BooleanBuilder::with_capacity(rows)),
            DataType::Int16 | DataType::Int32 | DataType::Int64 => {
                Values::Int(Vec::with_capacity(rows))
            }
            DataType::Float32 | DataType::Float64 => Values::Double(Vec::with_capacity(rows)),
            DataType::Decimal128(digits, scale) => {
                Values::Numeric(Vec::with_capacity(rows), *digits, *scale)
            }
            DataType::Utf8 => Values::Text(StringBuilder::new()),
            DataType::Binary => Values::Bytes(BinaryBuilder::new()),
            DataType::List(item) if matches!(item.data_type(), DataType::List(_)) => {
                Values::TextLists(ListBuilder::new(ListBuilder::new(StringBuilder::new())))
            }
            DataType::List(_) => Values::Texts(ListBuilder::new(StringBuilder::new())),
            other => return exec_err!("no function gives {other}"),
        };
        Ok(Self { wanted: wanted.clone(), values, bytes: 0 })
    }

    /// Takes the next row's result.
    ///
    /// # Errors
    /// When it is beyond the type's range, or the batch beyond its bytes.
    pub fn push(&mut self, value: Value<'_>) -> Result<()> {
        self.count(&value)?;
        match (&mut self.values, value) {
            (Values::Bool(all), Value::Bool(value)) => all.append_value(value),
            (Values::Bool(all), Value::Null) => all.append_null(),
            (Values::Int(all), Value::Int(value)) => all.push(Some(value)),
            (Values::Int(all), Value::Null) => all.push(None),
            (Values::Double(all), Value::Double(value)) => all.push(Some(value)),
            (Values::Double(all), Value::Null) => all.push(None),
            (Values::Numeric(all, digits, scale), Value::Numeric(value, given)) => {
                all.push(Some(fitting(value, given, *digits, *scale)?));
            }
            (Values::Numeric(all, digits, scale), Value::Exact(value)) => {
                all.push(Some(fitting_exact(&value, *digits, *scale)?));
            }
            (Values::Numeric(all, digits, scale), Value::Int(value)) => {
                all.push(Some(fitting(i128::from(value), 0, *digits, *scale)?));
            }
            (Values::Numeric(all, ..), Value::Null) => all.push(None),
            (Values::Text(all), Value::Text(value)) => all.append_value(value),
            (Values::Text(all), Value::Null) => all.append_null(),
            (Values::Bytes(all), Value::Bytes(value)) => all.append_value(value),
            (Values::Bytes(all), Value::Null) => all.append_null(),
            (Values::Texts(all), Value::Texts(values)) => {
                values.into_iter().for_each(|value| all.values().append_option(value));
                all.append(true);
            }
            (Values::Texts(all), Value::Null) => all.append(false),
            (Values::TextLists(all), Value::TextLists(lists)) => {
                for texts in lists {
                    let inner = all.values();
                    texts.into_iter().for_each(|text| inner.values().append_option(text));
                    inner.append(true);
                }
                all.append(true);
            }
            (Values::TextLists(all), Value::Null) => all.append(false),
            _ => return exec_err!("a function gives another type than it announces"),
        }
        Ok(())
    }

    fn count(&mut self, value: &Value<'_>) -> Result<()> {
        let bytes = match value {
            Value::Text(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Texts(texts) => bytes_of(texts),
            Value::TextLists(lists) => lists.iter().map(|texts| bytes_of(texts)).sum(),
            _ => return Ok(()),
        };
        self.bytes = self.bytes.saturating_add(bytes);
        if bytes > VALUE_BYTES {
            return Err(too_long());
        }
        match self.bytes > BATCH_BYTES {
            true => exec_err!("the values of a batch take more than {BATCH_BYTES} bytes"),
            false => Ok(()),
        }
    }

    pub(super) fn finish(self) -> Result<ArrayRef> {
        Ok(match self.values {
            Values::Bool(mut all) => Arc::new(all.finish()),
            Values::Text(mut all) => Arc::new(all.finish()),
            Values::Bytes(mut all) => Arc::new(all.finish()),
            Values::Texts(mut all) => Arc::new(all.finish()),
            Values::TextLists(mut all) => Arc::new(all.finish()),
            Values::Numeric(all, digits, scale) => {
                Arc::new(Decimal128Array::from(all).with_precision_and_scale(digits, scale)?)
            }
            Values::Int(all) => integers(all, &self.wanted)?,
            Values::Double(all) => match self.wanted {
                #[expect(clippy::cast_possible_truncation, reason = "it was a real before")]
                DataType::Float32 => {
                    let narrow = all.into_iter().map(|value| value.map(|v| v as f32));
                    Arc::new(Float32Array::from_iter(narrow))
                }
                _ => Arc::new(Float64Array::from(all)),
            },
        })
    }
}

/// The bytes of texts, with what an array keeps of each.
fn bytes_of(texts: &[Option<String>]) -> usize {
    texts.iter().map(|text| 16 + text.as_ref().map_or(0, String::len)).sum()
}

fn integers(all: Vec<Option<i64>>, wanted: &DataType) -> Result<ArrayRef> {
    macro_rules! narrow {
        ($type:ty, $array:ty, $name:literal) => {{
            let narrow = |value: Option<i64>| value.map(<$type>::try_from).transpose();
            let all = all.into_iter().map(narrow).collect::<Result<Vec<_>, _>>();
            let all = all.map_err(|_| exec_datafusion_err!(concat!($name, " out of range")))?;
            Arc::new(<$array>::from(all))
        }};
    }
    Ok(match wanted {
        DataType::Int16 => narrow!(i16, Int16Array, "smallint"),
        DataType::Int32 => narrow!(i32, Int32Array, "integer"),
        _ => Arc::new(Int64Array::from(all)),
    })
}

fn out_of_range() -> DataFusionError {
    exec_datafusion_err!("numeric out of range: it takes more than 38 digits")
}

fn fitting(value: i128, given: i8, digits: u8, scale: i8) -> Result<i128> {
    let value = if given == scale { Some(value) } else { rescaled(value, given, scale) };
    value
        .filter(|value| Decimal128Type::is_valid_decimal_precision(*value, digits))
        .ok_or_else(out_of_range)
}

fn fitting_exact(value: &Exact, digits: u8, scale: i8) -> Result<i128> {
    value
        .rounded(i64::from(scale))
        .digits()
        .filter(|value| Decimal128Type::is_valid_decimal_precision(*value, digits))
        .ok_or_else(out_of_range)
}
