//! ## What it does
//! Reports a table or column whose name in files changed while its name in SQL stayed. Reader safe,
//! writer breaking, bump minor.
//!
//! ## Why it matters
//! Files are read by physical names: a delivery under the old one fails.
//!
//! ## Example
//! ```yaml
//! properties:
//! - {name: score, physicalName: scr} # was sc
//! ```
//!
//! ## What to do instead
//! Raise the minor version and tell the producer.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta = Meta {
    code: "D013",
    name: "physical-name-changed",
    severity: Severity::Warning,
    since: "0.1.0",
};

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    let message =
        |old: &str, new: &str| format!("the physical name changed from '{old}' to '{new}'");
    for table in &pair.tables {
        let (old, new) = (table.base.table, table.head.table);
        let renamed = !old.name.value.eq_ignore_ascii_case(&new.name.value);
        if !renamed && old.physical() != new.physical() {
            let at = |side: crate::compat::facts::pair::TableSide<'_>| {
                side.node.get("physicalName").map_or(side.table.name.span, |n| n.span)
            };
            found.push(
                pair.of_table(&META, table, message(old.physical(), new.physical()))
                    .was(old.physical().to_owned(), at(table.base))
                    .is(new.physical().to_owned(), at(table.head))
                    .effect(Effect::Safe, Effect::Breaking, Bump::Minor),
            );
        }
    }
    for column in pair.columns.iter().filter(|c| c.is_named && !c.head.column.measure) {
        let (old, new) = (column.base.column, column.head.column);
        let renamed = !old.name.value.eq_ignore_ascii_case(&new.name.value);
        if !renamed && old.physical() != new.physical() {
            found.push(
                pair.of_column(
                    &META,
                    column,
                    "physicalName",
                    message(old.physical(), new.physical()),
                )
                .was(old.physical().to_owned(), column.base.span("physicalName"))
                .is(new.physical().to_owned(), column.head.span("physicalName"))
                .effect(Effect::Safe, Effect::Breaking, Bump::Minor),
            );
        }
    }
}
