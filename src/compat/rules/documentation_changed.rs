//! ## What it does
//! Notes a change of what no reader and no writer feels: prose, rules of text, an element's `id`, a
//! rule's name, team, support, tags, price, servers, `physicalType: table`, `criticalDataElement`, roles
//! with as much access or more, statuses such as `current`, custom properties that
//! `diff.meaningful_properties` does not name, and what nothing executes: an option that the type does
//! not have, a rule with a variable that has no value. Safe on both sides, bump patch.
//!
//! ## Why it matters
//! Findings that need only a patch never fail a run; the changelog lists them.
//!
//! ## Example
//! ```yaml
//! description: {purpose: Scores of learners.} # was Scores.
//! ```
//!
//! ## What to do instead
//! Nothing; raise the patch version if you like.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D050", name: "documentation-changed", severity: Severity::Note, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for difference in pair.rest().iter().filter(|d| !d.matters) {
        let message = difference.message();
        found.push(difference.finding(pair, &META, message).effect(
            Effect::Safe,
            Effect::Safe,
            Bump::Patch,
        ));
    }
}
