//! ## What it does
//! Reports tables of a contract, or columns of a table, whose names differ only by case.
//!
//! ## Why it matters
//! SQL matches names in any case: one of the two could not be read.
//!
//! ## Example
//! ```yaml
//! properties:
//! - {name: Score}
//! - {name: score}
//! ```
//!
//! ## What to do instead
//! Rename one.

use std::collections::HashMap;

use crate::contract::model::{Contract, Spanned};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L012", name: "name-case-clash", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    let tables = contract.tables.iter().map(|t| &t.name);
    clashes(contract, "table", tables, found);
    for table in &contract.tables {
        let columns = table.columns.iter();
        let names = columns.flat_map(|c| std::iter::once(&c.name).chain(&c.aliases));
        clashes(contract, "column", names, found);
    }
}

fn clashes<'a>(
    contract: &Contract,
    what: &str,
    names: impl Iterator<Item = &'a Spanned<String>>,
    found: &mut Vec<Diagnostic>,
) {
    let mut seen: HashMap<String, &Spanned<String>> = HashMap::new();
    for name in names {
        let Some(first) = seen.insert(name.value.to_lowercase(), name) else { continue };
        if first.value != name.value {
            let message =
                format!("{what} names '{}' and '{}' differ only by case", first.value, name.value);
            found.push(
                Diagnostic::new(&META, &contract.source, name.span, message)
                    .hint("SQL matches names in any case: rename one of the two"),
            );
        }
    }
}
