//! The values of a node's keys.

use crate::contract::yaml::{Node, Value};

use super::spanned::Spanned;

/// The value of a custom property of a node.
pub fn custom_property<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    node.get("customProperties")?
        .items()
        .iter()
        .find(|item| item.get("property").and_then(Node::as_str) == Some(name))?
        .get("value")
}

/// The text of a key that holds a string.
pub(in crate::contract) fn text(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(Node::as_str).map(str::to_owned)
}

/// The text of a key that holds a string, with its place.
pub(in crate::contract) fn spanned_text(node: &Node, key: &str) -> Option<Spanned<String>> {
    let value = node.get(key)?;
    Some(Spanned { value: value.as_str()?.to_owned(), span: value.span })
}

/// The whole number that a key holds.
pub(in crate::contract) fn integer(node: &Node, key: &str) -> Option<i64> {
    match &node.get(key)?.value {
        Value::Number(n) => n.parse().ok(),
        _ => None,
    }
}
