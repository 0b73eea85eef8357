//! Metric `missingValues`: rows that are NULL or hold a placeholder for a missing value.

use crate::check::expr::ranges::one_of;
use crate::check::plan::clause::{Clause, RowTest, Test};
use crate::contract::model::Column;
use crate::contract::yaml::{Node, Value};
use crate::engine::literal::equal;

use super::allowed::one_zero;
use super::placeholders::of_rule as placeholders;
use super::planning::Planning;
use super::required::written_as_null;
use super::rules::{of_rule, rules_of};

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    for rule in rules_of(&column.quality, "missingValues") {
        let listed = rule.argument("missingValues");
        let values: Option<Vec<Node>> = listed.map(|l| l.items().to_vec());
        let is_null = |node: &Node| matches!(node.value, Value::Null);
        let nulls = values.as_ref().is_none_or(|values| values.iter().any(is_null));
        let owned = column.clone();
        let test = RowTest::new(column, move |value, data_type| {
            let Some(values) = &values else { return Ok(value.clone().is_null()) };
            let literals: Vec<_> =
                values.iter().filter_map(|n| equal(n, &owned, data_type)).collect();
            let listed = one_of(&one_zero(value, data_type), literals);
            Ok(if nulls { value.clone().is_null().or(listed) } else { listed })
        });
        let because = written_as_null(planning, column).filter(|_| nulls);
        let test = Test::Rows(test.explained(because).without(placeholders(rule)));
        out.push(of_rule(planning.table, Some(column), rule, "missingValues", test));
    }
}
