//! Whole numbers that are written with a fraction of zeros, put into digits alone.
//!
//! To JSON Schema `3.0` is an integer. Everything after this reads `3`.

use crate::contract::decimal::Decimal;
use crate::contract::odcs::{CONTRACT, Kind, Object};
use crate::contract::yaml::{Node, Value};

/// The whole number that a text stands for: 3 for `3` and `3.0`.
pub(super) fn number(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let number: Decimal = text.parse().ok()?;
    let whole = number.is_whole_at(0).then(|| number.floor_at(0)).flatten()?;
    whole.try_into().ok()
}

/// A contract whose whole numbers are digits alone, wherever the standard wants one.
pub(super) fn in_digits(tree: Node) -> Node {
    of_object(tree, &CONTRACT)
}

fn of_object(node: Node, object: &'static Object) -> Node {
    let Value::Map(entries) = node.value else { return node };
    let entries = entries
        .into_iter()
        .map(|(key, value)| match object.field(&key.text) {
            Some(field) => (key, of_kind(value, &field.kind)),
            None => (key, value),
        })
        .collect();
    Node { value: Value::Map(entries), span: node.span }
}

fn of_kind(node: Node, kind: &'static Kind) -> Node {
    let span = node.span;
    match (kind, node.value) {
        (Kind::Integer, Value::Number(text)) => {
            let text = number(&text).map_or(text, |whole| whole.to_string());
            Node { value: Value::Number(text), span }
        }
        (Kind::List(item), Value::Seq(items)) => {
            let items = items.into_iter().map(|node| of_kind(node, item)).collect();
            Node { value: Value::Seq(items), span }
        }
        (Kind::Object(object), value) => of_object(Node { value, span }, object),
        (Kind::Either(a, b), value) => of_kind(of_kind(Node { value, span }, a), b),
        (_, value) => Node { value, span },
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn a_fraction_of_zeros_leaves_a_number_whole() {
        for (text, expected) in
            [("3", Some(3)), ("3.0", Some(3)), ("-1.00", Some(-1)), ("3.5", None), ("x", None)]
        {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}
