//! `format` of strings, dates and timestamps.

use arrow::datatypes::DataType;
use datafusion::prelude::lit;

use crate::check::expr::predicates::{Predicate, TextFormat};
use crate::check::plan::clause::{Clause, RowTest, Settled, Test};
use crate::contract::model::{Column, LogicalType};
use crate::contract::types::{Kept, kept, plain};

use super::pattern::test;
use super::planning::Planning;

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    let Some(logical) = column.logical_type.as_ref().map(|t| t.value) else { return };
    zones(planning, column, logical, out);
    let Some(node) = column.options.get("format") else { return };
    let format = node.as_str().unwrap_or_default().to_owned();
    let informational = |reason: &str| {
        Clause::settled(
            planning.table,
            Some(column),
            "format",
            node.span,
            format.clone(),
            Settled::informational(reason),
        )
    };
    let text = TextFormat::from_word(&format).filter(|_| logical == LogicalType::String);
    if let Some(text) = text {
        let texts = test(column, Predicate::Format(text));
        let test = RowTest::new(column, move |value, data_type| {
            // Bytes have their base64 form by their type.
            let bytes = text == TextFormat::Byte && plain(data_type) == DataType::Binary;
            if bytes { Ok(lit(false)) } else { (texts.failing)(value, data_type) }
        });
        let test = Test::Rows(test);
        out.push(Clause::new(planning.table, Some(column), "format", node.span, format, test));
        return;
    }
    let reason = match (logical, format.as_str()) {
        (LogicalType::String, "binary" | "password") => {
            "says how the value is handled, not which values are good"
        }
        (LogicalType::String, _) => "a format that the standard does not define",
        (LogicalType::Date | LogicalType::Timestamp | LogicalType::Time, _)
            if kept(column) == Some(Kept::Text) =>
        {
            "how the texts are read: answered with the logical type"
        }
        (LogicalType::Date | LogicalType::Timestamp | LogicalType::Time, _) => {
            "how texts are read; a typed file has none"
        }
        // For numbers the format is a width: the physical schema answers it.
        _ => return,
    };
    out.push(informational(reason));
}

/// `timezone` is part of the type; `defaultTimezone` says how to read what has none.
fn zones(planning: &Planning<'_>, column: &Column, logical: LogicalType, out: &mut Vec<Clause>) {
    if !matches!(logical, LogicalType::Timestamp | LogicalType::Time) {
        return;
    }
    for kind in ["timezone", "defaultTimezone"] {
        let Some(node) = column.options.get(kind) else { continue };
        let reason = match (kind, logical) {
            ("timezone", LogicalType::Timestamp) => "answered with the logical type",
            ("timezone", _) => "a time of day in a file has no zone",
            _ => "used to read values and bounds without a zone",
        };
        out.push(Clause::settled(
            planning.table,
            Some(column),
            kind,
            node.span,
            node.scalar_text().unwrap_or_default(),
            Settled::informational(reason),
        ));
    }
}
