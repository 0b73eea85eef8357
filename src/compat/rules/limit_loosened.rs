//! ## What it does
//! Reports a range, length, number of items, pattern or format that lets more values through, or is
//! gone. Reader breaking, writer safe, bump major: limits of columns fail the run.
//!
//! ## Why it matters
//! Consumers count on what was promised: a score up to 1, a code of two letters.
//!
//! ## Example
//! ```yaml
//! logicalTypeOptions: {maximum: 100} # was 1
//! ```
//!
//! ## What to do instead
//! Keep the limit, or raise the major version.

use crate::compat::finding::{Bump, Effect, Finding};
use crate::compat::limits::changes;
use crate::compat::pair::Pair;
use crate::compat::relation::Relation;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D026", name: "limit-loosened", severity: Severity::Error, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for (column, change) in changes(pair, Relation::Looser) {
        let message = change.words.to_string() + " lets more through";
        let mut finding = pair
            .of_column(&META, column, "logicalTypeOptions", message)
            .was(change.old, change.old_span)
            .is(change.new, change.new_span)
            .effect(Effect::Breaking, Effect::Safe, Bump::Major);
        finding.clause = change.clause;
        found.push(finding);
    }
}
