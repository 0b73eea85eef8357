//! Types of files as a contract declares them.

use arrow::datatypes::DataType;

use crate::contract::types::{stored, type_to_declare};

use super::lines::{Lines, quoted};

/// A logical type with the options that are part of its meaning.
pub(super) struct Logical {
    /// Empty where no logical type admits the file's.
    pub word: &'static str,
    pub options: &'static [(&'static str, &'static str)],
}

pub(super) fn logical(data_type: &DataType) -> Logical {
    let plain = |word| Logical { word, options: &[] };
    match data_type {
        DataType::Boolean => plain("boolean"),
        DataType::UInt64 | DataType::Null | DataType::Date64 => plain(""),
        t if t.is_integer() => plain("integer"),
        t if t.is_numeric() => plain("number"),
        DataType::Date32 => plain("date"),
        DataType::Timestamp(_, None) => {
            Logical { word: "timestamp", options: &[("timezone", "false")] }
        }
        DataType::Timestamp(..) => plain("timestamp"),
        DataType::Time32(_) | DataType::Time64(_) => plain("time"),
        DataType::Binary => Logical { word: "string", options: &[("format", "binary")] },
        DataType::Struct(_) => plain("object"),
        DataType::List(_) => plain("array"),
        DataType::Map(..) => plain("map"),
        _ => plain("string"),
    }
}

/// The physical type to declare, where it adds to the logical one.
pub(super) fn physical(data_type: &DataType) -> Option<String> {
    match data_type {
        DataType::UInt64 => None,
        t if t.is_integer() || matches!(t, DataType::Float32 | DataType::Float64) => {
            Some(type_to_declare(t))
        }
        DataType::Decimal128(..) | DataType::Decimal256(..) => {
            stored(data_type).ok().map(|t| type_to_declare(&t))
        }
        _ => None,
    }
}

/// The type of something without a name, and what is inside.
pub(super) fn typed(data_type: &DataType, indent: usize, out: &mut Lines) {
    let logical = logical(data_type);
    if !logical.word.is_empty() {
        out.line(indent, &format!("logicalType: {}", logical.word));
    }
    for (key, value) in logical.options {
        out.line(indent, &format!("logicalTypeOptions: {{ {key}: {value} }}"));
    }
    nested(data_type, indent, out);
}

/// What is inside: types only.
pub(super) fn nested(data_type: &DataType, indent: usize, out: &mut Lines) {
    match data_type {
        DataType::Struct(fields) => {
            out.line(indent, "properties:");
            for field in fields {
                out.line(indent + 1, &format!("- name: {}", quoted(field.name())));
                typed(field.data_type(), indent + 2, out);
            }
        }
        DataType::List(item) => {
            out.line(indent, "items:");
            typed(item.data_type(), indent + 1, out);
        }
        DataType::Map(entries, _) => {
            if let DataType::Struct(fields) = entries.data_type() {
                out.line(indent, "map:");
                for (name, field) in ["key", "value"].iter().zip(fields) {
                    out.line(indent + 1, &format!("{name}:"));
                    typed(field.data_type(), indent + 2, out);
                }
            }
        }
        _ => {}
    }
}
