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
mod properties;
mod required;
mod row_count;
mod sla;
mod sql_rule;
mod storable;
mod unique;

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, SchemaRef};
use chrono::{DateTime, Utc};

use crate::contract::Contract;
use crate::contract::clause_id::rule_kind;
use crate::contract::lint::rules::unknown_severity;
use crate::contract::model::{Column, QualityRule, Table};

use crate::engine::digits::Digits;
use crate::engine::parquet_file::UNPARSED;

use super::clause::{Clause, Scope, Step, Test};
use super::nested::step_into;
use super::threshold::Threshold;

/// What the clauses of one table are planned from.
pub(super) struct Planning<'a> {
    pub contract: &'a Contract,
    pub table: &'a Table,
    /// The schemas of the files that could be read, with the names and rows of those files.
    pub files: &'a [PlannedFile],
    /// Engines whose rules something else runs.
    pub external_engines: &'a [String],
    /// Other contracts that a relationship may point to.
    pub neighbours: &'a [Contract],
    /// The instant that ages are measured at.
    pub now: DateTime<Utc>,
    /// Where clauses are planned inside the values of a column.
    pub inside: Option<Inside<'a>>,
}

/// A place inside the values of a column.
pub(super) struct Inside<'a> {
    /// The column.
    pub root: &'a Column,
    /// The way into its values.
    pub path: Vec<Step>,
}

/// A readable file's part of a plan.
pub(super) struct PlannedFile {
    pub name: String,
    pub schema: SchemaRef,
    pub rows: u64,
    /// Columns that the file's path names.
    pub path: Vec<String>,
    /// The digits that its numbers were written with, by column, where they were texts.
    pub digits: Arc<HashMap<String, Digits>>,
}

impl Planning<'_> {
    /// Whether the names of a file's columns may be values that reports withhold.
    pub fn is_headless(&self) -> bool {
        self.files.iter().any(|file| {
            let names = file.schema.fields().iter().map(|field| field.name());
            // Columns of the path are in the schema where they are declared.
            let own = names.filter(|name| !file.path.contains(name));
            let own = own.map(|name| name.strip_prefix(UNPARSED).unwrap_or(name));
            self.table.may_be_values(own)
        })
    }

    /// Whether no file that could be read has the column.
    pub fn is_absent(&self, column: &Column) -> bool {
        !self.files.is_empty() && self.files.iter().all(|f| self.type_in(f, column).is_none())
    }

    /// The type that a file has for a column, or for what is planned inside one.
    pub fn type_in(&self, file: &PlannedFile, column: &Column) -> Option<DataType> {
        let (root, path) = match &self.inside {
            None => (column.physical(), [].as_slice()),
            Some(inside) => (inside.root.physical(), inside.path.as_slice()),
        };
        let found = file.schema.field_with_name(root).ok()?.data_type().clone();
        path.iter().try_fold(found, |found, step| step_into(&found, step).ok()?)
    }
}

type PlanColumn = fn(&Planning<'_>, &Column, &mut Vec<Clause>);
type PlanTable = fn(&Planning<'_>, &mut Vec<Clause>);

type PlanRules = fn(&Planning<'_>, Option<&Column>, &[QualityRule], &mut Vec<Clause>);

/// Kinds of quality rules that apply to columns and tables alike.
const RULES: &[PlanRules] = &[sql_rule::plan, external::plan, drift::plan];

/// Kinds of clauses on a column.
const COLUMN: &[PlanColumn] = &[
    physical_schema::plan,
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
        nested::plan(planning, column, &mut clauses);
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

/// A clause of a quality rule: its id, level and threshold.
fn of_rule(
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
fn rules_of<'a>(
    rules: &'a [QualityRule],
    metric: &'a str,
) -> impl Iterator<Item = &'a QualityRule> {
    rules.iter().filter(move |rule| {
        rule.rule_type == crate::contract::model::RuleType::Library
            && rule.metric.as_ref().is_some_and(|m| m.value == metric)
    })
}
