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
//! Backtest it: `pactum diff --backtest 10` shows which of the last releases would have failed.

use crate::compat::facts::pair::Pair;
use crate::compat::facts::relation::Relation;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D027", name: "limit-tightened", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for change in pair.limits().iter().filter(|c| c.relation == Relation::Tighter) {
        let message = format!("{} lets fewer through", change.stated.words);
        found.push(change.finding(pair, &META, message).effect(
            Effect::Safe,
            Effect::Breaking,
            Bump::Minor,
        ));
    }
}
