//! `storable`: instants that Delta's microseconds do not hold: finer ones, and those beyond their range.

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::logical_expr::{Expr, cast};
use datafusion::prelude::lit;

use crate::check::plan::clause::{Clause, RowTest, Test};
use crate::contract::model::Column;

use super::planning::Planning;

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    let types = planning.files.iter().filter_map(|file| planning.type_in(file, column));
    let Some(expected) = types.filter_map(|found| expected(&found)).next() else { return };
    let test = RowTest::new(column, |value, data_type| Ok(unstorable(value, data_type)));
    out.push(Clause::new(
        planning.table,
        Some(column),
        "storable",
        column.name.span,
        expected,
        Test::Rows(test),
    ));
}

/// What values of a type must be, where not all of them can be stored.
fn expected(data_type: &DataType) -> Option<&'static str> {
    match data_type {
        DataType::Timestamp(TimeUnit::Nanosecond, _) => Some("whole microseconds"),
        DataType::Timestamp(TimeUnit::Second | TimeUnit::Millisecond, _) => {
            Some("an instant that microseconds reach")
        }
        _ => None,
    }
}

/// Whether a value cannot be stored.
fn unstorable(value: &Expr, data_type: &DataType) -> Expr {
    let number = cast(value.clone(), DataType::Int64);
    let beyond = |microseconds: i64| {
        let last = i64::MAX / microseconds;
        number.clone().gt(lit(last)).or(number.clone().lt(lit(-last)))
    };
    match data_type {
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            (number % lit(1_000_i64)).not_eq(lit(0_i64))
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => beyond(1_000),
        DataType::Timestamp(TimeUnit::Second, _) => beyond(1_000_000),
        _ => lit(false),
    }
}
