//! `storable`: instants finer than the microseconds that Delta stores.

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::logical_expr::cast;
use datafusion::prelude::lit;

use crate::check::clause::{Clause, RowTest, Test};
use crate::contract::model::Column;

use super::Planning;

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    let nanoseconds =
        |data_type: &DataType| matches!(data_type, DataType::Timestamp(TimeUnit::Nanosecond, _));
    let delivered = planning
        .files
        .iter()
        .any(|file| planning.type_in(file, column).is_some_and(|found| nanoseconds(&found)));
    if !delivered {
        return;
    }
    let test = RowTest::new(column, move |value, data_type| {
        if !nanoseconds(data_type) {
            return Ok(lit(false));
        }
        Ok((cast(value.clone(), DataType::Int64) % lit(1_000_i64)).not_eq(lit(0_i64)))
    });
    out.push(Clause::new(
        planning.table,
        Some(column),
        "storable",
        column.name.span,
        "whole microseconds",
        Test::Rows(test),
    ));
}
