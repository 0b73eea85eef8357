//! The type that a declaration plans, before any delivery.

use arrow::datatypes::{DataType, Field, TimeUnit};

use crate::contract::model::{Column, LogicalType};

use super::bound::{Spelled, bound, with_zone};
use super::physical::Physical;

/// The type that a column is planned with until a delivery gives a more exact one.
///
/// The narrowest declared meaning: `physicalType`, then `format`, then the logical type's usual
/// width.
pub fn planned(column: &Column) -> DataType {
    let physical = bound(column);
    if let Some(planned) = physical.and_then(|physical| planned_physical(column, physical)) {
        return planned;
    }
    let format = column.options.text("format").unwrap_or_default();
    let logical = column.logical_type.as_ref().map(|t| t.value);
    match logical.or_else(|| physical.and_then(implied)) {
        None | Some(LogicalType::Number) if matches!(physical, Some(Physical::AnyDecimal)) => {
            DataType::Decimal128(38, 18)
        }
        None | Some(LogicalType::String) => match format.as_str() {
            "binary" | "byte" => DataType::Binary,
            _ => DataType::Utf8,
        },
        Some(LogicalType::Boolean) => DataType::Boolean,
        Some(LogicalType::Integer) => match format.as_str() {
            "i8" => DataType::Int8,
            "i16" | "u8" => DataType::Int16,
            "i32" | "u16" => DataType::Int32,
            _ => DataType::Int64,
        },
        Some(LogicalType::Number) if format == "f32" => DataType::Float32,
        Some(LogicalType::Number) => DataType::Float64,
        Some(LogicalType::Date) => DataType::Date32,
        Some(LogicalType::Timestamp) => timestamp(with_zone(column)),
        Some(LogicalType::Time) => DataType::Time64(TimeUnit::Microsecond),
        Some(LogicalType::Object) => {
            let spelled = Spelled::of(column);
            let fields = match &spelled {
                Some(Spelled::Fields(fields)) => fields,
                _ => &column.properties,
            };
            DataType::Struct(fields.iter().map(planned_field).collect())
        }
        Some(LogicalType::Array) => {
            let item = match (&column.items, Spelled::of(column)) {
                (Some(item), _) => planned(item),
                (None, Some(Spelled::Items(item))) => planned(&item),
                _ => DataType::Utf8,
            };
            DataType::new_list(item, true)
        }
        Some(LogicalType::Vector) => DataType::new_list(DataType::Float32, true),
        Some(LogicalType::Map) => planned_map(column),
    }
}

/// The type that texts of a column are read as: the declared width itself, not what stores it.
pub fn declared(column: &Column) -> DataType {
    let physical = bound(column);
    let format = column.options.text("format").unwrap_or_default();
    let numeric = column.logical_type.as_ref().is_some_and(|t| t.value == LogicalType::Integer);
    match (physical, format.as_str()) {
        (Some(Physical::Integer { bits, signed: false }), _) => unsigned(bits),
        (Some(Physical::AnyDecimal), _) => DataType::Decimal128(38, 18),
        (Some(Physical::Timestamp { .. }), _) => timestamp(with_zone(column)),
        (None, "u8") if numeric => DataType::UInt8,
        (None, "u16") if numeric => DataType::UInt16,
        (None, "u32") if numeric => DataType::UInt32,
        _ => planned(column),
    }
}

fn unsigned(bits: u8) -> DataType {
    match bits {
        8 => DataType::UInt8,
        16 => DataType::UInt16,
        32 => DataType::UInt32,
        _ => DataType::UInt64,
    }
}

/// What a physical type without a width says about the logical one.
fn implied(physical: Physical) -> Option<LogicalType> {
    match physical {
        Physical::AnyInteger => Some(LogicalType::Integer),
        Physical::Time => Some(LogicalType::Time),
        Physical::Array => Some(LogicalType::Array),
        Physical::Object => Some(LogicalType::Object),
        Physical::Map => Some(LogicalType::Map),
        _ => None,
    }
}

fn planned_physical(column: &Column, physical: Physical) -> Option<DataType> {
    Some(match physical {
        Physical::String => DataType::Utf8,
        Physical::Binary | Physical::ByteArray => DataType::Binary,
        Physical::Boolean | Physical::Flag => DataType::Boolean,
        Physical::Integer { bits, signed } => match if signed { bits } else { bits * 2 } {
            8 => DataType::Int8,
            16 => DataType::Int16,
            32 => DataType::Int32,
            _ => DataType::Int64,
        },
        Physical::Float32 => DataType::Float32,
        Physical::Float64 => DataType::Float64,
        Physical::Decimal { precision, scale } => DataType::Decimal128(precision, scale),
        Physical::Date => DataType::Date32,
        Physical::Timestamp { .. } => timestamp(with_zone(column)),
        Physical::AnyInteger
        | Physical::AnyDecimal
        | Physical::Time
        | Physical::Array
        | Physical::Json
        | Physical::Object
        | Physical::Map => return None,
    })
}

fn planned_field(column: &Column) -> Field {
    Field::new(column.physical(), planned(column), !column.not_null())
}

fn planned_map(column: &Column) -> DataType {
    let (key, value) = match (&column.map, Spelled::of(column)) {
        (Some(map), _) => (planned(&map.0), planned(&map.1)),
        (None, Some(Spelled::Pairs(key, value))) => (planned(&key), planned(&value)),
        _ => (DataType::Utf8, DataType::Utf8),
    };
    let entries = DataType::Struct(
        vec![Field::new("key", key, false), Field::new("value", value, true)].into(),
    );
    DataType::Map(Field::new("key_value", entries, false).into(), false)
}

/// A stored timestamp: microseconds, in UTC or without zone.
pub fn timestamp(zone: bool) -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, zone.then(|| "UTC".into()))
}
