//! ## What it does
//! Reports a contract that is now retired. Reader breaking, writer safe, bump major.
//!
//! ## Why it matters
//! Its data are no longer maintained; the bare name no longer means its major.
//!
//! ## Example
//! ```yaml
//! status: retired # was deprecated
//! ```
//!
//! ## What to do instead
//! Deprecate it first, and wait until nobody reads it.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding, Touches};
use crate::diagnostic::Span;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D047", name: "status-retired", severity: Severity::Error, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    let is = |status: &Option<String>| status.as_deref() == Some("retired");
    if !is(&pair.base.status) && is(&pair.head.status) {
        let at =
            |c: &crate::contract::Contract| c.tree.get("status").map_or(Span::START, |n| n.span);
        found.push(
            pair.finding(&META, "status", "the contract is retired now")
                .was(pair.base.status.clone(), at(pair.base))
                .is(pair.head.status.clone(), at(pair.head))
                .effect(Effect::Breaking, Effect::Safe, Bump::Major)
                .touching(Touches::Contract),
        );
    }
}
