//! ## What it does
//! Reports a required column that the base lacks. Reader safe, writer breaking, bump minor.
//!
//! ## Why it matters
//! Files without the column fail their check from this version on.
//!
//! ## Example
//! ```yaml
//! properties: # was [learner_id]
//! - {name: learner_id}
//! - {name: country, required: true}
//! ```
//!
//! ## What to do instead
//! Add it without `required` first, and require it once every producer delivers it.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::contract::clause_id::clause_id;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta = Meta {
    code: "D010",
    name: "required-column-added",
    severity: Severity::Warning,
    since: "0.1.0",
};

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for list in &pair.lists {
        for side in list.added.iter().filter(|s| s.column.not_null()) {
            let name = &side.column.name;
            let message = format!("required column '{}' was added", name.value);
            let mut finding = pair
                .finding(&META, format!("{}.{}", list.path, name.value), message)
                .was(None, list.table.base.table.name.span)
                .is(name.value.clone(), side.span("required"))
                .effect(Effect::Safe, Effect::Breaking, Bump::Minor);
            if list.top.is_none() {
                let table = list.table.head.table;
                finding = finding.of_clause(clause_id(table, Some(side.column), "required"));
            }
            found.push(finding);
        }
    }
}
