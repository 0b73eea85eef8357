//! The parts of a column that a check executes: its options, allowed values, and what is inside. The
//! others promise nothing.

use crate::contract::model::{Column, Spanned};
use crate::contract::pattern::Pattern;
use crate::contract::unread;
use crate::contract::variables::unfilled;
use crate::contract::yaml::Node;

/// An option that is stated and executed.
pub fn option<'a>(column: &'a Column, key: &str) -> Option<&'a Node> {
    let node = column.options.get(key)?;
    let is_run = key != "pattern" || node.as_str().is_some_and(|p| Pattern::compile(p).is_ok());
    (is_filled(node) && is_run && unread::option(column, key, node).is_none()).then_some(node)
}

/// Whether an option is stated and nothing executes it. A flag of 3.0 without its bound counts as
/// absent: later versions have no such flag.
pub fn is_idle_option(column: &Column, key: &str) -> bool {
    let Some(node) = column.options.get(key) else { return false };
    option(column, key).is_none() && unread::option(column, key, node) != Some(unread::Why::Flag)
}

/// The allowed values, where they are executed.
pub fn allowed(column: &Column) -> Option<&Spanned<Vec<Node>>> {
    column.allowed.as_ref().filter(|allowed| allowed.value.iter().all(is_filled))
}

/// The fields of an object.
pub fn fields(column: &Column) -> &[Column] {
    if has_part(column, "properties") { &column.properties } else { &[] }
}

/// What a list holds.
pub fn items(column: &Column) -> Option<&Column> {
    column.items.as_deref().filter(|_| has_part(column, "items"))
}

/// The key and the value of a map.
pub fn map(column: &Column) -> Option<&(Column, Column)> {
    column.map.as_deref().filter(|_| has_part(column, "map"))
}

/// Whether the type of a column has a part.
pub fn has_part(column: &Column, part: &str) -> bool {
    !unread::parts(column).contains(&part)
}

/// Whether every text of a value is without variables that nothing fills.
fn is_filled(node: &Node) -> bool {
    node.scalar_text().is_none_or(|text| unfilled(&text).is_empty())
        && node.items().iter().all(is_filled)
        && node.entries().iter().all(|(_, value)| is_filled(value))
}
