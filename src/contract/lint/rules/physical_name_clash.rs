//! ## What it does
//! Reports tables of a contract, or columns of a table, that share a physical name, in any case.
//!
//! ## Why it matters
//! Two tables would be one folder, two columns one column of the file.
//!
//! ## Example
//! ```yaml
//! schema:
//! - {name: scores, physicalName: t}
//! - {name: results, physicalName: t}
//! ```
//!
//! ## What to do instead
//! Give each a `physicalName` of its own, or none.

use std::collections::HashMap;

use crate::contract::model::{Contract, Spanned};
use crate::contract::names::folded;
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L034", name: "physical-name-clash", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    let tables = contract.tables.iter().map(|t| (t.physical(), &t.name));
    clashes(contract, "table", tables, found);
    for table in &contract.tables {
        let columns = table.stored_columns().map(|c| (c.physical(), &c.name));
        clashes(contract, "column", columns, found);
    }
}

fn clashes<'a>(
    contract: &Contract,
    what: &str,
    names: impl Iterator<Item = (&'a str, &'a Spanned<String>)>,
    found: &mut Vec<Diagnostic>,
) {
    let mut seen: HashMap<String, &Spanned<String>> = HashMap::new();
    for (physical, name) in names {
        let Some(first) = seen.insert(folded(physical), name) else { continue };
        // Equal names are the business of another rule.
        if folded(&first.value) != folded(&name.value) {
            let message = format!(
                "{what}s '{}' and '{}' have one physical name, '{physical}'",
                first.value, name.value
            );
            found.push(
                Diagnostic::new(&META, &contract.source, name.span, message)
                    .hint("physicalName: a name of its own"),
            );
        }
    }
}
