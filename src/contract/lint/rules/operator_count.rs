//! ## What it does
//! Warns about library rules without an operator, which are not executed, and about rules with more
//! than one.
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
use crate::contract::odcs::{METRICS, OPERATORS};
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
        // One without a known metric is reported for that.
        let is_known = rule.metric.as_ref().is_some_and(|m| METRICS.contains(&m.value.as_str()));
        let what = match rule.rule_type {
            RuleType::Library if is_known => "a library rule",
            RuleType::Sql if rule.query.is_some() => "an SQL rule",
            _ => continue,
        };
        // One that cannot be read is an error of its own.
        let is_written =
            rule.node.entries().iter().any(|(k, _)| OPERATORS.contains(&k.text.as_str()));
        if count == 0 && !is_written {
            let message =
                format!("{what} without an operator requires nothing: it is not executed");
            found.push(
                Diagnostic::new(&META, &contract.source, rule.node.span, message)
                    .hint("add one, such as mustBe: 0"),
            );
        }
    }
}
