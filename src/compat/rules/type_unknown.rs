//! ## What it does
//! Reports a physical type that no dialect has and that is new, gone or another one. Whether it
//! affects anybody cannot be judged: dangerous on both sides, bump minor.
//!
//! ## Why it matters
//! A type that nobody knows binds nothing here, but the systems that know it may store or read other
//! values.
//!
//! ## Example
//! ```yaml
//! - {name: place, logicalType: string, physicalType: geometry} # was geography
//! ```
//!
//! ## What to do instead
//! Write a type that `pactum lint` knows, or raise the minor version and tell the readers.

use crate::compat::facts::pair::Pair;
use crate::compat::facts::types::{TypeChange, finding};
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D078", name: "type-unknown", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for column in &pair.columns {
        let (change, _) = column.type_change();
        if change == TypeChange::Unknown {
            let message = |old: &str, new: &str| {
                format!("the change from {old} to {new} cannot be judged: no dialect has the type")
            };
            found.push(
                finding(pair, &META, column, message)
                    .hint("compare the types where they are used, or write types that lint knows")
                    .effect(Effect::Dangerous, Effect::Dangerous, Bump::Minor),
            );
        }
    }
}
