//! ## What it does
//! Reports tables of a contract, or columns of a table, that share a physical name, in any case;
//! and fields inside a column whose physical name differs from their name.
//!
//! ## Why it matters
//! Two tables would be one folder, two columns one column of the file. Fields inside a column are not
//! renamed: files, SQL and checks know them by one name.
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

use crate::contract::lint::all_columns;
use crate::contract::model::{Contract, Spanned};
use crate::contract::names::{folded, shown};
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
    all_columns(contract).into_iter().flat_map(|column| &column.properties).for_each(|field| {
        let renamed =
            field.physical_name.as_ref().filter(|physical| **physical != field.name.value);
        if let Some(physical) = renamed {
            let (name, physical) = (shown(&field.name.value), shown(physical));
            let message =
                format!("field '{name}' inside a column cannot have a physical name, '{physical}'");
            found.push(
                Diagnostic::new(&META, &contract.source, field.name.span, message)
                    .hint("name it as the file does, and remove physicalName"),
            );
        }
    });
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
        // Another rule handles equal names.
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
