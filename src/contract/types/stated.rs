//! What a declaration says about values by its types, however it says it.

use crate::contract::model::{Column, LogicalType};

use super::bound::{Spelled, bound};
use super::limits::{Limits, limits};
use super::physical::Physical;
use super::reading::parse;

/// The limits that a column's physical type states about its values.
pub fn physical_limits(column: &Column) -> Limits {
    let Some(physical) = &column.physical_type else { return Limits::default() };
    let is_time = column.logical_type.as_ref().is_some_and(|t| t.value == LogicalType::Time);
    let is_about_values = matches!(
        bound(column),
        Some(Physical::String | Physical::Binary | Physical::Timestamp { .. } | Physical::Time)
    );
    if is_time || is_about_values { limits(&physical.value) } else { Limits::default() }
}

/// The same with what the options say: `maxLength: 10` and `varchar(10)` are one limit, `format: uuid`
/// and `uuid` another.
pub fn stated_limits(column: &Column) -> Limits {
    let mut stated = physical_limits(column);
    if !matches!(column.logical_type.as_ref().map(|t| t.value), Some(LogicalType::String)) {
        return stated;
    }
    let longest = column.options.text("maxLength").and_then(|text| text.parse::<u64>().ok());
    stated.characters = match (stated.characters, longest) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    stated.uuid |= column.options.text("format").as_deref() == Some("uuid");
    stated
}

/// The range that the format of an integer states: `int32`. All that is stored is an `int64`.
pub fn format_range(column: &Column) -> Option<(i64, i64)> {
    column.logical_type.as_ref().filter(|t| t.value == LogicalType::Integer)?;
    Some(match column.options.text("format")?.as_str() {
        "int8" => (i8::MIN.into(), i8::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.into()),
        "int32" => (i32::MIN.into(), i32::MAX.into()),
        "uint8" => (0, u8::MAX.into()),
        "uint16" => (0, u16::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        "uint64" => (0, i64::MAX),
        _ => return None,
    })
}

/// What no dialect has in the physical type of a column, without case and spaces: what it means cannot
/// be judged.
pub fn unknown(column: &Column) -> Option<String> {
    let text = &column.physical_type.as_ref()?.value;
    if parse(text).is_none() {
        return Some(alike(text));
    }
    let inner: Vec<String> = match Spelled::of(column)? {
        Spelled::Items(item) => unknown(&item).into_iter().collect(),
        Spelled::Pairs(key, value) => [&key, &value].into_iter().filter_map(unknown).collect(),
        Spelled::Fields(fields) => fields.iter().filter_map(unknown).collect(),
    };
    (!inner.is_empty()).then(|| inner.join(", "))
}

/// A spelling without case and spaces.
pub(super) fn alike(text: &str) -> String {
    text.split_whitespace().collect::<String>().to_lowercase()
}
