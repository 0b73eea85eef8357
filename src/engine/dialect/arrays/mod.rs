//! Arrays, with PostgreSQL's meaning: subscripts from 1, NULL where nothing is, equality and order of items.
//!
//! The coercion gives arguments the types that these functions work with: items of one type in all of them.

mod build;
mod cast;
mod function;
mod items;
mod key;
mod order;
mod read;
mod search;
mod shape;
mod subquery;
mod syntax;
mod words;

use std::sync::Arc;

use datafusion::logical_expr::{Expr, Operator, ScalarUDF};

pub(super) use cast::cast;
pub(super) use function::{Argument, Function, arguments, by_name};
pub(super) use read::read;
pub(super) use subquery::of_subquery;
pub(super) use syntax::Arrays;

/// The functions.
pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    function::ALL.iter().map(|function| function::udf(*function)).collect()
}

/// The comparison of two arrays of one type.
pub(super) fn compared(operator: Operator, left: Expr, right: Expr) -> Option<Expr> {
    let function = match operator {
        Operator::Lt => Function::Less,
        Operator::LtEq => Function::AtMost,
        Operator::Gt => Function::More,
        Operator::GtEq => Function::AtLeast,
        Operator::Eq => Function::Equal,
        Operator::NotEq => Function::Unequal,
        _ => return None,
    };
    Some(function::call(function, vec![left, right]))
}

/// What arrays and rows are put into order by: NULL among their items is the greatest.
pub(super) fn key(array: Expr) -> Expr {
    function::call(Function::Key, vec![array])
}

/// The greatest of arrays, or the least.
pub(super) fn extreme(is_greatest: bool, arrays: Vec<Expr>) -> Expr {
    function::call(if is_greatest { Function::Greatest } else { Function::Least }, arrays)
}

/// A function of settled arguments.
pub(super) fn call(function: Function, arguments: Vec<Expr>) -> Expr {
    function::call(function, arguments)
}
