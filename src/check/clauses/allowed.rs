//! `enum`: the values that a column may hold.

use datafusion::logical_expr::Expr;
use datafusion::prelude::lit;

use crate::check::clause::{Clause, RowTest, Test};
use crate::contract::model::Column;
use crate::contract::types::plain;
use crate::contract::yaml::{Node, Value};

use super::Planning;
use crate::engine::literal::equal;

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
    data_type: &arrow::datatypes::DataType,
) -> Expr {
    let literals: Vec<Expr> =
        list.iter().filter_map(|node| equal(node, column, data_type)).map(lit).collect();
    if literals.is_empty() {
        return value.clone().is_not_null();
    }
    let compared = match plain(data_type) {
        // Arrow orders -0.0 below 0.0; adding 0.0 makes them one.
        arrow::datatypes::DataType::Float32 => value.clone() + lit(0.0_f32),
        arrow::datatypes::DataType::Float64 => value.clone() + lit(0.0_f64),
        _ => value.clone(),
    };
    compared.in_list(literals, true)
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
