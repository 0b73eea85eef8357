//! ## What it does
//! Reports a quality rule that the head lacks, or that nothing executes there any more: it holds a
//! variable without a value, or names columns that the table does not have. Reader breaking and bump
//! major where its failure failed the run, else dangerous and minor; writer safe. A text was never
//! executed: bump patch. A rule that the column declares as well (`required`, `unique`, `pattern`,
//! `enum`) is not missed.
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
        let message = match rule.unexecuted {
            [_, Some(_)] => "nothing executes the quality rule any more",
            _ => "the quality rule was removed",
        };
        found.push(rule.finding(pair, &META, message.to_owned()).effect(reader, writer, bump));
    }
}
