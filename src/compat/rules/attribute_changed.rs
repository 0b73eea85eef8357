//! ## What it does
//! Reports an attribute that no other rule looks at and that may matter: a custom property, an encrypted
//! name. Dangerous on both sides, bump minor.
//!
//! ## Why it matters
//! No change goes unreported.
//!
//! ## Example
//! ```yaml
//! - {name: score, encryptedName: score_enc} # was absent
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
        let message = format!("'{}' was {}", difference.key, difference.verb());
        found.push(difference.finding(pair, &META, message).effect(
            Effect::Dangerous,
            Effect::Dangerous,
            Bump::Minor,
        ));
    }
}
