//! ## What it does
//! Reports columns, and fields inside them, whose name a Delta table cannot hold: one with blanks,
//! tabs, line ends or ``,;{}()=``, or one that another column of the table has in another case.
//!
//! ## Why it matters
//! Files may call a column anything, and a check reads it by that name. Only a publish needs
//! another one, because releases are Delta tables.
//!
//! ## Example
//! ```yaml
//! properties:
//! - {name: "Phone No."}
//! ```
//!
//! ## What to do instead
//! Give the column a name for SQL, and keep the name that files have as its `physicalName`:
//! `name: phone_no, physicalName: 'Phone No.'`. A release then holds it under its `name`.

use std::collections::{HashMap, HashSet};

use crate::contract::column_names::{
    is_forbidden_by_delta, is_usable, renamed, suggested, taken, yaml_text,
};
use crate::contract::model::{Column, Contract, Table};
use crate::contract::names::{folded, shown};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L028", name: "delta-name", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for table in &contract.tables {
        let mut names = Names { contract, taken: taken(table), found };
        names.columns(table);
        table.stored_columns().for_each(|column| names.inside(column));
    }
}

/// Whether two columns differ by name and in files; where they do not, other rules say so.
fn is_other(first: &Column, column: &Column) -> bool {
    first.physical() != column.physical() && folded(&first.name.value) != folded(&column.name.value)
}

struct Names<'a> {
    contract: &'a Contract,
    /// Names that a hint cannot suggest, folded.
    taken: HashSet<String>,
    found: &'a mut Vec<Diagnostic>,
}

impl Names<'_> {
    fn columns(&mut self, table: &Table) {
        let mut stored: HashMap<String, &Column> = HashMap::new();
        for column in table.stored_columns() {
            // Names that cannot be shown are another rule's business.
            if !is_usable(&column.name.value) {
                continue;
            }
            let first = stored.insert(column.stored().to_ascii_lowercase(), column);
            if is_forbidden_by_delta(column.stored()) {
                let name = shown(column.stored());
                let message = format!(
                    "a Delta table cannot hold a column '{name}': it can be checked, but not \
                     published under that name"
                );
                self.rename(column, message);
            } else if let Some(first) = first.filter(|first| is_other(first, column)) {
                let message = format!(
                    "columns '{}' and '{}' would have one name in a Delta table, '{}': they can \
                     be checked, but not published",
                    shown(&first.name.value),
                    shown(&column.name.value),
                    shown(column.stored())
                );
                self.rename(column, message);
            }
        }
    }

    fn rename(&mut self, column: &Column, message: String) {
        let name = suggested(column.physical(), &mut self.taken);
        self.report(column, message, renamed(&name, column.physical()));
    }

    /// Fields inside a column have the names that files give them.
    fn inside(&mut self, column: &Column) {
        for field in &column.properties {
            if is_forbidden_by_delta(field.physical()) && is_usable(&field.name.value) {
                let name = shown(field.physical());
                let message = format!(
                    "a Delta table cannot hold a field '{name}' inside a column: the column can \
                     be checked, but not published"
                );
                let mut taken = HashSet::new();
                let better = yaml_text(&suggested(field.physical(), &mut taken));
                let hint = format!("rename the field in the file too, and write name: {better}");
                self.report(field, message, hint);
            }
        }
        let map = column.map.iter().flat_map(|map| [&map.0, &map.1]);
        let within = column.properties.iter().chain(column.items.as_deref()).chain(map);
        within.for_each(|column| self.inside(column));
    }

    fn report(&mut self, column: &Column, message: String, hint: String) {
        let span = column.name.span;
        let found = Diagnostic::new(&META, &self.contract.source, span, message);
        self.found.push(found.hint(hint));
    }
}
