//! ## What it does
//! Notes a change of prose, an element's `id`, team, support, tags, price, servers and the like. Safe on
//! both sides, bump patch.
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
        let message = format!("'{}' was {}", difference.key, difference.verb());
        found.push(difference.finding(pair, &META, message).effect(
            Effect::Safe,
            Effect::Safe,
            Bump::Patch,
        ));
    }
}
