//! What a column states about what is inside it: fields, items, keys and values.
//!
//! The same kinds of clauses as on a column, each tested at the end of the way into the column's
//! values. A row fails when any value there fails.

use crate::check::plan::clause::{Clause, Place, Settled, Step, Test};
use crate::check::report::Verdict;
use crate::contract::model::Column;
use crate::contract::types::Spelled;

use super::measure;
use super::planning::{Inside, PlanColumn, Planning};
use super::{unread, value_limits};

pub(super) fn plan(
    planning: &Planning<'_>,
    column: &Column,
    plan_column: PlanColumn,
    out: &mut Vec<Clause>,
) {
    let at = At {
        root: column,
        path: Vec::new(),
        elements: vec![column.element().to_owned()],
        names: vec![column.name.value.clone()],
    };
    children(planning, &at, column, plan_column, out);
}

/// A place inside a column, on the way down.
#[derive(Clone)]
struct At<'a> {
    root: &'a Column,
    path: Vec<Step>,
    /// The elements of clause ids.
    elements: Vec<String>,
    /// The names that people read.
    names: Vec<String>,
}

fn children(
    planning: &Planning<'_>,
    at: &At<'_>,
    parent: &Column,
    plan_column: PlanColumn,
    out: &mut Vec<Clause>,
) {
    for (step, word, child) in declared(parent) {
        let (from, part) = (out.len(), part(&step));
        one(planning, at, (step, word, child), plan_column, out);
        unread::settle_part(parent, part, out.get_mut(from..).unwrap_or_default());
    }
    // The types inside of `array<varchar(3)>` are answered with the column's own.
    for (step, word, child) in &spelled(parent) {
        one(planning, at, (step.clone(), *word, child), value_limits::plan, out);
    }
}

/// The key of a column under which a step is declared.
fn part(step: &Step) -> &'static str {
    match step {
        Step::Field(_) => "properties",
        Step::Items => "items",
        Step::Keys | Step::Values => "map",
    }
}

/// What is declared inside a column: the step to it, and a word for it where it has no name.
fn declared(parent: &Column) -> impl Iterator<Item = (Step, &'static str, &Column)> {
    let items = parent.items.iter().map(|item| (Step::Items, "items", item.as_ref()));
    let fields = parent.properties.iter().map(|c| (Step::Field(c.physical().to_owned()), "", c));
    let entries = parent
        .map
        .iter()
        .flat_map(|map| [(Step::Keys, "key", &map.0), (Step::Values, "value", &map.1)]);
    items.chain(fields).chain(entries)
}

/// What the spelling of a physical type says is inside, where nothing is declared there.
fn spelled(parent: &Column) -> Vec<(Step, &'static str, Column)> {
    match Spelled::of(parent) {
        None => Vec::new(),
        Some(Spelled::Items(item)) => vec![(Step::Items, "items", item)],
        Some(Spelled::Pairs(key, value)) => {
            vec![(Step::Keys, "key", key), (Step::Values, "value", value)]
        }
        Some(Spelled::Fields(fields)) => {
            let step = |field: Column| (Step::Field(field.physical().to_owned()), "", field);
            fields.into_iter().map(step).collect()
        }
    }
}

fn one(
    planning: &Planning<'_>,
    at: &At<'_>,
    (step, word, child): (Step, &str, &Column),
    plan_column: PlanColumn,
    out: &mut Vec<Clause>,
) {
    let mut inner = at.clone();
    inner.path.push(step);
    let or = |name: &str| if word.is_empty() { name.to_owned() } else { word.to_owned() };
    inner.elements.push(or(child.element()));
    inner.names.push(or(&child.name.value));
    let from = out.len();
    let (within, column) = (inside(planning, &inner), renamed(child, &inner));
    if child.measure {
        measure::plan(&within, &column, out);
        return;
    }
    plan_column(&within, &column, out);
    let rows: u64 = planning.files.iter().map(|file| file.rows).sum();
    let absent = within.is_absent(&column).then_some(rows);
    out[from..].iter_mut().for_each(|clause| lead_inside(clause, &inner, absent));
    children(planning, &inner, child, plan_column, out);
}

/// A child as if it were a column with the whole way for a name.
fn renamed(child: &Column, at: &At<'_>) -> Column {
    let mut column = child.clone();
    column.id = Some(at.elements.join("."));
    column.name.value = at.names.join(".");
    column.physical_name = Some(at.names.join("."));
    column
}

fn inside<'a>(planning: &Planning<'a>, at: &At<'a>) -> Planning<'a> {
    Planning {
        contract: planning.contract,
        table: planning.table,
        files: planning.files,
        external_engines: planning.external_engines,
        neighbours: planning.neighbours,
        now: planning.now,
        inside: Some(Inside { root: at.root, path: at.path.clone() }),
    }
}

/// `absent` is the number of all rows, where no file has the place.
fn lead_inside(clause: &mut Clause, at: &At<'_>, absent: Option<u64>) {
    let place = || Place { column: at.root.name.value.to_ascii_lowercase(), path: at.path.clone() };
    match &mut clause.test {
        Test::Rows(test) => {
            test.column = at.root.physical().to_owned();
            test.path.clone_from(&at.path);
        }
        Test::Unique(_) => clause.test = Test::UniqueWithin(place()),
        Test::ForeignKey(key) => key.within = Some(place()),
        _ => {}
    }
    let unsupported = match &clause.test {
        Test::Sql(_) => "an SQL rule inside a value: state it on the table, with unnest",
        Test::Measure(_) => "a drift is measured of a column",
        _ if !clause.scope.group_by.is_empty() || clause.scope.previous => {
            "groupBy and compareTo are for rules of columns and tables"
        }
        // PostgreSQL's SQL has no maps.
        Test::UniqueWithin(_) | Test::ForeignKey(_)
            if at.path.iter().any(|step| matches!(step, Step::Keys | Step::Values)) =>
        {
            "whether keys and values of maps repeat, and what they refer to, is not tested"
        }
        Test::UniqueWithin(_) | Test::ForeignKey(_) => {
            if let Some(rows) = absent {
                settle_absent(clause, rows);
            }
            return;
        }
        _ => return,
    };
    clause.test = Test::Settled(Settled::not_executed(unsupported));
}

/// No query can name what no file has: every value is NULL, which repeats and refers to nothing.
fn settle_absent(clause: &mut Clause, rows: u64) {
    let threshold = &clause.threshold;
    if clause.scope.filter.is_some() || (threshold.is_percent() && rows == 0) {
        return;
    }
    let holds = threshold.holds_for_count(0, rows);
    clause.test = Test::Settled(Settled {
        verdict: if holds { Verdict::Passed } else { Verdict::Failed },
        measured: Some(threshold.measured(0, rows)),
        failing_rows: Some(0),
        reason: Some("no file has it: every value counts as NULL".to_owned()),
    });
}
