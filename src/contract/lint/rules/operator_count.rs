//! ## What it does
//! Reports library rules without an operator, and warns about rules with more than one.
//!
//! ## Why it matters
//! Without an operator nothing is required; with two, both are required, which other tools refuse.
//!
//! ## Example
//! ```yaml
//! metric: rowCount
//! ```
//!
//! ## What to do instead
//! Give each rule one operator.

use crate::contract::lint::all_rules;
use crate::contract::model::{Contract, RuleType};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L019", name: "operator-count", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for (_, _, rule) in all_rules(contract) {
        let count = rule.operators.len();
        if count > 1 {
            let message = "more than one operator: all of them must hold";
            found.push(
                Diagnostic::new(&META, &contract.source, rule.operators[1].span, message)
                    .hint("use two rules, which other tools read too"),
            );
        }
        if count == 0 && rule.rule_type == RuleType::Library {
            let message = "a library rule without an operator requires nothing";
            found.push(
                Diagnostic::new(&META, &contract.source, rule.node.span, message)
                    .severity(Severity::Error)
                    .hint("add one, such as mustBe: 0"),
            );
        }
    }
}
