//! `format` of strings, dates and timestamps.

use crate::check::clause::{Clause, Test};
use crate::check::predicates::Predicate;
use crate::check::report::Verdict;
use crate::contract::model::{Column, LogicalType};

use super::Planning;
use super::pattern::test;

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
            Verdict::Informational,
            Some(reason.to_owned()),
        )
    };
    let predicate = match (logical, format.as_str()) {
        (LogicalType::String, "email") => Predicate::Email,
        (LogicalType::String, "uuid") => Predicate::Uuid,
        (LogicalType::String, "uri") => Predicate::Uri,
        (LogicalType::String, "hostname") => Predicate::Hostname,
        (LogicalType::String, "ipv4") => Predicate::Ipv4,
        (LogicalType::String, "ipv6") => Predicate::Ipv6,
        (LogicalType::String, "byte") => Predicate::Base64,
        (LogicalType::String, "binary" | "password") => {
            out.push(informational("says how the value is handled, not which values are good"));
            return;
        }
        (LogicalType::String, _) => {
            out.push(informational("a format that the standard does not define"));
            return;
        }
        (LogicalType::Date | LogicalType::Timestamp | LogicalType::Time, _) => {
            out.push(informational("the file holds a typed value, which has no text format"));
            return;
        }
        // Of numbers the format is a width: the physical schema answers it.
        _ => return,
    };
    let test = Test::Rows(test(column, predicate));
    out.push(Clause::new(planning.table, Some(column), "format", node.span, format, test));
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
            Verdict::Informational,
            Some(reason.to_owned()),
        ));
    }
}
