//! ## What it does
//! Reports a quality rule that lets less through, or fails the run now. Reader safe, bump minor; the
//! writer breaks where its failure fails the run. A text is never executed: bump patch.
//!
//! ## Why it matters
//! Files that passed may fail from this version on.
//!
//! ## Example
//! ```yaml
//! quality:
//! - {id: few-nulls, metric: nullValues, mustBeLessThan: 1} # was 10
//! ```
//!
//! ## What to do instead
//! Backtest it: `pactum diff --backtest 10` shows which of the last releases would have failed.

use crate::compat::facts::pair::Pair;
use crate::compat::facts::quality::tightened;
use crate::compat::facts::relation::Relation;
use crate::compat::finding::Finding;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta = Meta {
    code: "D032",
    name: "quality-rule-tightened",
    severity: Severity::Warning,
    since: "0.1.0",
};

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for rule in pair.rules() {
        let Some((change, head)) = rule.change.zip(rule.head) else { continue };
        if !(change.promoted || change.relation == Relation::Tighter) {
            continue;
        }
        let message = match change.promoted {
            true => "the quality rule fails the run now",
            false => "the quality rule lets less through",
        };
        let (reader, writer, bump) = tightened(head);
        found.push(rule.finding(pair, &META, message.to_owned()).effect(reader, writer, bump));
    }
}
