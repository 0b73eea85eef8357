//! Clauses of quality rules: what is common to all kinds.

use crate::check::plan::clause::{Clause, Scope, Test};
use crate::check::plan::threshold::Threshold;
use crate::contract::clause_id::rule_kind;
use crate::contract::lint::rules::unknown_severity;
use crate::contract::model::{Column, QualityRule, Table};

/// A clause of a quality rule: its id, level and threshold.
pub(super) fn of_rule(
    table: &Table,
    column: Option<&Column>,
    rule: &QualityRule,
    kind: &str,
    test: Test,
) -> Clause {
    let threshold = Threshold::of_rule(rule);
    let mut clause =
        Clause::new(table, column, &rule_kind(rule), rule.node.span, threshold.words(), test);
    clause.kind = kind.to_owned();
    clause.threshold = threshold;
    clause.warning = (!rule.warning.is_empty()).then(|| Threshold::warning_of_rule(rule));
    clause.scope = Scope {
        filter: rule.filter.as_ref().map(|f| f.value.clone()),
        group_by: rule.group_by.iter().map(|c| c.value.clone()).collect(),
        previous: rule.previous.is_some(),
    };
    clause.is_public = rule.public;
    let severity = rule.severity.as_ref().map_or("error", |s| &s.value);
    clause.is_error = unknown_severity::level(severity).unwrap_or(true);
    clause
}

/// The rules of a column or table that measure a metric.
pub(super) fn rules_of<'a>(
    rules: &'a [QualityRule],
    metric: &'a str,
) -> impl Iterator<Item = &'a QualityRule> {
    rules.iter().filter(move |rule| {
        rule.rule_type == crate::contract::model::RuleType::Library
            && rule.metric.as_ref().is_some_and(|m| m.value == metric)
    })
}
