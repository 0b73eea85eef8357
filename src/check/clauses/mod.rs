//! One kind of clause per file, and their registry in the order of reports.

mod additional_columns;
mod allowed;
mod bounds;
mod drift;
mod duplicate_values;
mod external;
mod floats;
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
mod unread;
mod value_limits;

use std::collections::HashSet;

use crate::check::plan::clause::{Clause, Settled, Test};
use crate::check::report::Verdict;
use crate::contract::clause_id::{numbered, option_kind, warning_id};
use crate::contract::lint::rules::unfilled_variable::nothing_fills;
use crate::contract::model::{Column, QualityRule};

use planning::PlanColumn;
pub(super) use planning::{Planning, planned};
pub(super) use sql_rule::{Gap, queries};

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
    // What is inside a column takes its ids after all columns.
    let mut inside = HashSet::new();
    for column in &planning.table.columns {
        if column.measure {
            measure::plan(planning, column, &mut clauses);
            continue;
        }
        plan_column(planning, column, &mut clauses);
        let from = clauses.len();
        nested::plan(planning, column, plan_column, &mut clauses);
        inside.extend(from..clauses.len());
    }
    clauses.iter_mut().for_each(|clause| leave_unfilled(planning, clause));
    let clauses = clauses.into_iter().enumerate().flat_map(|(n, clause)| {
        let is_inside = inside.contains(&n);
        two_levels(clause).into_iter().map(move |clause| (is_inside, clause))
    });
    numbered_apart(clauses.collect())
}

/// Gives clauses that would have one id a number: what rules and relationships state, a hash has told
/// apart before.
fn numbered_apart(mut clauses: Vec<(bool, Clause)>) -> Vec<Clause> {
    let mut taken: HashSet<String> = HashSet::new();
    for inside in [false, true] {
        for (_, clause) in clauses.iter_mut().filter(|(is_inside, _)| *is_inside == inside) {
            let free = (1..).map(|n| numbered(&clause.id, n)).find(|id| !taken.contains(id));
            if let Some(free) = free {
                taken.insert(free.clone());
                clause.id = free;
            }
        }
    }
    clauses.into_iter().map(|(_, clause)| clause).collect()
}

/// What holds a variable without a value is not executed, and compared with nothing.
fn leave_unfilled(planning: &Planning<'_>, clause: &mut Clause) {
    let Some(names) = planning.contract.unfilled.get(&clause.span.start) else { return };
    // Prose is read by people, and of a file with types no format is asked.
    let told = |s: &Settled| s.verdict == Verdict::Informational;
    let is_prose = matches!(clause.kind.as_str(), "text" | "format");
    if is_prose && matches!(&clause.test, Test::Settled(settled) if told(settled)) {
        return;
    }
    clause.leave_unexecuted(nothing_fills(names));
}

/// Lists the options that hold a variable without a value where no clause reads them.
fn list_unfilled(planning: &Planning<'_>, column: &Column, from: usize, out: &mut Vec<Clause>) {
    for (key, node) in column.options.iter() {
        let is_listed = |clause: &Clause| clause.span.start == node.span.start;
        let listed = out.get(from..).unwrap_or_default().iter().any(is_listed);
        let Some(names) = planning.contract.unfilled.get(&node.span.start).filter(|_| !listed)
        else {
            continue;
        };
        let (kind, settled) = (option_kind(key), Settled::not_executed(nothing_fills(names)));
        out.push(Clause::settled(planning.table, Some(column), kind, node.span, kind, settled));
    }
}

fn plan_column(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    let from = out.len();
    let readable = unread::readable(column);
    for plan in COLUMN {
        plan(planning, &readable, out);
    }
    unread::plan(planning, column, out);
    list_unfilled(planning, column, from, out);
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
    warning.id = warning_id(&clause.id);
    warning.is_error = false;
    warning.expected = clause.expected.replacen(&clause.threshold.words(), &threshold.words(), 1);
    warning.threshold = threshold;
    vec![clause, warning]
}
