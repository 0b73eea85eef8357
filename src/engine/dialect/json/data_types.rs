//! The types of JSON in a plan: a structure of one text each, by a name that no statement can write.

use std::sync::LazyLock;

use arrow::datatypes::{DataType, Field, Fields};

const JSON_FIELD: &str = "#json";

const JSONB_FIELD: &str = "#jsonb";

/// The type `json`.
pub(in super::super) static JSON: LazyLock<DataType> = LazyLock::new(|| of_field(JSON_FIELD));

/// The type `jsonb`.
pub(in super::super) static JSONB: LazyLock<DataType> = LazyLock::new(|| of_field(JSONB_FIELD));

fn of_field(name: &str) -> DataType {
    DataType::Struct(Fields::from(vec![Field::new(name, DataType::Utf8, true)]))
}

/// Whether a type is `jsonb`, or `json`; `None` of every other type.
pub(in super::super) fn kind_of(data_type: &DataType) -> Option<bool> {
    let DataType::Struct(fields) = data_type else { return None };
    match fields.first().filter(|_| fields.len() == 1).map(|field| field.name().as_str()) {
        Some(JSON_FIELD) => Some(false),
        Some(JSONB_FIELD) => Some(true),
        _ => None,
    }
}

/// Whether a type is `jsonb`.
pub(in super::super) fn is_jsonb(data_type: &DataType) -> bool {
    kind_of(data_type) == Some(true)
}
