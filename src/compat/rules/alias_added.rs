//! ## What it does
//! Reports an older name of a column that is readable now (custom property `aliases`). Safe on both
//! sides, bump minor.
//!
//! ## Why it matters
//! Readers gain a name to read by.
//!
//! ## Example
//! ```yaml
//! - {name: score, customProperties: [{property: aliases, value: [points]}]} # was without
//! ```
//!
//! ## What to do instead
//! Nothing: raise the minor version.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D051", name: "alias-added", severity: Severity::Note, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for column in &pair.columns {
        let base = column.base.column;
        for new in &column.head.column.aliases {
            // The old name of a renamed column is reported with the rename.
            let mut names = base.aliases.iter().chain([&base.name]);
            if names.any(|name| name.value.eq_ignore_ascii_case(&new.value)) {
                continue;
            }
            let message = format!("alias '{}' was added", new.value);
            found.push(
                pair.of_column(&META, column, "customProperties", message)
                    .is(new.value.clone(), new.span)
                    .effect(Effect::Safe, Effect::Safe, Bump::Minor),
            );
        }
    }
}
