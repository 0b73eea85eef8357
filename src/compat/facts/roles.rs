//! Roles of a contract: how much access a word gives.

use crate::contract::yaml::Node;

/// Whether a role has less access than before; between two unknown words it may.
pub fn has_less(old: &Node, new: &Node) -> bool {
    let (before, after) = (access(old), access(new));
    match (rank(before.as_deref()), rank(after.as_deref())) {
        (Some(old), Some(new)) => new < old,
        _ => before != after,
    }
}

/// What a role may do, in lower case.
pub fn access(role: &Node) -> Option<String> {
    role.get("access").and_then(Node::as_str).map(str::to_lowercase)
}

/// Whether a role has the same access, in whatever words.
pub fn has_same(old: &Node, new: &Node) -> bool {
    !has_less(old, new) && !has_less(new, old)
}

/// How much a word of access allows; a role without one may read.
fn rank(access: Option<&str>) -> Option<u8> {
    match access {
        Some("none") => Some(0),
        None | Some("read" | "r" | "select") => Some(1),
        Some("write" | "readwrite" | "read-write" | "read/write" | "rw") => Some(2),
        Some("admin" | "all" | "owner") => Some(3),
        Some(_) => None,
    }
}
