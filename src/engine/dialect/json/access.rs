//! What lies inside a value: by key, by place, by a path of both.

use super::tree::Tree;

/// The value at the end of a path, of keys and of places in arrays.
pub(super) fn at<'a>(tree: &'a Tree, path: &[String]) -> Option<&'a Tree> {
    path.iter().try_fold(tree, |inner, step| step_into(inner, step))
}

/// The item at a place. PostgreSQL takes a `jsonb` that is neither an array nor an object for an array of itself.
pub(super) fn item(tree: &Tree, place: i64, is_binary: bool) -> Option<&Tree> {
    match tree.kind() {
        "array" | "object" => tree.item(place),
        _ => Some(tree).filter(|_| is_binary && matches!(place, 0 | -1)),
    }
}

fn step_into<'a>(tree: &'a Tree, step: &str) -> Option<&'a Tree> {
    match tree.kind() {
        "object" => tree.field(step),
        "array" => tree.item(step.trim_start().parse().ok()?),
        _ => None,
    }
}
