//! `pattern`: an ECMA-262 expression that must be found in the text.

use arrow::datatypes::DataType;

use crate::check::expr::predicates::{Predicate, holds};
use crate::check::plan::clause::{Clause, RowTest, Settled, Test};
use crate::contract::model::{Column, LogicalType};
use crate::contract::pattern::Pattern;
use crate::contract::types::{instead, plain};

use super::planning::Planning;

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    if column.logical_type.as_ref().map(|t| t.value) != Some(LogicalType::String) {
        return;
    }
    let Some(node) = column.options.get("pattern") else { return };
    let source = node.as_str().unwrap_or_default();
    let expected = format!("matches {source}");
    let clause = match Pattern::compile(source) {
        Ok(pattern) => {
            let test = Test::Rows(test(column, Predicate::Matches(pattern)));
            Clause::new(planning.table, Some(column), "pattern", node.span, expected, test)
        }
        Err(error) => Clause::settled(
            planning.table,
            Some(column),
            "pattern",
            node.span,
            expected,
            Settled::not_executed(error.to_string()),
        ),
    };
    out.push(clause);
}

/// Rows whose text does not have the property.
pub(super) fn test(column: &Column, predicate: Predicate) -> RowTest {
    RowTest::new(column, move |value, data_type| match plain(data_type) {
        DataType::Utf8 => Ok(!holds(predicate.clone(), value)),
        other => Err(instead(&other, "text")),
    })
}
