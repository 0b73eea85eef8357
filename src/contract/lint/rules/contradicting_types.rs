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
use crate::contract::model::{Column, Contract, LogicalType};
use crate::contract::types::{Physical, admits_wholly, bound, container, parse_physical, probes};
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
        if is_empty(column) {
            let (message, hint) = contradiction(logical.value, physical, &spelling.value);
            found.push(
                Diagnostic::new(&META, &contract.source, spelling.span, message)
                    .severity(Severity::Error)
                    .hint(hint),
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

/// Whether no file has a type that both admit.
fn is_empty(column: &Column) -> bool {
    if container(column).is_some() {
        return bound(column).is_some();
    }
    probes(&[column]).iter().all(|data_type| admits_wholly(column, data_type).is_err())
}

fn contradiction(logical: LogicalType, physical: Physical, spelling: &str) -> (String, &'static str) {
    match (logical, physical) {
        (LogicalType::Timestamp, Physical::Timestamp { zone: Some(true) }) => (
            format!("physicalType '{spelling}' has a time zone, and timezone is false"),
            "drop timezone, which defaults to true",
        ),
        (LogicalType::Timestamp, Physical::Timestamp { .. }) => (
            format!("physicalType '{spelling}' has no time zone, and timezone is true"),
            "write timezone: false, or defaultTimezone: Etc/UTC for the zone that is meant",
        ),
        _ => (
            format!("physicalType '{spelling}' is not of type {}", logical.word()),
            "correct one of the two: no file satisfies both",
        ),
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
