//! ## What it does
//! Warns about a contract that declares no table.
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
//! Declare the tables under `schema`.

use std::sync::Arc;

use crate::contract::model::Contract;
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
}
