//! ## What it does
//! Reports a quality rule that the head lacks. Reader breaking and bump major where its failure failed
//! the run, else dangerous and minor; writer safe. A text was never executed: bump patch. A rule that the
//! column declares as well (`required`, `unique`, `pattern`, `enum`) is not missed.
//!
//! ## Why it matters
//! A promise is no longer checked.
//!
//! ## Example
//! ```yaml
//! quality: [] # was [{id: no-nulls, metric: nullValues, mustBe: 0}]
//! ```
//!
//! ## What to do instead
//! Keep the rule, or raise the major version.

use crate::compat::facts::declared::is_declared;
use crate::compat::facts::pair::Pair;
use crate::compat::facts::quality::loosened;
use crate::compat::finding::Finding;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D029", name: "quality-rule-removed", severity: Severity::Error, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for rule in pair.rules() {
        let Some(quality) = rule.base.filter(|_| rule.head.is_none()) else { continue };
        let column = rule.carrier.column.as_ref().map(|pair| pair.head.column);
        if column.is_some_and(|column| is_declared(quality, column)) {
            continue;
        }
        let (reader, writer, bump) = loosened(quality);
        found.push(
            rule.finding(pair, &META, "the quality rule was removed".to_owned())
                .effect(reader, writer, bump),
        );
    }
}
