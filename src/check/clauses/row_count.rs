//! Metric `rowCount`: rows of the table.

use crate::check::plan::clause::{Clause, Test};

use super::planning::Planning;
use super::rules::{of_rule, rules_of};

pub(super) fn plan(planning: &Planning<'_>, out: &mut Vec<Clause>) {
    for rule in rules_of(&planning.table.quality, "rowCount") {
        let mut clause = of_rule(planning.table, None, rule, "rowCount", Test::RowCount);
        let is_one = clause.expected.ends_with(" 1") || clause.expected == "1";
        clause.expected = format!("{} {}", clause.expected, if is_one { "row" } else { "rows" });
        out.push(clause);
    }
}
