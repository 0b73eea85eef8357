//! `enum`: the values that a column may hold.

use arrow::datatypes::DataType;
use datafusion::logical_expr::Expr;
use datafusion::prelude::lit;

use crate::check::plan::clause::{Clause, RowTest, Test};
use crate::contract::model::Column;
use crate::contract::types::plain;
use crate::contract::yaml::{Node, Value};
use crate::engine::literal::equal;

use super::planning::Planning;

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    let Some(allowed) = &column.allowed else { return };
    let values = allowed.value.clone();
    let owned = column.clone();
    let test = RowTest::new(column, move |value, data_type| {
        Ok(not_among(value, &values, &owned, data_type))
    });
    out.push(Clause::new(
        planning.table,
        Some(column),
        "enum",
        allowed.span,
        format!("one of {}", words(&allowed.value)),
        Test::Rows(test),
    ));
}

/// Non-null values that are not in the list.
pub(super) fn not_among(
    value: &Expr,
    list: &[Node],
    column: &Column,
    data_type: &DataType,
) -> Expr {
    let literals: Vec<Expr> =
        list.iter().filter_map(|node| equal(node, column, data_type)).map(lit).collect();
    if literals.is_empty() {
        return value.clone().is_not_null();
    }
    one_zero(value, data_type).in_list(literals, true)
}

/// The value with `-0.0` as `0.0`: Arrow distinguishes the two, and adding 0.0 makes them equal.
pub(super) fn one_zero(value: &Expr, data_type: &DataType) -> Expr {
    match plain(data_type) {
        DataType::Float32 => value.clone() + lit(0.0_f32),
        DataType::Float64 => value.clone() + lit(0.0_f64),
        _ => value.clone(),
    }
}

/// A list of values in words, cut short.
pub(super) fn words(list: &[Node]) -> String {
    let word = |node: &Node| match &node.value {
        Value::String(text) => format!("'{text}'"),
        _ => node.scalar_text().unwrap_or_else(|| "null".to_owned()),
    };
    let mut shown: Vec<String> = list.iter().take(8).map(word).collect();
    if list.len() > shown.len() {
        shown.push(format!("… ({} values)", list.len()));
    }
    shown.join(", ")
}
