//! ## What it does
//! Reports two documents that are compared as versions of one contract and have different ids: two files
//! of one contract each. Breaking on both sides, bump major.
//!
//! ## Why it matters
//! The id names the contract: releases, waivers and the claim on its SQL name belong to it. Under another
//! id a ledger of its own begins, and readers of the old one get nothing new.
//!
//! ## Example
//! ```yaml
//! id: learning-events # was learning
//! ```
//!
//! ## What to do instead
//! Keep the id, whatever else changes; a better name goes into `name` or `businessName`.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding, Touches};
use crate::contract::Contract;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D053", name: "contract-id-changed", severity: Severity::Error, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    let written =
        |c: &Contract| c.tree.get("id").and_then(|n| Some((n.as_str()?.to_owned(), n.span)));
    let (Some((old, before)), Some((new, after))) = (written(pair.base), written(pair.head)) else {
        return;
    };
    if old == new {
        return;
    }
    found.push(
        pair.finding(&META, "id", format!("the contract has another id: it was '{old}'"))
            .was(old, before)
            .is(new, after)
            .effect(Effect::Breaking, Effect::Breaking, Bump::Major)
            .touching(Touches::Contract)
            .hint("keep the id: releases, waivers and the claim on the SQL name belong to it"),
    );
}
