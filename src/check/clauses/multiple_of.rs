//! `multipleOf`: whole multiples of a step, exactly.

use crate::check::expr::predicates::{Predicate, holds};
use crate::check::plan::clause::{Clause, RowTest, Test};
use crate::contract::model::{Column, LogicalType};
use crate::contract::types::{instead, plain};

use super::floats::counted_apart;
use super::planning::Planning;

/// Why NaN fails.
const NAN: &str = "NaN is not a multiple of any number";
/// Why infinities fail.
const INFINITE: &str = "infinite values are not multiples of any number";

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
            return Err(instead(&plain, "numbers"));
        }
        Ok(!holds(Predicate::MultipleOf(step.clone()), value))
    });
    let test = counted_apart(test, Some(NAN), INFINITE);
    out.push(Clause::new(
        planning.table,
        Some(column),
        "multipleOf",
        node.span,
        expected,
        Test::Rows(test),
    ));
}
