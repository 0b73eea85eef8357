//! ## What it does
//! Reports a contract that was settled and is a draft or proposed again. Reader breaking, writer safe,
//! bump major.
//!
//! ## Why it matters
//! A draft may change without a version: its readers have lost every promise.
//!
//! ## Example
//! ```yaml
//! status: draft # was active
//! ```
//!
//! ## What to do instead
//! Draft the next major in a separate document, beside the active one.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding, Touches};
use crate::contract::Contract;
use crate::diagnostic::{Meta, Severity, Span};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D052", name: "status-withdrawn", severity: Severity::Error, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    let unsettled = |c: &Contract| matches!(c.status.as_deref(), Some("draft" | "proposed"));
    if unsettled(pair.base) || !unsettled(pair.head) {
        return;
    }
    found.push(of(pair));
}

/// The finding of a contract whose status promises nothing again.
pub fn of(pair: &Pair<'_>) -> Finding {
    let at = |c: &Contract| c.tree.get("status").map_or(Span::START, |n| n.span);
    pair.finding(&META, "status", "the contract is unsettled again")
        .was(pair.base.status.clone(), at(pair.base))
        .is(pair.head.status.clone(), at(pair.head))
        .effect(Effect::Breaking, Effect::Safe, Bump::Major)
        .touching(Touches::Contract)
        .hint("draft the next major in a separate document")
}
