//! The meaning of a declared type, however it is spelled.

use arrow::datatypes::{DataType, Field, Fields, TimeUnit};

use crate::contract::model::{Column, LogicalType};

use super::physical::{Physical, parse as parse_physical};
use super::{admits_wholly, planned};

/// A text that two declarations share exactly when they mean the same type: the type that readers
/// are planned with, and what a file may hold. For a container, its kind; inner types have their
/// own meaning.
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
    format!("{} of {}", planned(column), admitted.join(", "))
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
        None => match parse_physical(&column.physical_type.as_ref()?.value)? {
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
    if column.items.is_some() || column.map.is_some() || !column.properties.is_empty() {
        return None;
    }
    inside(&column.physical_type.as_ref()?.value).map(|inner| spelled_alike(&inner))
}

/// The text between the outermost brackets, or before the last `[]`.
fn inside(physical: &str) -> Option<String> {
    let text = physical.trim();
    if let Some(inner) = text.strip_suffix("[]") {
        return Some(inner.trim().to_owned());
    }
    let inner = text.split_once('<')?.1.strip_suffix('>')?;
    Some(inner.trim().to_owned())
}

fn spelled_alike(inner: &str) -> String {
    if let Some(deeper) = inside(inner) {
        let kind = parse_physical(inner).map(|p| format!("{p:?}")).unwrap_or_default();
        return format!("{kind}<{}>", spelled_alike(&deeper));
    }
    match parse_physical(inner) {
        Some(known) => format!("{known:?}"),
        None => inner.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase(),
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
        let physical = column.physical_type.as_ref().and_then(|p| parse_physical(&p.value));
        if let Some(Physical::Decimal { precision, scale }) = physical {
            probes.push(D::Decimal128(precision, scale));
        }
    }
    probes
}
