//! ## What it does
//! Reports quality rules that lack what their type needs, and warns about library rules that are
//! not executed: they have no metric, one that is not the standard's, or one of another level.
//! The `rule` of version 3.0 is read as a metric where it has that meaning (`nullCheck`,
//! `duplicateCount`, `rowCount`, `validValues`, `unique`).
//!
//! ## Why it matters
//! An incomplete rule cannot be executed. A check lists it as `not-executed`, and does not pass.
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
use crate::contract::library::{Unexecuted, unexecuted};
use crate::contract::lint::all_rules;
use crate::contract::model::{Contract, QualityRule, RuleType};
use crate::contract::odcs::METRICS;
use crate::contract::variables;
use crate::contract::yaml::Value;
use crate::diagnostic::{Diagnostic, Meta, Severity, Span};

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
        if let Some((message, hint)) = fault(rule) {
            found
                .push(Diagnostic::new(&META, &contract.source, rule.node.span, message).hint(hint));
        }
        if let Some(found_kind) = no_implementation(rule) {
            let message = format!("a custom rule with {found_kind} for an implementation");
            found.push(
                Diagnostic::new(&META, &contract.source, rule.node.span, message)
                    .severity(Severity::Warning)
                    .hint("write what its engine reads: a text, or a mapping"),
            );
        }
        // Operators have a rule of their own.
        let lacks_operator = rule.rule_type == RuleType::Library && rule.operators.is_empty();
        if let Some(why) = unexecuted(rule, column.is_some())
            && !(lacks_operator && is_metric(rule))
            && !is_refused(contract, rule)
            && !compares_variables(rule)
        {
            let span = rule.metric.as_ref().map_or(rule.node.span, |metric| metric.span);
            found.push(not_executed(contract, span, why));
        }
    }
}

/// Whether a rule compares with a variable that nothing fills, which is told where it is.
fn compares_variables(rule: &QualityRule) -> bool {
    let operands = rule.operators.iter().flat_map(|operator| operator.value.operands());
    operands.into_iter().any(|text| !variables::unfilled(text).is_empty())
}

/// What a rule of another engine has where the standard wants a text or a mapping.
fn no_implementation(rule: &QualityRule) -> Option<&'static str> {
    let is_other = rule.rule_type == RuleType::Custom
        && rule.engine.as_deref().is_some_and(|engine| engine != "pactum");
    match rule.node.get("implementation").map(|node| &node.value) {
        _ if !is_other => None,
        Some(Value::String(_) | Value::Map(_)) => None,
        Some(other) => Some(other.kind()),
        None => Some("nothing"),
    }
}

/// Whether the rule's metric is not a word of a version that closes the set: an error of its form.
fn is_refused(contract: &Contract, rule: &QualityRule) -> bool {
    contract.api_version >= (3, 1) && rule.node.get("metric").is_some() && !is_metric(rule)
}

fn is_metric(rule: &QualityRule) -> bool {
    rule.metric.as_ref().is_some_and(|metric| METRICS.contains(&metric.value.as_str()))
}

fn not_executed(
    contract: &Contract,
    span: Span,
    Unexecuted { why, hint }: Unexecuted,
) -> Diagnostic {
    Diagnostic::new(&META, &contract.source, span, format!("{why}: it is not executed"))
        .severity(Severity::Warning)
        .hint(hint)
}

fn fault(rule: &QualityRule) -> Option<(&'static str, &'static str)> {
    match rule.rule_type {
        RuleType::Sql if rule.query.is_none() => {
            Some(("an SQL rule without a query", "add query: SELECT …"))
        }
        RuleType::Custom if rule.engine.is_none() => {
            Some(("a custom rule without an engine", "add engine and implementation"))
        }
        _ => None,
    }
}
