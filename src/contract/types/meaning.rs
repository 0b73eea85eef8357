//! The meaning of a declared type, however it is spelled.

use arrow::datatypes::{DataType, Field, Fields, TimeUnit};

use crate::contract::model::{Column, LogicalType};

use super::admit::admits_wholly;
use super::bound::{Spelled, bound};
use super::physical::Physical;
use super::planned::planned;
use super::reading::parse;
use super::stated::{alike, format_range, stated_limits};

/// A text that two declarations share exactly when they mean the same type: the type that readers
/// are planned with, what a file may hold, and what its values may be. For a container, its kind;
/// inner types have their own meaning. What is not known counts as it is spelled.
pub fn meaning(column: &Column) -> String {
    // In the words of 3.0 and of 3.1 a type is one type.
    let column = &Column { open_moment: false, ..column.clone() };
    if let Some(container) = container(column) {
        return format!("{container:?} {:?} {:?}", column.dimensions, element(column));
    }
    let admitted: Vec<String> = probes(&[column])
        .iter()
        .filter(|t| admits_wholly(column, t).is_ok())
        .map(ToString::to_string)
        .collect();
    let mut text = format!("{} of {}", planned(column), admitted.join(", "));
    let limits = stated_limits(column);
    if limits != super::limits::Limits::default() {
        text.push_str(&format!(" with {limits:?}"));
    }
    if let Some((least, greatest)) = format_range(column) {
        text.push_str(&format!(" from {least} to {greatest}"));
    }
    if let Some(unknown) = super::stated::unknown(column) {
        text.push_str(&format!(" as {unknown}"));
    }
    text
}

/// Types with values inside, which are compared element by element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words are the standard's own")]
pub enum Container {
    Object,
    Array,
    Map,
    Vector,
    Json,
}

/// The kind of container that a column is declared to be.
pub fn container(column: &Column) -> Option<Container> {
    match column.logical_type.as_ref().map(|t| t.value) {
        Some(LogicalType::Object) => Some(Container::Object),
        Some(LogicalType::Array) => Some(Container::Array),
        Some(LogicalType::Map) => Some(Container::Map),
        Some(LogicalType::Vector) => Some(Container::Vector),
        Some(_) => None,
        None => match bound(column)? {
            Physical::Object => Some(Container::Object),
            Physical::Array => Some(Container::Array),
            Physical::Map => Some(Container::Map),
            Physical::Json => Some(Container::Json),
            _ => None,
        },
    }
}

/// What a container holds, by its physical type where nothing else says it: `bigint` of `bigint[]`
/// and `array<int64>`, in one spelling.
pub fn element(column: &Column) -> Option<String> {
    Some(match Spelled::of(column)? {
        Spelled::Items(item) => spelled_alike(&item),
        Spelled::Pairs(key, value) => {
            format!("{} to {}", spelled_alike(&key), spelled_alike(&value))
        }
        Spelled::Fields(fields) => {
            let fields = fields.iter().map(|f| format!("{} {}", f.name.value, spelled_alike(f)));
            fields.collect::<Vec<_>>().join(", ")
        }
    })
}

fn spelled_alike(column: &Column) -> String {
    let text = column.physical_type.as_ref().map(|p| p.value.as_str()).unwrap_or_default();
    match (parse(text), element(column)) {
        (Some(kind), Some(inner)) => format!("{kind:?}<{inner}>"),
        (Some(kind), None) => format!("{kind:?}"),
        (None, _) => alike(text),
    }
}

/// One type of each kind, and the decimals that the columns speak of: which of them a declaration
/// admits distinguishes it from others.
pub fn probes(columns: &[&Column]) -> Vec<DataType> {
    use DataType as D;
    let mut probes = vec![
        D::Boolean,
        D::Int8,
        D::Int16,
        D::Int32,
        D::Int64,
        D::UInt8,
        D::UInt16,
        D::UInt32,
        D::UInt64,
        D::Float32,
        D::Float64,
        D::Utf8,
        D::Binary,
        D::Date32,
        D::Timestamp(TimeUnit::Microsecond, None),
        D::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        D::Time64(TimeUnit::Microsecond),
        D::new_list(D::Utf8, true),
        D::Struct(Fields::from(vec![Field::new("a", D::Utf8, true)])),
        D::Decimal128(1, 0),
        D::Decimal128(38, 0),
        D::Decimal128(38, 18),
    ];
    for column in columns {
        if let Some(Physical::Decimal { precision, scale }) = bound(column) {
            probes.push(D::Decimal128(precision, scale));
        }
    }
    probes
}
