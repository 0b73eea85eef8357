//! Metric `invalidValues`: non-null rows outside `validValues`, or without the `pattern`.

use arrow::datatypes::DataType;

use crate::check::expr::predicates::{Predicate, holds};
use crate::check::plan::clause::{Clause, RowTest, Test};
use crate::contract::model::Column;
use crate::contract::pattern::Pattern;
use crate::contract::types::{instead, plain};
use crate::contract::yaml::Node;

use super::allowed::{not_among, words};
use super::planning::Planning;
use super::rules::{of_rule, rules_of};

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    for rule in rules_of(&column.quality, "invalidValues") {
        let argument = |name: &str| rule.argument(name);
        let valid: Option<Vec<Node>> = argument("validValues").map(|l| l.items().to_vec());
        let source = argument("pattern").and_then(Node::as_str).map(str::to_owned);
        let mut good = Vec::new();
        good.extend(valid.as_ref().map(|list| format!("one of {}", words(list))));
        good.extend(source.as_ref().map(|p| format!("matches {p}")));
        let owned = column.clone();
        let test = RowTest::new(column, move |value, data_type| {
            let outside = valid.as_ref().map(|list| not_among(value, list, &owned, data_type));
            let unmatched = match &source {
                None => None,
                Some(_) if plain(data_type) != DataType::Utf8 => {
                    return Err(instead(data_type, "text"));
                }
                Some(source) => {
                    let pattern = Pattern::compile(source).map_err(|e| e.to_string())?;
                    Some(!holds(Predicate::Matches(pattern), value))
                }
            };
            match (outside, unmatched) {
                (Some(a), Some(b)) => Ok(a.or(b)),
                (Some(one), None) | (None, Some(one)) => Ok(one),
                (None, None) => Err("the rule does not say what is valid".to_owned()),
            }
        });
        let mut clause =
            of_rule(planning.table, Some(column), rule, "invalidValues", Test::Rows(test));
        clause.expected = format!("{} invalid; valid: {}", clause.expected, good.join(" and "));
        out.push(clause);
    }
}
