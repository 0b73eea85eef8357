//! ## What it does
//! Reports a pattern, format or other limit that changed in an unknown direction. Dangerous on both
//! sides, bump minor.
//!
//! ## Why it matters
//! Some values that passed may fail, and some that failed may pass.
//!
//! ## Example
//! ```yaml
//! logicalTypeOptions: {pattern: '^[a-z]+$'} # was '^[A-Z]+$'
//! ```
//!
//! ## What to do instead
//! Backtest it, and check the consumers that read the column.

use crate::compat::facts::pair::Pair;
use crate::compat::facts::relation::Relation;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D028", name: "limit-changed", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for change in pair.limits().iter().filter(|c| c.relation == Relation::Other) {
        let message = format!("{} changed", change.stated.words);
        found.push(change.finding(pair, &META, message).effect(
            Effect::Dangerous,
            Effect::Dangerous,
            Bump::Minor,
        ));
    }
}
