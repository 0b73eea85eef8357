//! ## What it does
//! Reports a `physicalType` that contradicts the logical type, and warns where it contradicts
//! `format`. In version 3.0 of the standard `date` means any point in time, which `physicalType`
//! refines; later versions have words of their own for timestamps and times, and lint names them.
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

use std::sync::Arc;

use crate::contract::lint::all_columns;
use crate::contract::model::{Column, Contract, LogicalType, Spanned};
use crate::contract::moment::Moment;
use crate::contract::temporal;
use crate::contract::types::{
    Kept, Physical, admits_wholly, bound, container, kept, parse_physical, probes,
};
use crate::contract::yaml::Node;
use crate::diagnostic::{Diagnostic, Meta, Severity, Source, Span};

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
        if let Some(kept) = kept(column) {
            // The `date` of a document is reported where it is written.
            if logical.value != LogicalType::Date {
                found.push(of_kept(contract, logical.value, kept, spelling));
            }
            continue;
        }
        // In 3.0, and in Oracle, a date may have a time of day.
        if column.open_moment && physical == Physical::Date {
            continue;
        }
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

/// A point in time that files keep as text or as a number.
fn of_kept(
    contract: &Contract,
    logical: LogicalType,
    kept: Kept,
    spelling: &Spanned<String>,
) -> Diagnostic {
    let word = logical.word();
    let (message, other) = match kept {
        Kept::Text => (
            format!(
                "physicalType '{}' keeps a {word} as text: each is read as a {word}",
                spelling.value
            ),
            "string",
        ),
        Kept::Epoch => (
            format!(
                "physicalType '{}' keeps a {word} as a number: its bounds are not executed, because \
                 its unit is not declared",
                spelling.value
            ),
            "integer",
        ),
    };
    Diagnostic::new(&META, &contract.source, spelling.span, message)
        .hint(format!("write logicalType: {other}, or the physicalType that files have"))
}

/// A `date` of 3.1 or later that is what `date` means in 3.0: a point in time, or one that files
/// keep as text or as a number.
pub(in crate::contract) fn of_date(
    source: &Arc<Source>,
    column: &Node,
    span: Span,
    meant: &Moment,
) -> Option<Diagnostic> {
    let physical = column.get("physicalType").map_or(span, |node| node.span);
    let new = |span, message: String, hint: &str| {
        Some(Diagnostic::new(&META, source, span, message).hint(hint))
    };
    let severity = if format_alone(column) { Severity::Error } else { META.severity };
    match meant {
        Moment::Date { .. } => None,
        Moment::Timestamp { by } => new(
            span,
            format!(
                "'date' is a day, and {by} is of a timestamp: the column is read as a timestamp"
            ),
            "write logicalType: timestamp",
        )
        .map(|found| found.severity(severity)),
        Moment::Time { by } => new(
            span,
            format!("'date' is a day, and {by} is of a time: the column is read as a time"),
            "write logicalType: time",
        )
        .map(|found| found.severity(severity)),
        Moment::Text(spelling) => new(
            physical,
            format!("physicalType '{spelling}' keeps a date as text: each text is read as a date"),
            "write logicalType: timestamp where texts have a time of day, logicalType: string where \
             they are not dates, or the physicalType that files have",
        ),
        Moment::Epoch(spelling) => new(
            physical,
            format!(
                "physicalType '{spelling}' keeps a date as a number: its bounds are not executed, \
                 because its unit is not declared"
            ),
            "write logicalType: timestamp with a physicalType of time, or logicalType: integer",
        ),
    }
}

/// A text whose length is in the brackets of an array.
pub(in crate::contract) fn of_length(
    source: &Arc<Source>,
    span: Span,
    spelling: &str,
    meant: &str,
) -> Diagnostic {
    let message = format!(
        "physicalType '{spelling}' is an array to databases, and logicalType is string: it is read \
         as {meant}"
    );
    Diagnostic::new(&META, source, span, message).hint(format!("write physicalType: {meant}"))
}

/// Whether no file has a type that both admit.
fn is_empty(column: &Column) -> bool {
    if container(column).is_some() {
        return bound(column).is_some();
    }
    probes(&[column]).iter().all(|data_type| admits_wholly(column, data_type).is_err())
}

fn contradiction(
    logical: LogicalType,
    physical: Physical,
    spelling: &str,
) -> (String, &'static str) {
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

/// Whether nothing but a format says that a date has a time of day: then it cannot match a date.
fn format_alone(column: &Node) -> bool {
    let options = column.get("logicalTypeOptions");
    let bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
    let mut bounds = bounds.iter().filter_map(|key| options?.get(key)?.as_str());
    column.get("physicalType").is_none() && bounds.all(|bound| temporal::date(bound).is_some())
}
