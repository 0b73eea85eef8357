//! ## What it does
//! Reports a table that the head's contract lacks. Reader breaking, writer safe, bump major.
//!
//! ## Why it matters
//! Consumers that read the table no longer plan.
//!
//! ## Example
//! ```yaml
//! schema: # was [courses, learners]
//! - {name: courses}
//! ```
//!
//! ## What to do instead
//! Deprecate the table first (`deprecated: true`), and remove it with a new major version.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding, Touches};
use crate::contract::odcs::deprecation_mark;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D002", name: "table-removed", severity: Severity::Error, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for side in &pair.removed_tables {
        let name = &side.table.name;
        let message = format!("table '{}' was removed", name.value);
        found.push(
            pair.finding(&META, name.value.clone(), message)
                .was(name.value.clone(), name.span)
                .effect(Effect::Breaking, Effect::Safe, Bump::Major)
                .touching(Touches::Table(name.value.clone()))
                .hint(format!(
                    "deprecate it first, by {}, and remove it with the next major version; a renamed \
                     table is followed by its id: give both the same",
                    deprecation_mark(pair.head.api_version)
                )),
        );
    }
}
