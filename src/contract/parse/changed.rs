//! Parts of a document changed, and the rest left as it is.

use crate::contract::yaml::{Node, Value};

/// A mapping with the value of one key changed.
pub(super) fn with(node: Node, key: &str, change: &mut dyn FnMut(Node) -> Node) -> Node {
    let Value::Map(entries) = node.value else { return node };
    let entries = entries
        .into_iter()
        .map(|(k, value)| if k.text == key { (k, change(value)) } else { (k, value) })
        .collect();
    Node { value: Value::Map(entries), span: node.span }
}

/// A mapping with each item of the list under one key changed.
pub(super) fn within(node: Node, key: &str, change: &mut dyn FnMut(Node) -> Node) -> Node {
    with(node, key, &mut |list| match list.value {
        Value::Seq(items) => Node {
            value: Value::Seq(items.into_iter().map(&mut *change).collect()),
            span: list.span,
        },
        _ => list,
    })
}
