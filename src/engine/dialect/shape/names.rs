//! Names that a query gives: each once, and no more columns than there are.

use std::collections::HashSet;

use datafusion::sql::sqlparser::ast::{
    Cte, Ident, Query, Select, SetExpr, SetOperator, TableAlias, TableFactor, TableWithJoins,
    Visit, Visitor, visit_relations,
};

use crate::error::{Error, Result, SqlState};

use super::calls::{first, is_aggregate};
use super::lists::width;
use super::{Refusal, no, no_but, walked};

pub(super) fn refuse(query: &Query) -> Result<()> {
    walked(query.visit(&mut Names))
}

struct Names;

impl Visitor for Names {
    type Break = Box<Error>;

    fn pre_visit_query(&mut self, query: &Query) -> Refusal {
        let Some(with) = &query.with else { return Refusal::Continue(()) };
        let mut seen = HashSet::new();
        for part in &with.cte_tables {
            let name = &part.alias.name;
            if !seen.insert(folded(name)) {
                let message = format!("WITH query name '{}' specified more than once", name.value);
                return no(SqlState::DuplicateAlias, message, name.span.start);
            }
            few(&part.alias, width(&part.query.body), "WITH query")?;
            if with.recursive {
                recursive(part)?;
            }
        }
        Refusal::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> Refusal {
        let mut seen: Vec<Named> = Vec::new();
        for table in &select.from {
            all_of(table, &mut seen)?;
        }
        Refusal::Continue(())
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> Refusal {
        match table {
            TableFactor::Derived { subquery, alias: Some(alias), .. } => {
                few(alias, width(&subquery.body), "table")
            }
            _ => Refusal::Continue(()),
        }
    }
}

/// More names for columns than there are columns.
fn few(alias: &TableAlias, columns: Option<usize>, what: &str) -> Refusal {
    let names = alias.columns.len();
    match columns.filter(|columns| names > *columns) {
        Some(columns) => {
            let message = format!(
                "{what} '{}' has {columns} columns available but {names} columns specified",
                alias.name.value
            );
            no(SqlState::InvalidColumnReference, message, alias.name.span.start)
        }
        None => Refusal::Continue(()),
    }
}

/// A name under which a FROM reads something.
struct Named {
    name: String,
    /// The table, where the name is its own.
    table: Option<String>,
}

fn all_of(table: &TableWithJoins, seen: &mut Vec<Named>) -> Refusal {
    one_of(&table.relation, seen)?;
    for join in &table.joins {
        one_of(&join.relation, seen)?;
    }
    Refusal::Continue(())
}

fn one_of(table: &TableFactor, seen: &mut Vec<Named>) -> Refusal {
    let (name, own) = match table {
        TableFactor::Table { name, alias, .. } => match alias {
            Some(alias) => (Some(&alias.name), None),
            None => (
                name.0.last().and_then(|part| part.as_ident()),
                Some(name.to_string().to_lowercase()),
            ),
        },
        TableFactor::NestedJoin { table_with_joins, alias: None } => {
            return all_of(table_with_joins, seen);
        }
        TableFactor::Derived { alias: Some(alias), .. }
        | TableFactor::UNNEST { alias: Some(alias), .. }
        | TableFactor::Function { alias: Some(alias), .. }
        | TableFactor::NestedJoin { alias: Some(alias), .. } => (Some(&alias.name), None),
        _ => (None, None),
    };
    let Some(ident) = name else { return Refusal::Continue(()) };
    let named = Named { name: folded(ident), table: own };
    // Two tables of one name in two schemas are told apart by the schema.
    let same = |other: &Named| {
        let apart = matches!((&other.table, &named.table), (Some(a), Some(b)) if a != b);
        other.name == named.name && !apart
    };
    if seen.iter().any(same) {
        let message = format!("table name '{}' specified more than once", ident.value);
        let hint = "give one of them an alias";
        return no_but(SqlState::DuplicateAlias, message, hint, ident.span.start);
    }
    seen.push(named);
    Refusal::Continue(())
}

/// A part of WITH RECURSIVE that reads itself is a UNION, and reads itself on its right side.
fn recursive(part: &Cte) -> Refusal {
    let own = folded(&part.alias.name);
    let reads = |of: &SetExpr| {
        let mut count = 0;
        let _ = visit_relations(of, |name| {
            count += usize::from(name.to_string().to_lowercase() == own);
            std::ops::ControlFlow::<()>::Continue(())
        });
        count
    };
    let body = part.query.body.as_ref();
    let at = part.alias.name.span.start;
    match body {
        _ if reads(body) == 0 => Refusal::Continue(()),
        SetExpr::SetOperation { op: SetOperator::Union, left, right, .. } if reads(left) == 0 => {
            let aggregate = match right.as_ref() {
                SetExpr::Select(select) => {
                    select.projection.iter().find_map(|item| first(item, is_aggregate))
                }
                _ => None,
            };
            if let Some(at) = aggregate {
                let message =
                    "aggregate functions are not allowed in a recursive query's recursive term";
                return no(SqlState::InvalidRecursion, message, at);
            }
            match reads(right) {
                0 | 1 => Refusal::Continue(()),
                _ => {
                    let message = format!("recursive query '{own}' reads itself more than once");
                    no(SqlState::InvalidRecursion, message, at)
                }
            }
        }
        _ => {
            let message = format!(
                "recursive query '{own}' does not have the form non-recursive-term UNION [ALL] recursive-term"
            );
            no(SqlState::InvalidRecursion, message, at)
        }
    }
}

/// A name as it is compared.
fn folded(name: &Ident) -> String {
    match name.quote_style {
        Some(_) => name.value.clone(),
        None => name.value.to_lowercase(),
    }
}
