//! Options of lists and vectors: `minItems`, `maxItems`, `dimensions` and the rest.

use arrow::datatypes::DataType;
use datafusion::functions_nested::expr_fn::{array_distinct, array_length};
use datafusion::logical_expr::Expr;
use datafusion::prelude::lit;

use crate::check::plan::clause::{Clause, RowTest, Settled, Test};
use crate::contract::model::{Column, LogicalType};
use crate::contract::types::{instead, plain};
use crate::contract::yaml::Node;

use super::planning::Planning;

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    let logical = column.logical_type.as_ref().map(|t| t.value);
    if !matches!(logical, Some(LogicalType::Array | LogicalType::Vector)) {
        return;
    }
    if let (Some(n), None) = (column.dimensions, column.options.get("dimensions")) {
        out.push(dimensions(planning, column, n.max(0).unsigned_abs()));
    }
    for (kind, node) in column.options.iter() {
        let number = node.scalar_text().and_then(|t| t.parse::<u64>().ok());
        let clause = match (kind, number) {
            ("minItems", Some(n)) => {
                let words = format!("at least {n} items");
                rows(planning, column, kind, node, words, n > 0, move |l| l.lt(lit(n)))
            }
            ("maxItems", Some(n)) => {
                let words = format!("at most {n} items");
                rows(planning, column, kind, node, words, false, move |l| l.gt(lit(n)))
            }
            ("dimensions", Some(n)) => {
                let words = format!("{n} items");
                rows(planning, column, kind, node, words, n > 0, move |l| l.not_eq(lit(n)))
            }
            ("uniqueItems", _) if node.as_bool() == Some(true) => unique(planning, column, node),
            ("uniqueItems", _) => continue,
            _ => Clause::settled(
                planning.table,
                Some(column),
                kind,
                node.span,
                node.scalar_text().unwrap_or_default(),
                Settled::informational("says what the vector means, not which values are good"),
            ),
        };
        out.push(clause);
    }
}

/// `vector.dimensions`, where it is not among the options.
fn dimensions(planning: &Planning<'_>, column: &Column, n: u64) -> Clause {
    let test = RowTest::new(column, move |value, data_type| {
        is_list(data_type)?;
        let length = array_length(value.clone());
        let wrong = length.clone().is_null().or(length.not_eq(lit(n)));
        Ok(value.clone().is_not_null().and(wrong))
    });
    let span = column.name.span;
    let test = Test::Rows(test);
    Clause::new(planning.table, Some(column), "dimensions", span, format!("{n} items"), test)
}

fn rows(
    planning: &Planning<'_>,
    column: &Column,
    kind: &str,
    node: &Node,
    expected: String,
    empty_fails: bool,
    fails: impl Fn(Expr) -> Expr + Send + Sync + 'static,
) -> Clause {
    let test = RowTest::new(column, move |value, data_type| {
        is_list(data_type)?;
        let length = array_length(value.clone());
        // The length of an empty list is NULL.
        let empty = if empty_fails { length.clone().is_null() } else { lit(false) };
        Ok(value.clone().is_not_null().and(empty.or(fails(length))))
    });
    Clause::new(planning.table, Some(column), kind, node.span, expected, Test::Rows(test))
}

fn unique(planning: &Planning<'_>, column: &Column, node: &Node) -> Clause {
    let test = RowTest::new(column, move |value, data_type| {
        is_list(data_type)?;
        let distinct = array_length(array_distinct(value.clone()));
        Ok(array_length(value.clone()).not_eq(distinct))
    });
    let expected = "no item twice in a list";
    Clause::new(planning.table, Some(column), "uniqueItems", node.span, expected, Test::Rows(test))
}

fn is_list(data_type: &DataType) -> Result<(), String> {
    match plain(data_type) {
        DataType::List(_) => Ok(()),
        other => Err(instead(&other, "lists")),
    }
}
