//! ## What it does
//! Warns about a contract that declares no table, and about a table that states nothing: it has no
//! columns, and no rule that can be executed.
//!
//! ## Why it matters
//! A contract without tables promises nothing about data, and a check of it proves nothing.
//!
//! ## Example
//! ```yaml
//! schema: []
//! ```
//!
//! ## What to do instead
//! Declare the tables under `schema`, and their columns under `properties`.

use std::sync::Arc;

use crate::contract::model::{Contract, RuleType, Table};
use crate::contract::yaml::Node;
use crate::diagnostic::{Diagnostic, Meta, Severity, Source, Span};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L033", name: "nothing-to-check", severity: Severity::Warning, since: "0.1.0" };

/// A table that is a blob: an object without columns.
pub(in crate::contract) fn of_blob(source: &Arc<Source>, span: Span) -> Diagnostic {
    let message = "a blob has no columns: files of it are read as a table, or refused";
    Diagnostic::new(&META, source, span, message)
        .hint("declare its columns and write logicalType: object, or leave it out of schema")
}

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    if contract.tables.is_empty() {
        let span = contract.tree.get("schema").map_or(contract.tree.span, |n| n.span);
        let message = "the contract declares no table: there is nothing to check";
        found.push(
            Diagnostic::new(&META, &contract.source, span, message)
                .hint("declare tables under schema"),
        );
    }
    for table in contract.tables.iter().filter(|table| states_nothing(contract, table)) {
        let message = format!(
            "table '{}' has no columns and no rules: nothing of it is tested",
            table.name.value
        );
        found.push(
            Diagnostic::new(&META, &contract.source, table.name.span, message)
                .hint("declare its columns under properties, or rules under quality"),
        );
    }
}

/// Whether nothing of a table can be tested. A blob has a diagnostic of its own.
fn states_nothing(contract: &Contract, table: &Table) -> bool {
    let entries = contract.tree.get("schema").map(Node::items).unwrap_or_default();
    let is_own = |node: &&Node| node.get("name").is_some_and(|n| n.span == table.name.span);
    let entry = entries.iter().find(is_own);
    let kind = entry.and_then(|node| node.get("logicalType")).and_then(Node::as_str);
    // Columns that cannot be read are reported where they are.
    let has_entries = entry
        .and_then(|node| node.get("properties"))
        .is_some_and(|list| !list.items().is_empty() || !list.entries().is_empty());
    table.columns.is_empty()
        && !has_entries
        && table.relationships.is_empty()
        && table.quality.iter().all(|rule| rule.rule_type == RuleType::Text)
        && kind != Some("blob")
}
