//! ## What it does
//! Reports a table that the base's contract lacks. Reader safe, writer breaking, bump minor.
//!
//! ## Why it matters
//! Readers gain something to read; a release holds every table of its contract, so the producer has to
//! deliver one more.
//!
//! ## Example
//! ```yaml
//! schema: # was [courses]
//! - {name: courses}
//! - {name: lessons}
//! ```
//!
//! ## What to do instead
//! Nothing: raise the minor version, and deliver the table.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D004", name: "table-added", severity: Severity::Note, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for side in &pair.added_tables {
        let name = &side.table.name;
        let message = format!("table '{}' was added", name.value);
        found.push(
            pair.finding(&META, name.value.clone(), message)
                .is(name.value.clone(), name.span)
                .effect(Effect::Safe, Effect::Breaking, Bump::Minor),
        );
    }
}
