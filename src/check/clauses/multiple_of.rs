//! `multipleOf`: whole multiples of a step, exactly.

use crate::check::expr::predicates::{Predicate, holds};
use crate::check::plan::clause::{Clause, RowTest, Test};
use crate::contract::model::{Column, LogicalType};
use crate::contract::types::plain;

use super::planning::Planning;

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    let logical = column.logical_type.as_ref().map(|t| t.value);
    if !matches!(logical, Some(LogicalType::Integer | LogicalType::Number)) {
        return;
    }
    let Some(node) = column.options.get("multipleOf") else { return };
    let step = node.scalar_text().unwrap_or_default();
    let expected = format!("a multiple of {step}");
    let test = RowTest::new(column, move |value, data_type| {
        let plain = plain(data_type);
        if !plain.is_numeric() {
            return Err(format!("{plain} is not a number"));
        }
        Ok(!holds(Predicate::MultipleOf(step.clone()), value))
    });
    out.push(Clause::new(
        planning.table,
        Some(column),
        "multipleOf",
        node.span,
        expected,
        Test::Rows(test),
    ));
}
