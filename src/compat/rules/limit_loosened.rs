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

use crate::compat::facts::pair::Pair;
use crate::compat::facts::relation::Relation;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D026", name: "limit-loosened", severity: Severity::Error, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for change in pair.limits().iter().filter(|c| c.relation == Relation::Looser) {
        let message = format!("{} lets more through", change.stated.words);
        found.push(change.finding(pair, &META, message).effect(
            Effect::Breaking,
            Effect::Safe,
            Bump::Major,
        ));
    }
}
