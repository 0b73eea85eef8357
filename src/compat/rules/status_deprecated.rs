//! ## What it does
//! Reports a contract, table or column that is now deprecated. Safe on both sides, bump minor.
//!
//! ## Why it matters
//! Readers are told to move on; nothing stops yet.
//!
//! ## Example
//! ```yaml
//! status: deprecated # was active
//! ```
//!
//! ## What to do instead
//! Say in the description what to read instead.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding, Touches};
use crate::contract::odcs::is_deprecated;
use crate::diagnostic::Span;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D046", name: "status-deprecated", severity: Severity::Note, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    let is = |status: &Option<String>| status.as_deref() == Some("deprecated");
    if !is(&pair.base.status) && is(&pair.head.status) {
        let at =
            |c: &crate::contract::Contract| c.tree.get("status").map_or(Span::START, |n| n.span);
        found.push(
            pair.finding(&META, "status", "the contract is deprecated now")
                .was(pair.base.status.clone(), at(pair.base))
                .is(pair.head.status.clone(), at(pair.head))
                .effect(Effect::Safe, Effect::Safe, Bump::Minor)
                .touching(Touches::Contract),
        );
    }
    for column in &pair.columns {
        let (old, new) = (is_deprecated(column.base.node), is_deprecated(column.head.node));
        if !old && new {
            found.push(
                pair.of_column(&META, column, "deprecated", "the column is deprecated now").effect(
                    Effect::Safe,
                    Effect::Safe,
                    Bump::Minor,
                ),
            );
        }
    }
    for table in &pair.tables {
        if !is_deprecated(table.base.node) && is_deprecated(table.head.node) {
            found.push(pair.of_table(&META, table, "the table is deprecated now").effect(
                Effect::Safe,
                Effect::Safe,
                Bump::Minor,
            ));
        }
    }
}
