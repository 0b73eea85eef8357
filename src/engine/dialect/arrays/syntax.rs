//! Operators and subscripts of arrays in the text, as functions; and aggregates of distinct values, which are
//! in order.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    AccessExpr, BinaryOperator, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentClause, FunctionArguments, OrderByOptions, Spanned, Subscript, Value,
    VisitorMut,
};

use crate::error::Error;

use super::super::functions::place;
use super::super::overloaded;
use super::super::quoted::call;

/// The rewriting.
pub(in super::super) struct Arrays;

impl VisitorMut for Arrays {
    type Break = Box<Error>;

    fn pre_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<Self::Break> {
        if let Expr::Cast { expr, .. } = expression
            && is_empty(expr)
        {
            **expr = Expr::value(Value::SingleQuotedString("{}".to_owned()));
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<Self::Break> {
        if let Expr::CompoundFieldAccess { root, access_chain } = expression
            && has_several_slices(access_chain)
        {
            let at = place(root.span().start);
            let message = format!("a part of an array of several dimensions is not supported{at}");
            let error = Error::usage("sql", message).hint("take items by single subscripts");
            return ControlFlow::Break(Box::new(error));
        }
        if is_empty(expression) {
            let at = place(expression.span().start);
            let error = Error::usage("sql", format!("cannot determine type of empty array{at}"));
            let error = error.hint("cast it, for example array[]::integer[]");
            return ControlFlow::Break(Box::new(error));
        }
        let rewritten = match expression {
            Expr::CompoundFieldAccess { root, access_chain } => subscripts(root, access_chain),
            Expr::AnyOp { left, compare_op, right, .. } => {
                quantified("any", left, compare_op, right)
            }
            Expr::AllOp { left, compare_op, right } => quantified("all", left, compare_op, right),
            Expr::BinaryOp { left, op, right } => operator(left, op, right),
            Expr::Function(function) => in_order(function),
            _ => None,
        };
        if let Some(rewritten) = rewritten {
            *expression = rewritten;
        }
        ControlFlow::Continue(())
    }
}

/// Beside a slice, every subscript is a slice of a further dimension.
fn has_several_slices(chain: &[AccessExpr]) -> bool {
    let is_slice =
        |access: &AccessExpr| matches!(access, AccessExpr::Subscript(Subscript::Slice { .. }));
    let is_subscript = |access: &AccessExpr| matches!(access, AccessExpr::Subscript(_));
    chain.windows(2).any(|pair| pair.iter().all(is_subscript) && pair.iter().any(is_slice))
}

fn is_empty(expression: &Expr) -> bool {
    matches!(expression, Expr::Array(array) if array.elem.is_empty())
}

fn operator(left: &Expr, op: &BinaryOperator, right: &Expr) -> Option<Expr> {
    let name = match op {
        BinaryOperator::AtArrow => overloaded::CONTAINS,
        BinaryOperator::ArrowAt => overloaded::CONTAINED,
        BinaryOperator::PGOverlap => "array_overlaps",
        _ => return None,
    };
    Some(call(name, vec![left.clone(), right.clone()]))
}

/// `value = any(array)`.
fn quantified(word: &str, left: &Expr, op: &BinaryOperator, right: &Expr) -> Option<Expr> {
    if matches!(right, Expr::Subquery(_)) {
        return None;
    }
    let comparison = match op {
        BinaryOperator::Eq => "equal",
        BinaryOperator::NotEq => "unequal",
        BinaryOperator::Lt => "less",
        BinaryOperator::LtEq => "at_most",
        BinaryOperator::Gt => "more",
        BinaryOperator::GtEq => "at_least",
        _ => return None,
    };
    let array = match right {
        Expr::Nested(inner) => inner.as_ref().clone(),
        other => other.clone(),
    };
    Some(call(&format!("{word}_{comparison}"), vec![left.clone(), array]))
}

/// Subscripts that stand together are those of one item, or of one part.
fn subscripts(root: &Expr, chain: &[AccessExpr]) -> Option<Expr> {
    let is_key = |access: &AccessExpr| match access {
        AccessExpr::Subscript(Subscript::Index { index }) => is_text(index),
        _ => false,
    };
    let has_subscript = chain.iter().any(|access| matches!(access, AccessExpr::Subscript(_)));
    // A text is the key of a map.
    if !has_subscript || chain.iter().any(is_key) {
        return None;
    }
    let mut found = root.clone();
    let mut rest = chain;
    while let Some((first, others)) = rest.split_first() {
        match first {
            AccessExpr::Dot(_) => {
                let count = rest.iter().take_while(|a| matches!(a, AccessExpr::Dot(_))).count();
                let (dots, others) = rest.split_at_checked(count)?;
                let root = Box::new(found);
                found = Expr::CompoundFieldAccess { root, access_chain: dots.to_vec() };
                rest = others;
            }
            AccessExpr::Subscript(Subscript::Slice { lower_bound, upper_bound, stride: None }) => {
                let bound = |bound: &Option<Expr>, open: &str| {
                    let open = Expr::value(Value::Number(open.to_owned(), false));
                    bound.clone().unwrap_or(open)
                };
                let (from, to) = (bound(lower_bound, "1"), bound(upper_bound, "2147483647"));
                found = call("array_part", vec![found, from, to]);
                rest = others;
            }
            AccessExpr::Subscript(Subscript::Slice { .. }) => return None,
            AccessExpr::Subscript(Subscript::Index { .. }) => {
                let indexes: Vec<Expr> = rest.iter().map_while(index).collect();
                rest = rest.get(indexes.len()..).unwrap_or_default();
                found = call("array_subscript", [vec![found], indexes].concat());
            }
        }
    }
    Some(found)
}

fn index(access: &AccessExpr) -> Option<Expr> {
    match access {
        AccessExpr::Subscript(Subscript::Index { index }) => Some(index.clone()),
        _ => None,
    }
}

fn is_text(expression: &Expr) -> bool {
    matches!(expression, Expr::Value(value) if matches!(&value.value, Value::SingleQuotedString(_)))
}

/// Distinct values are sorted: by the order that is written, or as they are found. The engine sorts them by
/// the order of another aggregate beside them.
fn in_order(function: &mut Function) -> Option<Expr> {
    if !function.name.to_string().eq_ignore_ascii_case("array_agg") {
        return None;
    }
    let FunctionArguments::List(list) = &mut function.args else { return None };
    if list.duplicate_treatment != Some(DuplicateTreatment::Distinct) {
        return None;
    }
    let by = list.clauses.iter().find_map(|clause| match clause {
        FunctionArgumentClause::OrderBy(by) => Some(by.clone()),
        _ => None,
    });
    let value = match list.args.as_slice() {
        [FunctionArg::Unnamed(FunctionArgExpr::Expr(value))] => value,
        _ => return None,
    };
    let options = match by.as_deref() {
        None => OrderByOptions { asc: None, nulls_first: None },
        // The engine says what it thinks of any other order.
        Some([one]) if one.expr == *value => one.options,
        Some(_) => return None,
    };
    list.clauses.retain(|clause| !matches!(clause, FunctionArgumentClause::OrderBy(_)));
    let is_descending = options.asc == Some(false);
    let name = match (is_descending, options.nulls_first.unwrap_or(is_descending)) {
        (false, false) => "array_ascending",
        (false, true) => "array_ascending_nulls_first",
        (true, false) => "array_descending_nulls_last",
        (true, true) => "array_descending",
    };
    Some(call(name, vec![Expr::Function(function.clone())]))
}
