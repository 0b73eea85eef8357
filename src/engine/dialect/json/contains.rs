//! Values of `jsonb` beside each other: equal, inside each other, merged.

use datafusion::error::Result;

use super::number;
use super::tree::{Node, Tree};

/// Whether two values are equal; their texts are those of `jsonb`.
pub(super) fn equal(left: &Tree, right: &Tree) -> bool {
    match (&left.node, &right.node) {
        (Node::Null, Node::Null) => true,
        (Node::Bool(a), Node::Bool(b)) => a == b,
        (Node::Number, Node::Number) => number::equal(&left.written, &right.written),
        (Node::Text(a), Node::Text(b)) => a == b,
        (Node::Array(a), Node::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Node::Object(a), Node::Object(b)) => {
            let pairs = a.iter().zip(b);
            a.len() == b.len() && pairs.into_iter().all(|((k, a), (l, b))| k == l && equal(a, b))
        }
        _ => false,
    }
}

/// `left @> right`. An array contains a value that is one of its items, but only at the top.
pub(super) fn contains(left: &Tree, right: &Tree) -> bool {
    match (&left.node, &right.node) {
        (Node::Array(items), _) if right.is_scalar() => items.iter().any(|item| equal(item, right)),
        _ => inside(left, right),
    }
}

fn inside(left: &Tree, right: &Tree) -> bool {
    match (&left.node, &right.node) {
        (Node::Object(_), Node::Object(pairs)) => pairs.iter().all(|(key, value)| {
            let own = key.as_deref().and_then(|key| left.field(key));
            own.is_some_and(|own| inside(own, value))
        }),
        (Node::Array(items), Node::Array(wanted)) => {
            wanted.iter().all(|wanted| items.iter().any(|item| inside(item, wanted)))
        }
        _ => left.is_scalar() && equal(left, right),
    }
}

/// `left || right`: objects with the pairs of both, or arrays with the items of both.
pub(super) fn merged(left: &Tree, right: &Tree) -> Result<String> {
    if let (Node::Object(a), Node::Object(b)) = (&left.node, &right.node) {
        let pairs = a.iter().chain(b).cloned().collect();
        return Tree { node: Node::Object(pairs), written: String::new() }.normal();
    }
    let items = |tree: &Tree| match &tree.node {
        Node::Array(items) => items.clone(),
        _ => vec![tree.clone()],
    };
    let all = [items(left), items(right)].concat();
    Tree { node: Node::Array(all), written: String::new() }.normal()
}

/// Whether a text is a key of an object, an item of an array, or the text itself.
pub(super) fn has(tree: &Tree, key: &str) -> bool {
    let is_it = |tree: &Tree| matches!(&tree.node, Node::Text(Some(text)) if text == key);
    match &tree.node {
        Node::Object(_) => tree.field(key).is_some(),
        Node::Array(items) => items.iter().any(is_it),
        _ => is_it(tree),
    }
}
