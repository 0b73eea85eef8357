//! ## What it does
//! Reports a range, length, number of items, pattern or format that lets fewer values through, or is
//! new. Reader safe, writer breaking, bump minor.
//!
//! ## Why it matters
//! Files that passed may fail from this version on.
//!
//! ## Example
//! ```yaml
//! logicalTypeOptions: {maximum: 1} # was 100
//! ```
//!
//! ## What to do instead
//! Backtest it: `pactum diff --backtest 10` tells which of the last releases would have failed.

use crate::compat::finding::{Bump, Effect, Finding};
use crate::compat::limits::changes;
use crate::compat::pair::Pair;
use crate::compat::relation::Relation;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D027", name: "limit-tightened", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for (column, change) in changes(pair, Relation::Tighter) {
        let message = change.words.to_string() + " lets fewer through";
        let mut finding = pair
            .of_column(&META, column, "logicalTypeOptions", message)
            .was(change.old, change.old_span)
            .is(change.new, change.new_span)
            .effect(Effect::Safe, Effect::Breaking, Bump::Minor);
        finding.clause = change.clause;
        found.push(finding);
    }
}
