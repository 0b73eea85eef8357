//! ## What it does
//! Reports a quality rule that measures something else, or whose threshold changed in an unknown
//! direction. Dangerous on both sides, bump minor. Case, layout and comments of SQL do not count, nor
//! does what a text says.
//!
//! ## Why it matters
//! Some deliveries that passed may fail, and some that failed may pass.
//!
//! ## Example
//! ```yaml
//! quality:
//! - {id: form, type: sql, query: 'select count(*) from {table} where a > 2', mustBe: 0} # was a > 1
//! ```
//!
//! ## What to do instead
//! Backtest it, and check the consumers that rely on it.

use crate::compat::facts::pair::Pair;
use crate::compat::facts::relation::Relation;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta = Meta {
    code: "D033",
    name: "quality-rule-changed",
    severity: Severity::Warning,
    since: "0.1.0",
};

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for rule in pair.rules() {
        if rule.change.is_none_or(|change| change.relation != Relation::Other) {
            continue;
        }
        let message = "the quality rule changed";
        let (reader, writer, bump) = (Effect::Dangerous, Effect::Dangerous, Bump::Minor);
        found.push(rule.finding(pair, &META, message.to_owned()).effect(reader, writer, bump));
    }
}
