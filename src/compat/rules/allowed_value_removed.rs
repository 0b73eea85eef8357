//! ## What it does
//! Reports a value that a column may no longer hold: in `enum`, or in `validValues` of a rule. Reader
//! dangerous, writer breaking, bump minor.
//!
//! ## Why it matters
//! Files that hold the value fail; a consumer's filter for it finds nothing any more.
//!
//! ## Example
//! ```yaml
//! enum: # was [beginner, advanced]
//! - {value: advanced}
//! ```
//!
//! ## What to do instead
//! Backtest it, raise the minor version, and tell the consumers that filter for the value.

use crate::compat::facts::allowed::removed;
use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta = Meta {
    code: "D025",
    name: "allowed-value-removed",
    severity: Severity::Warning,
    since: "0.1.0",
};

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for list in pair.allowed() {
        let Some(values) = removed(list) else { continue };
        let writer = if list.binds { Effect::Breaking } else { Effect::Safe };
        let message = format!("the column may no longer hold {}", values.join(", "));
        let mut finding = pair
            .finding(&META, list.element.clone(), message)
            .was(list.old_words(), list.old.1)
            .is(list.new_words(), list.new.1)
            .touching(list.touches.clone())
            .effect(Effect::Dangerous, writer, Bump::Minor);
        finding.clause = list.clause.clone();
        found.push(finding);
    }
}
