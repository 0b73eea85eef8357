//! How an element is marked as deprecated.

use crate::contract::yaml::{Node, Value};

use super::form::{Since, V3_2};

/// Whether an element says `deprecated`: true, or in words.
pub fn is_deprecated(node: &Node) -> bool {
    let says = |n: &Node| !matches!(n.value, Value::Null | Value::Bool(false));
    node.get("deprecated").is_some_and(says)
}

/// How a document of this version of the standard marks an element as deprecated.
pub fn deprecation_mark(declared: Since) -> &'static str {
    match declared >= V3_2 {
        true => "deprecated: true",
        false => "deprecated: true under apiVersion: v3.2.0",
    }
}
