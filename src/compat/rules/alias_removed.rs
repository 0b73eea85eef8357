//! ## What it does
//! Reports an old name of a column that is no longer among its `aliases`. Reader breaking, writer safe,
//! bump major.
//!
//! ## Why it matters
//! Consumers that still read the old name no longer plan.
//!
//! ## Example
//! ```yaml
//! properties:
//! - name: relevance
//!   customProperties: [{property: aliases, value: []}] # was [score]
//! ```
//!
//! ## What to do instead
//! Keep the alias until the next major version.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding, Touches};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D008", name: "alias-removed", severity: Severity::Error, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for column in pair.columns.iter().filter(|c| c.is_top) {
        for old in &column.base.column.aliases {
            let head = column.head.column;
            let mut names = head.aliases.iter().chain([&head.name]);
            if names.any(|name| name.value.eq_ignore_ascii_case(&old.value)) {
                continue;
            }
            let message = format!("alias '{}' was removed", old.value);
            found.push(
                pair.of_column(&META, column, "customProperties", message)
                    .was(old.value.clone(), old.span)
                    // Consumers that read the old name no longer plan; those that read the new one
                    // are unaffected.
                    .touching(Touches::Nothing)
                    .effect(Effect::Breaking, Effect::Safe, Bump::Major),
            );
        }
    }
}
