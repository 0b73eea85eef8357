//! What earlier versions of the standard say in words of their own, put into those of 3.1.
//!
//! Everything after this sees one language: the model, clause ids, the hash, `diff`. So a document
//! that moves from 3.0 to 3.1 with its meaning unchanged is unchanged. Places stay those of the
//! words as they are written.

use std::collections::HashSet;
use std::sync::Arc;

use crate::contract::lint::rules::contradicting_types;
use crate::contract::moment::{self, Moment};
use crate::contract::odcs::Since;
use crate::contract::yaml::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, Source};

use super::rule_words;

/// A document in the words of 3.1.
pub(super) struct Modern {
    /// The document.
    pub tree: Node,
    /// Where a `logicalType: date` stands that leaves open what it refines to, or its zone.
    pub open: HashSet<usize>,
    /// What later versions say in other words.
    pub diagnostics: Vec<Diagnostic>,
}

/// Puts a document that declares a version of the standard into the words of 3.1.
pub(super) fn modernised(tree: Node, declared: Since, source: &Arc<Source>) -> Modern {
    let mut reader = Reader { declared, source, open: HashSet::new(), diagnostics: Vec::new() };
    let tree = within(tree, "schema", &mut |table| reader.table(table));
    Modern { tree, open: reader.open, diagnostics: reader.diagnostics }
}

struct Reader<'a> {
    declared: Since,
    source: &'a Arc<Source>,
    open: HashSet<usize>,
    diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn table(&mut self, table: Node) -> Node {
        let table = within(table, "quality", &mut rule_words::modernised);
        within(table, "properties", &mut |column| self.column(column))
    }

    fn column(&mut self, column: Node) -> Node {
        let column = within(column, "quality", &mut rule_words::modernised);
        let column = within(column, "properties", &mut |inner| self.column(inner));
        let column = with(column, "items", &mut |item| self.column(item));
        let column = with(column, "map", &mut |map| {
            let map = with(map, "key", &mut |key| self.column(key));
            with(map, "value", &mut |value| self.column(value))
        });
        let column = self.date(column);
        match self.declared < (3, 1) {
            true => with(column, "logicalTypeOptions", &mut flags),
            false => column,
        }
    }

    /// `date`, which in 3.0 means any point in time.
    fn date(&mut self, column: Node) -> Node {
        let Some(written) = column.get("logicalType").filter(|t| t.as_str() == Some("date")) else {
            return column;
        };
        let span = written.span;
        let meant = moment::of(&column);
        if self.declared >= (3, 1) {
            let found = contradicting_types::of_date(self.source, &column, span, &meant);
            self.diagnostics.extend(found);
        }
        let is_open = match meant {
            // What nothing refines is any point in time in 3.0, a day in 3.1.
            Moment::Date { by: None } | Moment::Text(_) => self.declared < (3, 1),
            Moment::Timestamp { .. } => true,
            Moment::Date { .. } | Moment::Time { .. } | Moment::Epoch(_) => false,
        };
        if is_open {
            self.open.insert(span.start);
        }
        let word = meant.word();
        with(column, "logicalType", &mut |node| Node {
            value: Value::String(word.to_owned()),
            span: node.span,
        })
    }
}

/// An exclusive bound that is a flag on the other one becomes a bound.
fn flags(options: Node) -> Node {
    let Value::Map(mut entries) = options.value else { return options };
    for (bound, flag) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        let place =
            |entries: &[(Key, Node)], key: &str| entries.iter().position(|(k, _)| k.text == key);
        let Some(at) = place(&entries, flag) else { continue };
        let set = entries.get(at).and_then(|(_, node)| node.as_bool());
        let Some(set) = set else { continue };
        entries.remove(at);
        let on = place(&entries, bound).filter(|_| set);
        if let Some((key, _)) = on.and_then(|at| entries.get_mut(at)) {
            flag.clone_into(&mut key.text);
        }
    }
    Node { value: Value::Map(entries), span: options.span }
}

/// A mapping with the value of one key changed.
fn with(node: Node, key: &str, change: &mut dyn FnMut(Node) -> Node) -> Node {
    let Value::Map(entries) = node.value else { return node };
    let entries = entries
        .into_iter()
        .map(|(k, value)| if k.text == key { (k, change(value)) } else { (k, value) })
        .collect();
    Node { value: Value::Map(entries), span: node.span }
}

/// A mapping with each item of the list under one key changed.
fn within(node: Node, key: &str, change: &mut dyn FnMut(Node) -> Node) -> Node {
    with(node, key, &mut |list| match list.value {
        Value::Seq(items) => Node {
            value: Value::Seq(items.into_iter().map(&mut *change).collect()),
            span: list.span,
        },
        _ => list,
    })
}
