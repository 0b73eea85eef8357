//! ## What it does
//! Reports a change of what happens to undeclared columns of files (`additionalColumns`). Reader
//! safe, bump minor; the writer breaks where they are forbidden now.
//!
//! ## Why it matters
//! Undeclared columns are never released; whether they fail a delivery is the producer's concern.
//!
//! ## Example
//! ```yaml
//! customProperties: [{property: additionalColumns, value: forbid}] # was allow
//! ```
//!
//! ## What to do instead
//! Raise the minor version and tell the producer.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::contract::model::AdditionalColumns;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta = Meta {
    code: "D048",
    name: "additional-columns-changed",
    severity: Severity::Warning,
    since: "0.1.0",
};

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for table in &pair.tables {
        let (old, new) =
            (&table.base.table.additional_columns, &table.head.table.additional_columns);
        if old.value == new.value {
            continue;
        }
        let writer = match new.value {
            AdditionalColumns::Forbid => Effect::Breaking,
            _ => Effect::Safe,
        };
        let word = |mode: AdditionalColumns| format!("{mode:?}").to_lowercase();
        let message = format!("undeclared columns: {}, now {}", word(old.value), word(new.value));
        found.push(
            pair.of_table(&META, table, message)
                .was(word(old.value), old.span)
                .is(word(new.value), new.span)
                .effect(Effect::Safe, writer, Bump::Minor),
        );
    }
}
