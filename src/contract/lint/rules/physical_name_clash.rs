//! ## What it does
//! Reports tables of a contract that share a physical name, in any case; columns of a table that
//! share one, unless it differs by the case of letters from A to Z; and, as a warning, fields inside
//! a column whose physical name differs from their name.
//!
//! ## Why it matters
//! Two tables would be one folder, two columns one column of the file. Fields inside a column are not
//! renamed: files, checks and SQL know them by the physical name.
//!
//! ## Example
//! ```yaml
//! schema:
//! - {name: scores, physicalName: t}
//! - {name: results, physicalName: t}
//! ```
//!
//! ## What to do instead
//! Give each its own `physicalName`, or none; give a field inside a column the name that it has in
//! the file.

use std::collections::HashMap;

use crate::contract::column_names::yaml_text;
use crate::contract::lint::all_columns;
use crate::contract::model::{Column, Contract, Spanned};
use crate::contract::names::{folded, shown};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L034", name: "physical-name-clash", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    let tables = contract.tables.iter().map(|t| (t.physical(), &t.name));
    clashes(contract, "table", tables, folded, found);
    for table in &contract.tables {
        let columns = table.stored_columns().map(|c| (c.physical(), &c.name));
        clashes(contract, "column", columns, told_apart, found);
    }
    for column in all_columns(contract) {
        let fields = column.properties.iter().map(|c| (c.physical(), &c.name));
        clashes(contract, "field", fields, told_apart, found);
        column.properties.iter().for_each(|field| renamed(contract, field, found));
    }
}

/// Files may well hold `a` and `A`; letters that only look alike, nobody tells apart.
fn told_apart(name: &str) -> String {
    if name.is_ascii() { name.to_owned() } else { folded(name) }
}

/// Checks read a field inside a column by its physical name, and so does SQL.
fn renamed(contract: &Contract, field: &Column, found: &mut Vec<Diagnostic>) {
    let Some(physical) = &field.physical_name else { return };
    if *physical == field.name.value {
        return;
    }
    let message = format!(
        "only columns are renamed: SQL knows the field '{}' inside a column as '{}'",
        shown(&field.name.value),
        shown(physical)
    );
    found.push(
        Diagnostic::new(&META, &contract.source, field.name.span, message)
            .severity(Severity::Warning)
            .hint(format!("name: {}", yaml_text(physical))),
    );
}

fn clashes<'a>(
    contract: &Contract,
    what: &str,
    names: impl Iterator<Item = (&'a str, &'a Spanned<String>)>,
    fold: fn(&str) -> String,
    found: &mut Vec<Diagnostic>,
) {
    let mut seen: HashMap<String, &Spanned<String>> = HashMap::new();
    for (physical, name) in names {
        let Some(first) = seen.insert(fold(physical), name) else { continue };
        // Another rule handles equal names.
        if folded(&first.value) != folded(&name.value) {
            let message = format!(
                "{what}s '{}' and '{}' have one physical name, '{}'",
                shown(&first.value),
                shown(&name.value),
                shown(physical)
            );
            found.push(
                Diagnostic::new(&META, &contract.source, name.span, message)
                    .hint("physicalName: a different name"),
            );
        }
    }
}
