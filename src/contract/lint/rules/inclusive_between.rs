//! ## What it does
//! Notes rules with `mustBeBetween` or `mustNotBeBetween`.
//!
//! ## Why it matters
//! The text of the standard excludes the bounds, the common tools include them. Pactum includes them.
//!
//! ## Example
//! ```yaml
//! metric: rowCount
//! mustBeBetween: [1, 10]
//! ```
//!
//! ## What to do instead
//! Where it matters, write `mustBeGreaterThan` and `mustBeLessThan` rules.

use crate::contract::lint::all_rules;
use crate::contract::model::{Contract, Operator};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L020", name: "inclusive-between", severity: Severity::Note, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for (_, _, rule) in all_rules(contract) {
        for operator in &rule.operators {
            if matches!(
                operator.value,
                Operator::MustBeBetween(..) | Operator::MustNotBeBetween(..)
            ) {
                let message = "both bounds belong to the range";
                found.push(Diagnostic::new(&META, &contract.source, operator.span, message));
            }
        }
    }
}
