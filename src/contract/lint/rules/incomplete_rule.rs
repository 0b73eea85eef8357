//! ## What it does
//! Reports quality rules that lack what their type needs, or measure at the wrong level.
//!
//! ## Why it matters
//! An incomplete rule cannot be executed.
//!
//! ## Example
//! ```yaml
//! quality:
//! - {type: sql, mustBe: 0}
//! ```
//!
//! ## What to do instead
//! Add `metric`, `query`, `engine` and `implementation`, or the arguments of the metric.

use crate::contract::drift;
use crate::contract::lint::all_rules;
use crate::contract::model::{Contract, QualityRule, RuleType};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L021", name: "incomplete-rule", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for (_, column, rule) in all_rules(contract) {
        if drift::is_own(rule)
            && let Err(message) = drift::of_rule(rule, column.is_some())
        {
            let span = rule.node.get("implementation").map_or(rule.node.span, |n| n.span);
            let (metric, operator) = match column {
                Some(_) => ("mean", "mustBeBetween: [-1, 1]"),
                None => ("keysKept", "mustBeGreaterOrEqualTo: 90"),
            };
            found.push(
                Diagnostic::new(&META, &contract.source, span, message)
                    .hint(format!("implementation: {{ metric: {metric}, {operator} }}")),
            );
        }
        if let Some((message, hint)) = fault(rule, column.is_some()) {
            found
                .push(Diagnostic::new(&META, &contract.source, rule.node.span, message).hint(hint));
        }
    }
}

fn fault(rule: &QualityRule, on_column: bool) -> Option<(&'static str, &'static str)> {
    let argument = |name: &str| rule.arguments.as_ref().is_some_and(|a| a.get(name).is_some());
    match rule.rule_type {
        RuleType::Text => None,
        RuleType::Sql if rule.query.is_none() => {
            Some(("an SQL rule without a query", "add query: SELECT …"))
        }
        RuleType::Custom if rule.engine.is_none() => {
            Some(("a custom rule without an engine", "add engine and implementation"))
        }
        RuleType::Sql | RuleType::Custom => None,
        RuleType::Library => match rule.metric.as_ref().map(|m| m.value.as_str()) {
            None => {
                Some(("a library rule without a metric", "add metric: rowCount, nullValues, …"))
            }
            Some("rowCount") if on_column => {
                Some(("rowCount measures a table, not a column", "move the rule to the table"))
            }
            Some("nullValues" | "missingValues" | "invalidValues") if !on_column => {
                Some(("this metric measures a column", "move the rule to the column"))
            }
            Some("duplicateValues") if !on_column && !argument("properties") => Some((
                "duplicateValues on a table needs the columns",
                "arguments: { properties: [a, b] }",
            )),
            Some("invalidValues") if !argument("validValues") && !argument("pattern") => Some((
                "invalidValues does not say what is valid",
                "arguments: { validValues: […] } or { pattern: … }",
            )),
            _ => None,
        },
    }
}
