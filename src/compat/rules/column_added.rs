//! ## What it does
//! Reports a column, not required, that the base lacks. Safe on both sides, bump minor. A consumer that
//! selects `*` or joins NATURAL is shown as changed.
//!
//! ## Why it matters
//! Readers gain a column; files without it pass, with NULLs.
//!
//! ## Example
//! ```yaml
//! properties: # was [learner_id]
//! - {name: learner_id}
//! - {name: country}
//! ```
//!
//! ## What to do instead
//! Nothing: raise the minor version.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D009", name: "column-added", severity: Severity::Note, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for list in &pair.lists {
        for side in list.added.iter().filter(|s| !s.column.not_null()) {
            let name = &side.column.name;
            let message = format!("column '{}' was added", name.value);
            found.push(
                pair.finding(&META, format!("{}.{}", list.path, name.value), message)
                    .was(None, list.table.base.table.name.span)
                    .is(name.value.clone(), name.span)
                    .effect(Effect::Safe, Effect::Safe, Bump::Minor),
            );
        }
    }
}
