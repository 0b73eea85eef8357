//! SELECT DISTINCT is ordered by what it selects, by expressions of its list as they are written there, and an
//! aggregate of distinct values by its arguments. The engine takes any expression over the columns.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    CastKind, Distinct, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentClause, FunctionArguments, Ident, OrderByKind, Query, Select, SelectItem,
    SetExpr, Visit, VisitMut, Visitor, VisitorMut,
};

use crate::error::{Error, Result, SqlState};

use super::super::ordering::position;
use super::{Refusal, no_but, start, walked};

pub(super) fn refuse(query: &Query) -> Result<()> {
    walked(query.visit(&mut Ordered))
}

struct Ordered;

impl Visitor for Ordered {
    type Break = Box<Error>;

    fn pre_visit_query(&mut self, query: &Query) -> Refusal {
        let SetExpr::Select(select) = query.body.as_ref() else { return Refusal::Continue(()) };
        let Some(OrderByKind::Expressions(by)) = query.order_by.as_ref().map(|order| &order.kind)
        else {
            return Refusal::Continue(());
        };
        match select.distinct {
            Some(Distinct::Distinct) => by.iter().try_for_each(|by| of_list(&by.expr, select)),
            _ => Refusal::Continue(()),
        }
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> Refusal {
        match expression {
            Expr::Function(function) => of_arguments(function),
            _ => Refusal::Continue(()),
        }
    }
}

/// What an aggregate of distinct values is ordered by is one of its arguments.
fn of_arguments(function: &Function) -> Refusal {
    let FunctionArguments::List(list) = &function.args else { return Refusal::Continue(()) };
    if list.duplicate_treatment != Some(DuplicateTreatment::Distinct) {
        return Refusal::Continue(());
    }
    let arguments: Vec<Expr> = list.args.iter().filter_map(argument).map(plain).collect();
    let orders = list.clauses.iter().filter_map(|clause| match clause {
        FunctionArgumentClause::OrderBy(by) => Some(by),
        _ => None,
    });
    match orders.flatten().find(|by| !arguments.contains(&plain(&by.expr))) {
        None => Refusal::Continue(()),
        Some(by) => {
            let message =
                "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list";
            let hint = "order by the argument, or leave out DISTINCT";
            no_but(SqlState::InvalidColumnReference, message, hint, start(&by.expr))
        }
    }
}

fn argument(argument: &FunctionArg) -> Option<&Expr> {
    match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Some(expression),
        _ => None,
    }
}

/// Names and positions are told by the plan.
fn of_list(by: &Expr, select: &Select) -> Refusal {
    let plain = plain(by);
    let is_name = matches!(plain, Expr::Identifier(_) | Expr::CompoundIdentifier(_));
    let is_selected = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(e) | SelectItem::ExprWithAlias { expr: e, .. } => {
            self::plain(e) == plain
        }
        _ => false,
    };
    if is_name || position(&plain).is_some() || select.projection.iter().any(is_selected) {
        return Refusal::Continue(());
    }
    let message = "for SELECT DISTINCT, ORDER BY expressions must appear in select list";
    let hint = "select the expression, too, or sort around the query";
    no_but(SqlState::InvalidColumnReference, message, hint, start(by))
}

/// An expression without brackets around it, tables before its columns, and ways to write a cast.
fn plain(expression: &Expr) -> Expr {
    let mut plain = expression.clone();
    let _ = VisitMut::visit(&mut plain, &mut Plain);
    plain
}

struct Plain;

impl VisitorMut for Plain {
    type Break = ();

    fn pre_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        while let Expr::Nested(inner) = expression {
            *expression = inner.as_ref().clone();
        }
        match expression {
            Expr::CompoundIdentifier(parts) => {
                if let Some(last) = parts.pop() {
                    *expression = Expr::Identifier(folded(last));
                }
            }
            Expr::Identifier(name) => *name = folded(name.clone()),
            Expr::Cast { kind, .. } => *kind = CastKind::Cast,
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

fn folded(name: Ident) -> Ident {
    Ident::new(super::super::names::folded(&name))
}
