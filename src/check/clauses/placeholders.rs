//! Placeholders: texts such as `NA` that stand for a missing value, as a rule `missingValues` lists
//! them. Among numbers and dates they are not faults of the type: their rows lack a value.

use crate::contract::model::{Column, QualityRule};
use crate::contract::yaml::Node;

use super::rules::rules_of;

/// Texts of a file that stand for a missing value in every row of a column.
pub(super) fn of_column(column: &Column) -> Vec<String> {
    let whole = rules_of(&column.quality, "missingValues").filter(|rule| rule.filter.is_none());
    whole.flat_map(of_rule).collect()
}

/// A rule's texts, as CSV and as JSON have them.
pub(super) fn of_rule(rule: &QualityRule) -> Vec<String> {
    let listed = rule.argument("missingValues");
    let texts = listed.into_iter().flat_map(Node::items).filter_map(Node::as_str);
    texts.flat_map(|text| [text.to_owned(), serde_json::Value::from(text).to_string()]).collect()
}
