//! What a column states about what is inside it: fields, items, keys and values.
//!
//! The same kinds of clauses as on a column, each tested at the end of the way into the column's
//! values. A row fails when any value there fails.

use crate::check::plan::clause::{Clause, Place, Step, Test};
use crate::check::report::Verdict;
use crate::contract::clause_id::{relationship_kind, rule_kind};
use crate::contract::model::{Column, LogicalType};

use super::planning::{Inside, PlanColumn, Planning};

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
    let items = parent.items.iter().map(|item| (Step::Items, "items", item.as_ref()));
    let fields = parent.properties.iter().map(|c| (Step::Field(c.physical().to_owned()), "", c));
    let entries = parent
        .map
        .iter()
        .flat_map(|map| [(Step::Keys, "key", &map.0), (Step::Values, "value", &map.1)]);
    for (step, word, child) in items.chain(fields).chain(entries) {
        let mut inner = at.clone();
        inner.path.push(step);
        let or = |name: &str| if word.is_empty() { name.to_owned() } else { word.to_owned() };
        inner.elements.push(or(child.element()));
        inner.names.push(or(&child.name.value));
        let from = out.len();
        plan_column(&inside(planning, &inner), &renamed(child, &inner), out);
        out[from..].iter_mut().for_each(|clause| lead_inside(clause, &inner));
        children(planning, &inner, child, plan_column, out);
    }
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

fn lead_inside(clause: &mut Clause, at: &At<'_>) {
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
        _ => return,
    };
    clause.test = Test::Settled(crate::check::plan::clause::Settled {
        verdict: Verdict::NotExecuted,
        measured: None,
        failing_rows: None,
        reason: Some(unsupported.to_owned()),
    });
}

/// What a column states beyond its type; options that are part of the type are answered with it.
pub(super) fn stated(column: &Column) -> Vec<(String, crate::diagnostic::Span)> {
    let numeric = matches!(
        column.logical_type.as_ref().map(|t| t.value),
        Some(LogicalType::Integer | LogicalType::Number)
    );
    let of_type = move |key: &str| {
        matches!(key, "timezone" | "defaultTimezone") || (numeric && key == "format")
    };
    let options = column.options.iter().filter(move |(key, _)| !of_type(key));
    let options = options.map(|(key, node)| (key.to_owned(), node.span));
    let relationships = column.relationships.iter().map(|r| (relationship_kind(r), r.span));
    let required = column.required.map(|span| ("required".to_owned(), span));
    let unique = column.unique.map(|span| ("unique".to_owned(), span));
    let allowed = column.allowed.as_ref().map(|a| ("enum".to_owned(), a.span));
    let rules = column.quality.iter().map(|rule| (rule_kind(rule), rule.node.span));
    options.chain(required).chain(unique).chain(allowed).chain(rules).chain(relationships).collect()
}
