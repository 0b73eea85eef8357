//! Clauses of quality rules: what is common to all kinds.

use std::collections::HashMap;

use crate::check::plan::clause::{Clause, Scope, Test};
use crate::check::plan::threshold::Threshold;
use crate::check::sql::rule_names::renamed;
use crate::contract::clause_id::rule_kind;
use crate::contract::library::unexecuted;
use crate::contract::lint::rules::unknown_severity;
use crate::contract::model::{Column, QualityRule, RuleType, Table};
use crate::engine::sql::rename_columns;

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
        filter: rule.filter.as_ref().map(|f| in_sql(table, &f.value)),
        group_by: rule.group_by.iter().map(|c| named(table, &c.value)).collect(),
        previous: rule.previous.is_some(),
    };
    clause.is_public = rule.public;
    let severity = rule.severity.as_ref().map_or("error", |s| &s.value);
    clause.is_error = unknown_severity::level(severity).unwrap_or(true);
    clause
}

/// A predicate whose columns have their names in SQL, whichever names it was written with.
fn in_sql(table: &Table, filter: &str) -> String {
    let names: HashMap<String, String> = renamed(table).into_iter().collect();
    match names.is_empty() {
        true => filter.to_owned(),
        // A text that cannot be read is refused where it is planned.
        false => rename_columns(filter, &names).unwrap_or_else(|_| filter.to_owned()),
    }
}

fn named(table: &Table, column: &str) -> String {
    table.column(column).map_or(column, |column| column.name.value.as_str()).to_owned()
}

/// The rules of a column or table that measure a metric.
pub(super) fn rules_of<'a>(
    rules: &'a [QualityRule],
    metric: &'a str,
) -> impl Iterator<Item = &'a QualityRule> {
    // What a metric needs of a column it needs of a table too, except that a count of rows is of a
    // table: each kind plans the rules of its own level.
    let on_column = metric != "rowCount";
    rules.iter().filter(move |rule| {
        rule.rule_type == RuleType::Library
            && rule.metric.as_ref().is_some_and(|m| m.value == metric)
            && unexecuted(rule, on_column).is_none()
    })
}
