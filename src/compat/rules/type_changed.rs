//! ## What it does
//! Reports a type that is narrower, or another: sign, integer and float, decimal scale, text and
//! anything else, zone of a timestamp. Breaking on both sides, bump major.
//!
//! ## Why it matters
//! Comparisons, arithmetic and joins mean something else, or no longer plan; old files fail.
//!
//! ## Example
//! ```yaml
//! - {name: score, logicalType: string} # was number
//! ```
//!
//! ## What to do instead
//! Add a column of the new type beside the old one, and remove the old one with a new major version.

use crate::compat::facts::pair::Pair;
use crate::compat::facts::types::{TypeChange, finding};
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D015", name: "type-changed", severity: Severity::Error, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for column in &pair.columns {
        let (change, _) = column.type_change();
        if change == TypeChange::Changed {
            let message = |old: &str, new: &str| format!("the type changed from {old} to {new}");
            found.push(
                finding(pair, &META, column, message)
                    .hint("add a column of the new type beside the old one")
                    .effect(Effect::Breaking, Effect::Breaking, Bump::Major),
            );
        }
    }
}
