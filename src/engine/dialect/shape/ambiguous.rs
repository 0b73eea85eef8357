//! A name by itself in ORDER BY, GROUP BY or DISTINCT ON that several result columns have means none of them,
//! unless all are the same. The engine would take the first one.

use datafusion::sql::sqlparser::ast::{
    Distinct, Expr, GroupByExpr, OrderByKind, Query, Select, SelectItem, SetExpr, Visit, Visitor,
};

use crate::error::{Error, Result, SqlState};

use super::super::names::folded;
use super::repeated::item_name;
use super::{Refusal, no_but, start, walked};

pub(super) fn refuse(query: &Query) -> Result<()> {
    walked(query.visit(&mut Ambiguous))
}

struct Ambiguous;

impl Visitor for Ambiguous {
    type Break = Box<Error>;

    fn pre_visit_query(&mut self, query: &Query) -> Refusal {
        let SetExpr::Select(select) = query.body.as_ref() else { return Refusal::Continue(()) };
        match query.order_by.as_ref().map(|order| &order.kind) {
            Some(OrderByKind::Expressions(by)) => {
                by.iter().try_for_each(|by| by_name("ORDER BY", &by.expr, &select.projection))
            }
            _ => Refusal::Continue(()),
        }
    }

    fn pre_visit_select(&mut self, select: &Select) -> Refusal {
        let items = &select.projection;
        if let Some(Distinct::On(by)) = &select.distinct {
            by.iter().try_for_each(|by| by_name("DISTINCT ON", by, items))?;
        }
        let GroupByExpr::Expressions(by, _) = &select.group_by else {
            return Refusal::Continue(());
        };
        let by = by.iter().flat_map(grouped);
        let mut of_result = by.filter(|by| !is_of_from(by, items));
        of_result.try_for_each(|by| by_name("GROUP BY", by, items))
    }
}

/// The expressions of an item of GROUP BY.
fn grouped(item: &Expr) -> Vec<&Expr> {
    match item {
        Expr::Rollup(sets) | Expr::Cube(sets) | Expr::GroupingSets(sets) => {
            sets.iter().flatten().collect()
        }
        one => vec![one],
    }
}

/// Whether a name of GROUP BY is that of a column of FROM, which comes first there.
fn is_of_from(by: &Expr, items: &[SelectItem]) -> bool {
    let wanted = column(by).map(|(_, name)| name);
    items.iter().filter_map(expression).any(|e| column(e).map(|(_, name)| name) == wanted)
}

/// Refuses a name that result columns of several meanings have.
fn by_name(clause: &str, by: &Expr, items: &[SelectItem]) -> Refusal {
    let Expr::Identifier(name) = bare(by) else { return Refusal::Continue(()) };
    let wanted = folded(name);
    let of_name = items.iter().filter(|item| item_name(item).as_ref() == Some(&wanted));
    let mut found = of_name.filter_map(expression);
    let first = found.next();
    match first.is_none_or(|first| found.all(|other| is_same(first, other))) {
        true => Refusal::Continue(()),
        false => {
            let message = format!("{clause} \"{wanted}\" is ambiguous");
            let hint = "several result columns have the name: give each its own";
            no_but(SqlState::AmbiguousColumn, message, hint, start(by))
        }
    }
}

fn expression(item: &SelectItem) -> Option<&Expr> {
    match item {
        SelectItem::UnnamedExpr(expression)
        | SelectItem::ExprWithAlias { expr: expression, .. } => Some(bare(expression)),
        _ => None,
    }
}

fn bare(expression: &Expr) -> &Expr {
    match expression {
        Expr::Nested(inner) => bare(inner),
        other => other,
    }
}

/// Whether two expressions are one. A column's name without its table is that of the one table that has it.
fn is_same(one: &Expr, other: &Expr) -> bool {
    match (column(one), column(other)) {
        (Some((table, name)), Some((other_table, other_name))) => {
            let is_bare = table.is_empty() || other_table.is_empty();
            name == other_name && (is_bare || table == other_table)
        }
        _ => one == other,
    }
}

/// The table and the name of a column.
fn column(expression: &Expr) -> Option<(Vec<String>, String)> {
    match bare(expression) {
        Expr::Identifier(name) => Some((Vec::new(), folded(name))),
        Expr::CompoundIdentifier(parts) => {
            let mut parts: Vec<String> = parts.iter().map(folded).collect();
            let name = parts.pop()?;
            Some((parts, name))
        }
        _ => None,
    }
}
