//! Items of arrays and pairs of objects, for functions that return rows.

use datafusion::common::exec_err;
use datafusion::error::Result;

use super::tree::unsupported_escape;
use super::tree::{Node, Tree};

/// The items of an array.
pub(super) fn items(tree: &Tree) -> Result<&[Tree]> {
    match &tree.node {
        Node::Array(items) => Ok(items),
        Node::Object(_) => exec_err!("cannot extract elements from an object"),
        _ => exec_err!("cannot extract elements from a scalar"),
    }
}

/// The pairs of an object. Those of `json` may have equal keys.
pub(super) fn pairs(tree: &Tree) -> Result<Vec<(&str, &Tree)>> {
    let Node::Object(pairs) = &tree.node else {
        let what = if tree.is_scalar() { "a scalar" } else { "an array" };
        return exec_err!("cannot deconstruct {what} as an object");
    };
    let pair = |(key, value)| match key {
        Some(key) => Ok((key, value)),
        None => Err(unsupported_escape()),
    };
    pairs.iter().map(|(key, value)| pair((key.as_deref(), value))).collect()
}
