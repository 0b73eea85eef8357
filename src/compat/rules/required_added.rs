//! ## What it does
//! Reports a column that could be NULL and no longer may be. Reader safe, writer breaking, bump
//! minor.
//!
//! ## Why it matters
//! Files with a NULL in it fail from this version on.
//!
//! ## Example
//! ```yaml
//! - {name: country, required: true} # was false
//! ```
//!
//! ## What to do instead
//! Backtest it: `pactum diff --backtest 10` shows which of the last releases would have failed.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::contract::clause_id::clause_id;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D020", name: "required-added", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for column in &pair.columns {
        if !column.base.column.not_null() && column.head.column.not_null() {
            let message = "the column may no longer be NULL";
            let mut finding = pair
                .of_column(&META, column, "required", message)
                .was("nullable".to_owned(), column.base.span("required"))
                .is("required".to_owned(), column.head.span("required"))
                .effect(Effect::Safe, Effect::Breaking, Bump::Minor);
            if column.is_top && column.head.column.required.is_some() {
                let id = clause_id(column.table.head.table, Some(column.head.column), "required");
                finding = finding.of_clause(id);
            }
            found.push(finding);
        }
    }
}
