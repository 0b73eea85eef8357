//! What earlier versions of the standard say in words of their own, put into those of 3.1.
//!
//! Everything after this sees one language: the model, clause ids, the hash, `diff`. So a document
//! that moves from 3.0 to 3.1 with its meaning unchanged is unchanged. Places stay those of the
//! words as they are written.

use std::collections::HashSet;
use std::sync::Arc;

use crate::contract::lint::rules::{bad_bound, contradicting_types, duplicate_clause};
use crate::contract::moment::{self, Moment};
use crate::contract::odcs::Since;
use crate::contract::types::{Physical, length_in_brackets, parse_physical};
use crate::contract::yaml::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, Source};

use super::bounds;
use super::changed::{with, within};
use super::rule_words;
use super::whole;

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
    let tree = whole::in_digits(tree);
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
        let table = with(table, "relationships", &mut |list| self.once(list));
        within(table, "properties", &mut |column| self.column(column))
    }

    fn column(&mut self, column: Node) -> Node {
        let column = within(column, "quality", &mut rule_words::modernised);
        let column = with(column, "relationships", &mut |list| self.once(list));
        let column = within(column, "properties", &mut |inner| self.column(inner));
        let column = with(column, "items", &mut |item| self.column(item));
        let column = with(column, "map", &mut |map| {
            let map = with(map, "key", &mut |key| self.column(key));
            with(map, "value", &mut |value| self.column(value))
        });
        let is_moment = column.get("logicalType").and_then(Node::as_str);
        let column = match is_moment {
            Some("date" | "timestamp" | "time") => bounds::in_iso(column),
            _ => column,
        };
        let column = self.date(column);
        let column = self.length_in_brackets(column);
        let column = self.map(column);
        match self.declared < (3, 1) {
            true => with(column, "logicalTypeOptions", &mut |options| self.flags(options)),
            false => column,
        }
    }

    /// The length of a text, which some write as a database writes an array.
    fn length_in_brackets(&mut self, column: Node) -> Node {
        let is_text = column.get("logicalType").and_then(Node::as_str) == Some("string");
        let written = column.get("physicalType").filter(|_| is_text);
        let Some((spelling, span)) = written.and_then(|n| Some((n.as_str()?.to_owned(), n.span)))
        else {
            return column;
        };
        let Some(meant) = length_in_brackets(&spelling) else { return column };
        let found = contradicting_types::of_length(self.source, span, &spelling, &meant);
        self.diagnostics.push(found);
        with(column, "physicalType", &mut |node| word(&meant, &node))
    }

    /// A map, which is an `object` before 3.2.
    fn map(&self, column: Node) -> Node {
        let text = |key: &str| column.get(key).and_then(Node::as_str);
        let is_map = text("physicalType").and_then(parse_physical) == Some(Physical::Map);
        let is_object = text("logicalType") == Some("object") && column.get("properties").is_none();
        match is_map && is_object && self.declared < (3, 2) {
            true => with(column, "logicalType", &mut |node| word("map", &node)),
            false => column,
        }
    }

    /// Relationships without those that repeat another.
    fn once(&mut self, list: Node) -> Node {
        let Value::Seq(items) = list.value else { return list };
        let mut kept: Vec<Node> = Vec::with_capacity(items.len());
        for item in items {
            let first = kept.iter().find(|first| is_same_relationship(first, &item));
            match first.filter(|_| item.get("to").is_some()) {
                Some(first) => {
                    let (span, first) = (item.span, first.span);
                    self.diagnostics.push(duplicate_clause::of_repeated(self.source, span, first));
                }
                None => kept.push(item),
            }
        }
        Node { value: Value::Seq(kept), span: list.span }
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
        with(column, "logicalType", &mut |node| word(meant.word(), &node))
    }

    /// An exclusive bound that is a flag on the other one becomes a bound.
    fn flags(&mut self, options: Node) -> Node {
        let Value::Map(mut entries) = options.value else { return options };
        for (bound, flag) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
            let place = |entries: &[(Key, Node)], key: &str| {
                entries.iter().position(|(k, _)| k.text == key)
            };
            let Some(at) = place(&entries, flag) else { continue };
            let Some((_, node)) = entries.get(at) else { continue };
            let Some(set) = node.as_bool() else { continue };
            if set && place(&entries, bound).is_none() {
                self.diagnostics.push(bad_bound::of_flag(self.source, node.span, flag, bound));
                continue;
            }
            entries.remove(at);
            let on = place(&entries, bound).filter(|_| set);
            if let Some((key, _)) = on.and_then(|at| entries.get_mut(at)) {
                flag.clone_into(&mut key.text);
            }
        }
        Node { value: Value::Map(entries), span: options.span }
    }
}

/// A word in the place of another.
fn word(word: &str, written: &Node) -> Node {
    Node { value: Value::String(word.to_owned()), span: written.span }
}

/// Whether two relationships point from the same columns to the same ones, under one id.
fn is_same_relationship(a: &Node, b: &Node) -> bool {
    let references = |node: &Node, key: &str| -> Vec<String> {
        let Some(value) = node.get(key) else { return Vec::new() };
        match value.as_str() {
            Some(one) => vec![one.to_owned()],
            None => value.items().iter().filter_map(Node::scalar_text).collect(),
        }
    };
    let id = |node: &Node| node.get("id").and_then(Node::scalar_text);
    ["from", "to"].iter().all(|key| references(a, key) == references(b, key)) && id(a) == id(b)
}
