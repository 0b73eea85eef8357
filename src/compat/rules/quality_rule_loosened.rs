//! ## What it does
//! Reports a quality rule that lets more through, or no longer fails the run. Reader breaking, bump major
//! where its failure failed the run; else reader dangerous, bump minor. Writer safe. A text was never
//! executed: bump patch.
//!
//! ## Why it matters
//! A promise is no longer made.
//!
//! ## Example
//! ```yaml
//! quality:
//! - {id: few-nulls, metric: nullValues, mustBeLessThan: 100} # was 10
//! ```
//!
//! ## What to do instead
//! Keep the threshold, or raise the major version.

use crate::compat::facts::pair::Pair;
use crate::compat::facts::quality::loosened;
use crate::compat::facts::relation::Relation;
use crate::compat::finding::Finding;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D030", name: "quality-rule-loosened", severity: Severity::Error, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for rule in pair.rules() {
        let Some((change, base)) = rule.change.zip(rule.base) else { continue };
        if !(change.demoted || change.relation == Relation::Looser) {
            continue;
        }
        let message = match change.demoted {
            true => "the quality rule no longer fails the run",
            false => "the quality rule lets more through",
        };
        let (reader, writer, bump) = loosened(base);
        found.push(rule.finding(pair, &META, message.to_owned()).effect(reader, writer, bump));
    }
}
