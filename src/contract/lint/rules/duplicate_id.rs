//! ## What it does
//! Reports two elements of one list with the same `id` or the same `name`. It is a warning where
//! the version that the document declares does not know the `id`.
//!
//! ## Why it matters
//! References and clause ids name elements by id; with two equal ones a reference is ambiguous.
//!
//! ## Example
//! ```yaml
//! properties:
//! - {name: score}
//! - {name: score}
//! ```
//!
//! ## What to do instead
//! Give each its own id and name.

use crate::contract::mappings;
use crate::contract::model::{Contract, Table};
use crate::contract::yaml::Node;
use crate::diagnostic::{Diagnostic, Meta, Severity, Span};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L011", name: "duplicate-id", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    walk(contract, found);
    for table in &contract.tables {
        mistakable(contract, table, found);
    }
}

/// Clause ids name a column by its id, else its name: the two must not meet.
fn mistakable(contract: &Contract, table: &Table, found: &mut Vec<Diagnostic>) {
    for column in &table.columns {
        let other = table.columns.iter().find(|other| {
            other.id.is_none() && column.id.as_deref() == Some(other.name.value.as_str())
        });
        if let Some(other) = other.filter(|other| !std::ptr::eq(*other, column)) {
            let name = &other.name.value;
            let message = format!("id '{name}' is the name of another column");
            found.push(
                Diagnostic::new(&META, &contract.source, column.name.span, message)
                    .hint("choose another id: clause ids name columns by either"),
            );
        }
    }
}

/// Only lists whose items are elements of the standard: free values may repeat what they like.
fn walk(contract: &Contract, found: &mut Vec<Diagnostic>) {
    mappings::visit(&contract.tree, &mut |node, object| {
        for (key, items, item) in mappings::lists(node, object) {
            let named = matches!(key, "schema" | "properties");
            for attribute in if named { &["id", "name"][..] } else { &["id"] } {
                // Where the version has no such key, the word is free.
                let is_known = item.since(attribute).is_some_and(|v| v <= contract.api_version);
                let is_free = !is_known && contract.api_version < item.closed;
                let severity = if is_free { Severity::Warning } else { META.severity };
                repeated(contract, items, attribute, severity, found);
            }
        }
    });
}

fn repeated(
    contract: &Contract,
    items: &[Node],
    attribute: &str,
    severity: Severity,
    found: &mut Vec<Diagnostic>,
) {
    let mut seen: Vec<(&str, Span)> = Vec::new();
    for node in items.iter().filter_map(|item| item.get(attribute)) {
        let Some(text) = node.as_str() else { continue };
        match seen.iter().find(|(known, _)| *known == text) {
            Some((_, first)) => found.push(
                Diagnostic::new(
                    &META,
                    &contract.source,
                    node.span,
                    format!("{attribute} '{text}' is taken"),
                )
                .severity(severity)
                .hint(format!("the first one is at line {}", first.line)),
            ),
            None => seen.push((text, node.span)),
        }
    }
}
