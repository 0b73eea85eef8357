//! One kind of clause per file, and their registry in the order of reports.

mod additional_columns;
mod allowed;
mod bounds;
mod drift;
mod duplicate_values;
mod external;
mod foreign_key;
mod format;
mod invalid_values;
mod items;
mod length;
mod measure;
mod missing_values;
mod multiple_of;
mod nested;
mod null_values;
mod pattern;
mod physical_schema;
mod placeholders;
mod planning;
mod properties;
mod required;
mod row_count;
mod rules;
mod sla;
mod sql_rule;
mod storable;
mod unique;
mod value_limits;

use crate::check::plan::clause::Clause;
use crate::contract::model::{Column, QualityRule};

use planning::PlanColumn;
pub(super) use planning::{Planning, planned};
pub(super) use sql_rule::queries;

type PlanTable = fn(&Planning<'_>, &mut Vec<Clause>);

type PlanRules = fn(&Planning<'_>, Option<&Column>, &[QualityRule], &mut Vec<Clause>);

/// Kinds of quality rules that apply to columns and tables alike.
const RULES: &[PlanRules] = &[sql_rule::plan, external::plan, drift::plan];

/// Kinds of clauses on a column.
const COLUMN: &[PlanColumn] = &[
    physical_schema::plan,
    value_limits::plan,
    storable::plan,
    required::plan,
    unique::plan,
    bounds::plan,
    multiple_of::plan,
    length::plan,
    pattern::plan,
    format::plan,
    allowed::plan,
    items::plan,
    properties::plan,
    null_values::plan,
    missing_values::plan,
    invalid_values::plan,
    duplicate_values::plan,
    plan_column_rules,
    foreign_key::plan,
];

/// Kinds of clauses on a table.
const TABLE: &[PlanTable] = &[
    additional_columns::plan,
    unique::plan_key,
    row_count::plan,
    duplicate_values::plan_table,
    plan_table_rules,
    foreign_key::plan_table,
    sla::plan,
];

/// Every clause of a table, in the order of the contract.
pub(super) fn plan(planning: &Planning<'_>) -> Vec<Clause> {
    let mut clauses = Vec::new();
    for plan in TABLE {
        plan(planning, &mut clauses);
    }
    for column in &planning.table.columns {
        if column.measure {
            measure::plan(planning, column, &mut clauses);
            continue;
        }
        plan_column(planning, column, &mut clauses);
        nested::plan(planning, column, plan_column, &mut clauses);
    }
    clauses.into_iter().flat_map(two_levels).collect()
}

fn plan_column(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    for plan in COLUMN {
        plan(planning, column, out);
    }
}

fn plan_column_rules(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    RULES.iter().for_each(|plan| plan(planning, Some(column), &column.quality, out));
}

fn plan_table_rules(planning: &Planning<'_>, out: &mut Vec<Clause>) {
    RULES.iter().for_each(|plan| plan(planning, None, &planning.table.quality, out));
}

/// A rule with custom property `warn` is two clauses: one that fails the run, one that warns.
fn two_levels(mut clause: Clause) -> Vec<Clause> {
    if clause.scope.previous {
        let (kind, words) = (&clause.kind, clause.threshold.words());
        clause.expected = format!("{kind} changes by {words} since the current release");
    }
    let Some(threshold) = clause.warning.take() else { return vec![clause] };
    let mut warning = clause.clone();
    warning.id = format!("{}-warning", clause.id);
    warning.is_error = false;
    warning.expected = clause.expected.replacen(&clause.threshold.words(), &threshold.words(), 1);
    warning.threshold = threshold;
    vec![clause, warning]
}
