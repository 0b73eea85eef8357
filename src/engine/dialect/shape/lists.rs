//! Lists that must be as long as others: the branches of set operations, the rows of VALUES, the one
//! column of a subquery that is a value.

use datafusion::sql::sqlparser::ast::{
    Expr, Query, SelectItem, SetExpr, SetOperator, Visit, Visitor,
};
use datafusion::sql::sqlparser::tokenizer::Location;

use crate::error::{Error, Result, SqlState};

use super::{Refusal, no, start, walked};

pub(super) fn refuse(query: &Query) -> Result<()> {
    walked(query.visit(&mut Lists))
}

/// How many columns a query has; `None` where only a plan tells.
pub(super) fn width(body: &SetExpr) -> Option<usize> {
    match body {
        SetExpr::Select(select) => {
            let is_one = |item: &SelectItem| {
                matches!(item, SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. })
            };
            let spreads = |item: &SelectItem| {
                matches!(item, SelectItem::UnnamedExpr(Expr::CompoundFieldAccess { .. }))
            };
            let all = &select.projection;
            (all.iter().all(is_one) && !all.iter().any(spreads)).then_some(all.len())
        }
        SetExpr::Query(query) => width(&query.body),
        SetExpr::SetOperation { left, right, .. } => width(left).or_else(|| width(right)),
        SetExpr::Values(values) => values.rows.first().map(|row| row.content.len()),
        _ => None,
    }
}

/// Where the columns of a query begin.
fn columns(body: &SetExpr) -> Location {
    match body {
        SetExpr::Select(select) => match select.projection.first() {
            Some(item) => start(item),
            None => select.select_token.0.span.start,
        },
        SetExpr::Query(query) => columns(&query.body),
        SetExpr::SetOperation { left, .. } => columns(left),
        SetExpr::Values(values) => {
            let first = values.rows.first().and_then(|row| row.content.first());
            first.map_or_else(|| start(values), start)
        }
        other => start(other),
    }
}

struct Lists;

impl Visitor for Lists {
    type Break = Box<Error>;

    fn pre_visit_query(&mut self, query: &Query) -> Refusal {
        body(&query.body)
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> Refusal {
        match expression {
            Expr::Subquery(query) if width(&query.body).is_some_and(|columns| columns != 1) => {
                let message = "a subquery used as a value must return one column";
                no(SqlState::SyntaxError, message, start(query.as_ref()))
            }
            Expr::InSubquery { expr, subquery, .. } => {
                let wanted = match expr.as_ref() {
                    Expr::Tuple(items) => items.len(),
                    _ => 1,
                };
                match width(&subquery.body) {
                    Some(found) if found != wanted => {
                        let many = if found > wanted { "many" } else { "few" };
                        let message = format!("subquery has too {many} columns");
                        no(SqlState::SyntaxError, message, start(subquery.as_ref()))
                    }
                    _ => Refusal::Continue(()),
                }
            }
            _ => Refusal::Continue(()),
        }
    }
}

fn body(of: &SetExpr) -> Refusal {
    match of {
        SetExpr::SetOperation { op, left, right, .. } => {
            body(left)?;
            body(right)?;
            match (width(left), width(right)) {
                (Some(one), Some(other)) if one != other => {
                    let name = match op {
                        SetOperator::Union => "UNION",
                        SetOperator::Intersect => "INTERSECT",
                        _ => "EXCEPT",
                    };
                    let message = format!("each {name} query must have the same number of columns");
                    no(SqlState::SyntaxError, message, columns(right))
                }
                _ => Refusal::Continue(()),
            }
        }
        SetExpr::Values(values) => {
            let length = values.rows.first().map_or(0, |row| row.content.len());
            match values.rows.iter().find(|row| row.content.len() != length) {
                Some(row) => {
                    let at = row.content.first().map_or_else(|| start(values), start);
                    no(SqlState::SyntaxError, "VALUES lists must all be the same length", at)
                }
                None => Refusal::Continue(()),
            }
        }
        _ => Refusal::Continue(()),
    }
}
