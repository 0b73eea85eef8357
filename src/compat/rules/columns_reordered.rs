//! ## What it does
//! Reports columns that are in another order. Reader dangerous, writer safe, bump patch.
//!
//! ## Why it matters
//! Only `select *` is affected, and clients that read its result by position.
//!
//! ## Example
//! ```yaml
//! properties: # was [learner_id, country]
//! - {name: country}
//! - {name: learner_id}
//! ```
//!
//! ## What to do instead
//! Nothing, or leave the order as it is: new columns go to the end.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D011", name: "columns-reordered", severity: Severity::Note, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for list in pair.lists.iter().filter(|list| list.order.windows(2).any(|w| w[0] > w[1])) {
        let message = format!("columns of '{}' are in another order", list.path);
        // An order that no plan shows affects no consumer: a changed `select *` is found by
        // planning.
        found.push(
            pair.finding(&META, list.path.clone(), message)
                .was(None, list.table.base.table.name.span)
                .is(None, list.table.head.table.name.span)
                .effect(Effect::Dangerous, Effect::Safe, Bump::Patch),
        );
    }
}
