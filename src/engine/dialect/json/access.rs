//! What lies inside a value: by key, by place, by a path of both.

use super::tree::Tree;

/// The value at the end of a path, of keys and of places in arrays.
pub(super) fn at<'a>(tree: &'a Tree, path: &[String]) -> Option<&'a Tree> {
    path.iter().try_fold(tree, |inner, step| step_into(inner, step))
}

fn step_into<'a>(tree: &'a Tree, step: &str) -> Option<&'a Tree> {
    match tree.kind() {
        "object" => tree.field(step),
        "array" => tree.item(step.trim_start().parse().ok()?),
        _ => None,
    }
}
