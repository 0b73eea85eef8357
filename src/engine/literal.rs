//! Literals of contracts as values of a column's own type, exactly.

use std::sync::Arc;

use arrow::datatypes::{DataType, TimeUnit, i256};
use datafusion::common::ScalarValue;

use crate::contract::decimal::Decimal;
use crate::contract::model::Column;
use crate::contract::temporal;
use crate::contract::types::{plain, sql_type, words};
use crate::contract::yaml::{Node, Value};

/// A number, date or time of a contract as exact units of a column's type.
pub enum Number {
    /// Units that the type counts in: days, microseconds, hundredths.
    Exact(Decimal),
    /// The text of a number, for a floating-point column.
    Float(String),
}

/// Reads a node as a value that can be compared with a column of that type.
///
/// # Errors
/// Why it cannot be compared.
pub fn number(node: &Node, column: &Column, data_type: &DataType) -> Result<Number, String> {
    let text = node.scalar_text().unwrap_or_default();
    let unreadable = || format!("'{text}' cannot be read as {}", words(data_type));
    match plain(data_type) {
        DataType::Float32 | DataType::Float64 => match node.value {
            Value::Number(_) => Ok(Number::Float(text)),
            _ => Err(unreadable()),
        },
        DataType::Date32 => {
            let date = temporal::date(&text).ok_or_else(unreadable)?;
            let epoch = chrono::NaiveDate::default();
            Ok(Number::Exact(Decimal::integer((date - epoch).num_days().into())))
        }
        DataType::Timestamp(_, zone) => {
            let bound = temporal::timestamp(&text).ok_or_else(unreadable)?;
            let default = column.options.text("defaultTimezone");
            let nanoseconds = match zone {
                Some(_) => bound.nanoseconds(default.as_deref()).ok_or_else(unreadable)?,
                None => bound.local_nanoseconds(default.as_deref()),
            };
            Ok(Number::Exact(Decimal::units(nanoseconds, 9)))
        }
        DataType::Time32(_) | DataType::Time64(_) => {
            use chrono::Timelike;
            let time = temporal::time(&text).ok_or_else(unreadable)?;
            let nanoseconds = i128::from(time.num_seconds_from_midnight()) * 1_000_000_000
                + i128::from(time.nanosecond());
            Ok(Number::Exact(Decimal::units(nanoseconds, 9)))
        }
        other if scale_of(&other).is_some() => match node.value {
            Value::Number(_) => Ok(Number::Exact(text.parse().map_err(|_| unreadable())?)),
            _ => Err(unreadable()),
        },
        other => Err(format!("a bound cannot be compared with {}", sql_type(&other))),
    }
}

/// The decimal places that a type counts in: 2 for hundredths, 6 for microseconds.
pub fn scale_of(data_type: &DataType) -> Option<i32> {
    Some(match data_type {
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale) => (*scale).into(),
        DataType::Timestamp(unit, _) | DataType::Time32(unit) | DataType::Time64(unit) => {
            match unit {
                TimeUnit::Second => 0,
                TimeUnit::Millisecond => 3,
                TimeUnit::Microsecond => 6,
                TimeUnit::Nanosecond => 9,
            }
        }
        t if t.is_integer() => 0,
        DataType::Date32 => 0,
        _ => return None,
    })
}

/// So many units as a value of the type; `None` when the type cannot hold them.
pub fn scalar(units: i128, data_type: &DataType) -> Option<ScalarValue> {
    use ScalarValue as S;
    let long = || i64::try_from(units).ok();
    Some(match data_type {
        DataType::Int8 => S::Int8(Some(units.try_into().ok()?)),
        DataType::Int16 => S::Int16(Some(units.try_into().ok()?)),
        DataType::Int32 => S::Int32(Some(units.try_into().ok()?)),
        DataType::Int64 => S::Int64(Some(long()?)),
        DataType::UInt8 => S::UInt8(Some(units.try_into().ok()?)),
        DataType::UInt16 => S::UInt16(Some(units.try_into().ok()?)),
        DataType::UInt32 => S::UInt32(Some(units.try_into().ok()?)),
        DataType::UInt64 => S::UInt64(Some(units.try_into().ok()?)),
        DataType::Date32 => S::Date32(Some(units.try_into().ok()?)),
        DataType::Time32(TimeUnit::Second) => S::Time32Second(Some(units.try_into().ok()?)),
        DataType::Time32(_) => S::Time32Millisecond(Some(units.try_into().ok()?)),
        DataType::Time64(TimeUnit::Microsecond) => S::Time64Microsecond(Some(long()?)),
        DataType::Time64(_) => S::Time64Nanosecond(Some(long()?)),
        DataType::Timestamp(TimeUnit::Second, z) => S::TimestampSecond(Some(long()?), z.clone()),
        DataType::Timestamp(TimeUnit::Millisecond, z) => {
            S::TimestampMillisecond(Some(long()?), z.clone())
        }
        DataType::Timestamp(TimeUnit::Microsecond, z) => {
            S::TimestampMicrosecond(Some(long()?), z.clone())
        }
        DataType::Timestamp(TimeUnit::Nanosecond, z) => {
            S::TimestampNanosecond(Some(long()?), z.clone())
        }
        DataType::Decimal128(p, s) if fits(units, *p) => S::Decimal128(Some(units), *p, *s),
        DataType::Decimal256(p, s) if fits(units, *p) => {
            S::Decimal256(Some(i256::from_i128(units)), *p, *s)
        }
        DataType::Decimal32(p, s) if fits(units, *p) => {
            S::Decimal32(Some(units.try_into().ok()?), *p, *s)
        }
        DataType::Decimal64(p, s) if fits(units, *p) => S::Decimal64(Some(long()?), *p, *s),
        _ => return None,
    })
}

fn fits(units: i128, precision: u8) -> bool {
    match 10u128.checked_pow(precision.into()) {
        Some(limit) => units.unsigned_abs() < limit,
        None => true,
    }
}

/// A listed value as a value of the type; `None` when no row of that type can equal it.
pub fn equal(node: &Node, column: &Column, data_type: &DataType) -> Option<ScalarValue> {
    let plain = plain(data_type);
    match (&plain, &node.value) {
        (DataType::Utf8, Value::String(text)) => Some(ScalarValue::Utf8(Some(text.clone()))),
        (DataType::Boolean, Value::Bool(truth)) => Some(ScalarValue::Boolean(Some(*truth))),
        (DataType::Float32, Value::Number(n)) => {
            Some(ScalarValue::Float32(Some(n.parse::<f32>().ok()? + 0.0)))
        }
        (DataType::Float64, Value::Number(n)) => {
            Some(ScalarValue::Float64(Some(n.parse::<f64>().ok()? + 0.0)))
        }
        (DataType::Binary, Value::String(text)) => {
            Some(ScalarValue::Binary(Some(Arc::<[u8]>::from(text.as_bytes()).to_vec())))
        }
        _ => match number(node, column, &plain).ok()? {
            Number::Exact(value) => {
                let scale = scale_of(&plain)?;
                let units = value.is_whole_at(scale).then(|| value.floor_at(scale))??;
                scalar(units, &plain)
            }
            Number::Float(_) => None,
        },
    }
}
