//! ## What it does
//! Reports a contract that the head lacks. Reader breaking, writer safe, bump major.
//!
//! ## Why it matters
//! Every table of the contract goes with it; nothing remains to say what to read instead.
//!
//! ## Example
//! ```yaml
//! # contracts/scores.odcs.yaml was deleted
//! ```
//!
//! ## What to do instead
//! Set `status: retired` (after `deprecated`) and keep the document until nobody reads its tables.

use crate::compat::finding::Place;
use crate::compat::finding::{Bump, Effect, Finding, Touches};
use crate::contract::Contract;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D001", name: "contract-removed", severity: Severity::Error, since: "0.1.0" };

/// The finding of a contract that is gone.
pub fn of(contract: &Contract) -> Finding {
    let span = contract.tree.get("id").map_or(contract.tree.span, |n| n.span);
    Finding {
        meta: &META,
        contract: contract.id.clone(),
        element: contract.sql_name.value.clone(),
        message: format!("contract '{}' {} was removed", contract.id, contract.version_text),
        old: Some(contract.version_text.clone()),
        new: None,
        reader: Effect::Breaking,
        writer: Effect::Safe,
        bump: Bump::Major,
        base: Some(Place { source: contract.source.clone(), span }),
        head: None,
        touches: Touches::Contract,
        clause: None,
        allowed: None,
        hint: Some("retire it first: status: deprecated, then retired".to_owned()),
    }
}
