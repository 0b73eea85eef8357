//! Constants in ORDER BY, GROUP BY and DISTINCT ON are positions in the select list.

use datafusion::sql::sqlparser::ast::{
    Distinct, Expr, GroupByExpr, OrderByKind, Query, Select, SetExpr, UnaryOperator, Value, Visit,
    Visitor,
};

use crate::error::{Error, Result, SqlState};

use super::lists::width;
use super::{Refusal, no, start, walked};

pub(super) fn refuse(query: &Query) -> Result<()> {
    walked(query.visit(&mut Positions))
}

struct Positions;

impl Visitor for Positions {
    type Break = Box<Error>;

    fn pre_visit_query(&mut self, query: &Query) -> Refusal {
        let by = query.order_by.as_ref().map(|order| &order.kind);
        if let Some(OrderByKind::Expressions(by)) = by {
            for one in by {
                position(&one.expr, "ORDER BY", width(&query.body))?;
            }
        }
        Refusal::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> Refusal {
        let items = width(&SetExpr::Select(Box::new(select.clone())));
        if let GroupByExpr::Expressions(expressions, _) = &select.group_by {
            for one in expressions {
                position(one, "GROUP BY", items)?;
            }
        }
        if let Some(Distinct::On(expressions)) = &select.distinct {
            for one in expressions {
                position(one, "DISTINCT ON", items)?;
            }
        }
        Refusal::Continue(())
    }
}

/// Refuses a constant that is not a position among so many items; `None` is how many `*` stands for.
fn position(expression: &Expr, clause: &str, items: Option<usize>) -> Refusal {
    let (value, sign) = match expression {
        // Brackets around a constant leave it one.
        Expr::Nested(inner) => return position(inner, clause, items),
        Expr::Value(value) => (&value.value, ""),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match expr.as_ref() {
            Expr::Value(value) => (&value.value, "-"),
            _ => return Refusal::Continue(()),
        },
        _ => return Refusal::Continue(()),
    };
    let mut at = start(expression);
    // The parser tells where the number is; the sign stands before it.
    at.column = at.column.saturating_sub(sign.len() as u64).max(1);
    match value {
        Value::Placeholder(_) => Refusal::Continue(()),
        Value::Number(digits, _) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            let number: Option<usize> = digits.parse().ok().filter(|_| sign.is_empty());
            let is_there = |n: usize| n > 0 && items.is_none_or(|items| n <= items);
            match number.is_some_and(is_there) {
                true => Refusal::Continue(()),
                false => {
                    let message = format!("{clause} position {sign}{digits} is not in select list");
                    no(SqlState::InvalidColumnReference, message, at)
                }
            }
        }
        _ => no(SqlState::SyntaxError, format!("non-integer constant in {clause}"), at),
    }
}
