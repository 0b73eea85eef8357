//! The options of a column that a check executes: of the others nothing is promised.

use crate::contract::model::Column;
use crate::contract::pattern::Pattern;
use crate::contract::unread;
use crate::contract::variables::unfilled;
use crate::contract::yaml::Node;

/// An option that is stated and executed.
pub fn option<'a>(column: &'a Column, key: &str) -> Option<&'a Node> {
    let node = column.options.get(key)?;
    let is_filled = node.scalar_text().is_none_or(|text| unfilled(&text).is_empty());
    let is_run = key != "pattern" || node.as_str().is_some_and(|p| Pattern::compile(p).is_ok());
    (is_filled && is_run && unread::option(column, key, node).is_none()).then_some(node)
}
