//! ## What it does
//! Reports column names that Delta tables cannot hold.
//!
//! ## Why it matters
//! The table could be checked but never published.
//!
//! ## Example
//! ```yaml
//! properties:
//! - {name: "net price"}
//! ```
//!
//! ## What to do instead
//! Give the column a `physicalName` without blanks and ``,;{}()=``; SQL keeps its `name`.

use crate::contract::model::Contract;
use crate::contract::names::{DELTA_FORBIDDEN, shown};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L028", name: "delta-name", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for column in contract.tables.iter().flat_map(|t| t.stored_columns()) {
        if column.physical().contains(DELTA_FORBIDDEN) {
            let physical = column.physical().replace(DELTA_FORBIDDEN, "_");
            let message =
                format!("a Delta table cannot hold a column '{}'", shown(column.physical()));
            found.push(
                Diagnostic::new(&META, &contract.source, column.name.span, message)
                    .hint(format!("physicalName: {}", shown(&physical))),
            );
        }
    }
}
