//! ## What it does
//! Reports an attribute that no other rule looks at and that somebody may rely on: a custom property that
//! `diff.meaningful_properties` names, an encrypted name or a service level's second value that changed
//! or went. Dangerous on both sides, bump minor. Other custom properties are documentation.
//!
//! ## Why it matters
//! What a custom property means is known to those who chose it: they name it, and its changes count.
//!
//! ## Example
//! ```yaml
//! # pactum.yaml
//! diff: {meaningful_properties: [mask]}
//! # the contract
//! - {name: score, customProperties: [{property: mask, value: hash}]} # was without
//! ```
//!
//! ## What to do instead
//! Raise the minor version, and say in the pull request what it means.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D049", name: "attribute-changed", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for difference in pair.rest().iter().filter(|d| d.matters) {
        let message = difference.message();
        found.push(difference.finding(pair, &META, message).effect(
            Effect::Dangerous,
            Effect::Dangerous,
            Bump::Minor,
        ));
    }
}
