//! Rules of a column that its declaration says as well: `nullValues` of zero is `required`.

use std::collections::BTreeSet;

use crate::contract::model::{Column, QualityRule, RuleType};
use crate::contract::variables::unfilled;
use crate::contract::yaml::Node;

use super::executed;
use super::quality::{is_error, lets_none, value_text};

/// Whether a column's declaration lets nothing through that a rule refuses.
pub fn is_declared(rule: &QualityRule, column: &Column) -> bool {
    let is_plain = rule.filter.is_none() && rule.group_by.is_empty() && rule.previous.is_none();
    let is_filled = unfilled(&rule.node.to_json().to_string()).is_empty();
    if !is_filled || !is_plain || rule.rule_type != RuleType::Library {
        return false;
    }
    if !is_error(rule) || !lets_none(rule) {
        return false;
    }
    let is_required = column.required.is_some() || column.primary_key;
    let argument = |name: &str| rule.argument(name);
    match rule.metric.as_ref().map(|metric| metric.value.as_str()) {
        Some("nullValues") => is_required,
        Some("missingValues") => is_required && argument("missingValues").is_none(),
        Some("duplicateValues") => column.unique.is_some() && argument("properties").is_none(),
        Some("invalidValues") => match (argument("validValues"), argument("pattern")) {
            (Some(list), None) => lists_the_same(list, column),
            (None, Some(pattern)) => {
                let stated = executed::option(column, "pattern").and_then(Node::as_str);
                stated.is_some() && stated == pattern.as_str()
            }
            _ => false,
        },
        _ => false,
    }
}

fn lists_the_same(list: &Node, column: &Column) -> bool {
    let values = |nodes: &[Node]| -> BTreeSet<String> { nodes.iter().map(value_text).collect() };
    executed::allowed(column).is_some_and(|a| values(&a.value) == values(list.items()))
}
