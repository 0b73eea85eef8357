//! Options of logical types.

use crate::contract::yaml::{Node, Value};
use crate::diagnostic::Span;

/// `logicalTypeOptions`, as nodes: each clause reads its own.
#[derive(Debug, Clone, Default)]
pub struct Options {
    entries: Vec<(String, Node)>,
    /// The place of the mapping.
    pub span: Option<Span>,
}

impl Options {
    /// Reads the mapping.
    pub fn from_node(node: &Node) -> Self {
        let entries = node.entries().iter().map(|(k, v)| (k.text.clone(), v.clone())).collect();
        Self { entries, span: Some(node.span) }
    }

    /// The value of an option; one that is written as null is absent.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.iter().find(|(k, _)| *k == name).map(|(_, v)| v)
    }

    /// The text of an option that is a scalar.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(Node::scalar_text)
    }

    /// The options but for these.
    pub fn without(&self, keys: &[String]) -> Self {
        let entries = self.entries.iter().filter(|(key, _)| !keys.contains(key)).cloned().collect();
        Self { entries, span: self.span }
    }

    /// Every option that is set, in the order of the document.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        let is_set = |(_, v): &&(String, Node)| !matches!(v.value, Value::Null);
        self.entries.iter().filter(is_set).map(|(k, v)| (k.as_str(), v))
    }
}
