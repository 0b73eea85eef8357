//! The mappings of a document that the standard knows, each with its table of keys.
//!
//! What a key holds freely (examples, the values of custom properties, implementations of rules) is
//! not walked: words in there mean nothing to the standard.

use super::odcs::{CONTRACT, Kind, Object};
use super::yaml::{Node, Value};

/// Visits every mapping of a contract that the standard knows, outer ones first.
pub fn visit<'a>(tree: &'a Node, see: &mut dyn FnMut(&'a Node, &'static Object)) {
    of_object(tree, &CONTRACT, see);
}

fn of_object<'a>(
    node: &'a Node,
    object: &'static Object,
    see: &mut dyn FnMut(&'a Node, &'static Object),
) {
    see(node, object);
    for (key, value) in node.entries() {
        if let Some(field) = object.field(&key.text) {
            of_kind(value, &field.kind, see);
        }
    }
}

fn of_kind<'a>(
    node: &'a Node,
    kind: &'static Kind,
    see: &mut dyn FnMut(&'a Node, &'static Object),
) {
    match (kind, &node.value) {
        (Kind::Object(object), Value::Map(_)) => of_object(node, object, see),
        (Kind::List(item), Value::Seq(items)) => {
            items.iter().for_each(|node| of_kind(node, item, see));
        }
        (Kind::Either(a, b), _) => {
            of_kind(node, a, see);
            of_kind(node, b, see);
        }
        _ => {}
    }
}

/// The lists of mappings in a mapping: those whose items are elements.
pub fn lists<'a>(
    node: &'a Node,
    object: &'static Object,
) -> impl Iterator<Item = (&'a str, &'a [Node], &'static Object)> {
    node.entries().iter().filter_map(|(key, value)| {
        let kind = &object.field(&key.text)?.kind;
        Some((key.text.as_str(), value.items(), items_of(kind)?))
    })
}

/// What the items of a list are, where they are mappings.
fn items_of(kind: &'static Kind) -> Option<&'static Object> {
    match kind {
        Kind::List(Kind::Object(object)) => Some(object),
        Kind::Either(a, b) => items_of(a).or_else(|| items_of(b)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::contract::yaml;
    use crate::diagnostic::Source;

    #[test]
    fn free_values_are_not_elements() {
        let text = "schema: [{name: t, customProperties: [{property: p, value: {schema: [{}]}}], \
                    properties: [{name: c, examples: [{id: x}], quality: [{type: custom, \
                    implementation: {properties: [{}]}}]}]}]";
        let tree = yaml::parse(&Arc::new(Source::new("t", text))).unwrap();
        let mut titles = Vec::new();
        super::visit(&tree, &mut |_, object| titles.push(object.title));
        assert_eq!(
            titles,
            ["a contract", "a table", "a custom property", "a column", "a quality rule"]
        );
    }
}
