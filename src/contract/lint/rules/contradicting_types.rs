//! ## What it does
//! Reports a `physicalType` that contradicts the logical type, and warns where it contradicts `format`.
//!
//! ## Why it matters
//! No file could satisfy both. Against `format` the physical type wins.
//!
//! ## Example
//! ```yaml
//! logicalType: integer
//! physicalType: varchar
//! ```
//!
//! ## What to do instead
//! Make them agree.

use crate::contract::lint::all_columns;
use crate::contract::model::{Contract, LogicalType};
use crate::contract::types::{Physical, parse_physical};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L027", name: "contradicting-types", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for column in all_columns(contract) {
        let (Some(logical), Some(spelling)) = (&column.logical_type, &column.physical_type) else {
            continue;
        };
        let Some(physical) = parse_physical(&spelling.value) else { continue };
        if !agree(logical.value, physical) {
            let message = format!(
                "physicalType '{}' is not of type {}",
                spelling.value,
                logical.value.word()
            );
            found.push(
                Diagnostic::new(&META, &contract.source, spelling.span, message)
                    .severity(Severity::Error)
                    .hint("correct one of the two: no file satisfies both"),
            );
        } else if let Some(format) = column.options.get("format")
            && !format_agrees(format.as_str().unwrap_or_default(), physical)
        {
            let message = format!(
                "format '{}' contradicts physicalType '{}', which wins",
                format.as_str().unwrap_or_default(),
                spelling.value
            );
            found.push(
                Diagnostic::new(&META, &contract.source, format.span, message)
                    .hint("drop one of the two"),
            );
        }
    }
}

fn agree(logical: LogicalType, physical: Physical) -> bool {
    use Physical as P;
    match logical {
        LogicalType::String => matches!(physical, P::String | P::Binary | P::Json),
        LogicalType::Boolean => physical == P::Boolean,
        // numeric(10,0) is how some databases spell an integer.
        LogicalType::Integer => matches!(
            physical,
            P::Integer { .. } | P::AnyInteger | P::AnyDecimal | P::Decimal { scale: 0, .. }
        ),
        LogicalType::Number => matches!(
            physical,
            P::Integer { .. }
                | P::AnyInteger
                | P::Float32
                | P::Float64
                | P::AnyFloat
                | P::Decimal { .. }
                | P::AnyDecimal
        ),
        LogicalType::Date => physical == P::Date,
        LogicalType::Timestamp => matches!(physical, P::Timestamp { .. }),
        LogicalType::Time => physical == P::Time,
        LogicalType::Array | LogicalType::Vector => {
            matches!(physical, P::Array | P::String | P::Object | P::Json)
        }
        LogicalType::Object | LogicalType::Map => {
            matches!(physical, P::Object | P::Map | P::String | P::Json)
        }
    }
}

fn format_agrees(format: &str, physical: Physical) -> bool {
    match (format, physical) {
        ("f32", Physical::Float64) | ("f64", Physical::Float32) => false,
        ("i64" | "i32" | "i16" | "i8", Physical::Integer { bits, signed }) => {
            signed && format[1..] == bits.to_string()
        }
        _ => true,
    }
}
