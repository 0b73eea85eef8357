//! ## What it does
//! Reports a quality rule that the base lacks, or that nothing executed there. Reader safe, bump minor;
//! the writer breaks where its failure fails the run. A text is never executed: bump patch.
//!
//! ## Why it matters
//! Files that passed may fail from this version on.
//!
//! ## Example
//! ```yaml
//! quality: # was []
//! - {id: no-nulls, metric: nullValues, mustBe: 0}
//! ```
//!
//! ## What to do instead
//! Backtest it, or add it with `severity: warning` first.

use crate::compat::facts::pair::Pair;
use crate::compat::facts::quality::tightened;
use crate::compat::finding::Finding;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D031", name: "quality-rule-added", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for rule in pair.rules() {
        let Some(quality) = rule.head.filter(|_| rule.base.is_none()) else { continue };
        let (reader, writer, bump) = tightened(quality);
        let message = match rule.unexecuted {
            [Some(_), _] => "the quality rule is executed from now on",
            _ => "a quality rule was added",
        };
        found.push(rule.finding(pair, &META, message.to_owned()).effect(reader, writer, bump));
    }
}
