//! Metric `nullValues`: rows that are NULL.

use crate::check::plan::clause::{Clause, RowTest, Test};
use crate::contract::model::Column;

use super::planning::Planning;
use super::required::written_as_null;
use super::rules::{of_rule, rules_of};

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    for rule in rules_of(&column.quality, "nullValues") {
        let test = RowTest::new(column, |value, _| Ok(value.clone().is_null()));
        let test = Test::Rows(test.explained(written_as_null(planning, column)));
        out.push(of_rule(planning.table, Some(column), rule, "nullValues", test));
    }
}
