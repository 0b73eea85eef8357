//! Walks a document along the standard's table of keys: unknown keys, wrong types, missing and
//! newer keys.

use std::sync::Arc;

use crate::contract::library;
use crate::contract::lint::rules::{
    misplaced_argument, missing_key, newer_than_declared, nothing_to_check, unknown_key,
    unknown_word, wrong_type,
};
use crate::contract::odcs::{CONTRACT, Field, Kind, LOGICAL_TYPES, METRICS, Object, Since};
use crate::contract::yaml::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, Severity, Source, Span};

use super::servers;

/// Every place where the document deviates from the standard's form.
pub(super) fn check(tree: &Node, source: &Arc<Source>) -> Vec<Diagnostic> {
    let declared = declared_version(tree);
    let mut walk = Walk { source, declared, found: Vec::new() };
    walk.object(tree, &CONTRACT);
    walk.api_version(tree);
    walk.found
}

/// The version of the standard that the document declares; 3.2 when it declares no usable one.
pub(super) fn declared_version(tree: &Node) -> Since {
    let text = tree.get("apiVersion").and_then(Node::as_str).unwrap_or_default();
    match text.strip_prefix('v').unwrap_or(text).split('.').collect::<Vec<_>>()[..] {
        ["3", minor, ..] => minor.parse().map_or((3, 2), |minor| (3, minor)),
        _ => (3, 2),
    }
}

struct Walk<'a> {
    source: &'a Arc<Source>,
    declared: Since,
    found: Vec<Diagnostic>,
}

impl Walk<'_> {
    fn object(&mut self, node: &Node, object: &'static Object) {
        let is_closed = self.declared >= object.closed;
        for (key, value) in node.entries() {
            match object.field(&key.text) {
                // In 3.0 the values stand beside the rule's word.
                Some(_) if key.text == "validValues" && self.is_misplaced(object) => {
                    self.found.push(misplaced_argument::diagnose(self.source, key));
                }
                Some(field) => {
                    if field.since > self.declared {
                        self.newer(&format!("key '{}'", key.text), field.since, key.span);
                    }
                    // A key without a value counts as absent, unless it is required.
                    let is_required = field.required.absent(self.declared) == Some(Severity::Error);
                    if matches!(value.value, Value::Null) && !is_required {
                        self.nothing(value, key, field);
                        continue;
                    }
                    self.kind(value, &field.kind, &key.text);
                    self.newer_words(&key.text, value, node, object);
                }
                None => {
                    self.found.push(unknown_key::diagnose(
                        self.source,
                        node,
                        key,
                        object,
                        is_closed,
                    ));
                }
            }
        }
        for field in object.fields.iter().filter(|f| node.get(f.name).is_none()) {
            let Some(severity) = field.required.absent(self.declared) else { continue };
            let found = missing_key::diagnose(self.source, node, field.name, object);
            self.found.push(found.severity(severity));
        }
    }

    /// Whether arguments of a rule may not stand beside `arguments`.
    fn is_misplaced(&self, object: &Object) -> bool {
        self.declared >= (3, 1) && object.field("arguments").is_some()
    }

    /// A key without a value, which the standard takes only where it takes anything.
    fn nothing(&mut self, node: &Node, key: &Key, field: &Field) {
        if !matches!(field.kind, Kind::Any) {
            self.found.push(wrong_type::nothing(self.source, node, key));
        }
    }

    fn kind(&mut self, node: &Node, kind: &'static Kind, key: &str) {
        match (kind, &node.value) {
            // A version without its quotes has one meaning, and a rule of its own.
            (Kind::Text, Value::Number(_)) if key == "version" => {}
            (Kind::Any, _)
            | (Kind::Text, Value::String(_))
            | (Kind::Bool, Value::Bool(_))
            | (Kind::Number, Value::Number(_))
            | (Kind::Scalar, Value::String(_) | Value::Number(_) | Value::Bool(_)) => {}
            (Kind::Id, Value::String(id)) => {
                let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                if id.is_empty() || !id.chars().all(fits) {
                    self.wrong(node, key, "letters, digits, '_' and '-' only");
                }
            }
            (Kind::Integer, Value::Number(n)) if n.parse::<i64>().is_ok() => {}
            (Kind::Word(words), Value::String(word)) => {
                if !words.contains(&word.as_str()) {
                    self.found.push(unknown_word::diagnose(self.source, node, key, word, words));
                }
            }
            (Kind::List(item), Value::Seq(items)) => {
                for node in items {
                    self.kind(node, item, key);
                }
            }
            (Kind::Pair, Value::Seq(items)) => {
                let numbers = items.iter().all(|i| matches!(i.value, Value::Number(_)));
                if items.len() != 2 || !numbers {
                    self.wrong(node, key, "two numbers, the smaller first: [0, 10]");
                }
            }
            (Kind::Object(object), Value::Map(_)) => {
                self.object(node, object);
                if key == "servers" {
                    self.found.extend(servers::check(node, self.declared, self.source));
                }
            }
            (Kind::Either(a, b), _) => {
                let first = matches!(
                    (a, &node.value),
                    (Kind::Object(_), Value::Map(_)) | (Kind::Text, Value::String(_))
                );
                self.kind(node, if first { a } else { b }, key);
            }
            _ => self.wrong(node, key, expected(kind)),
        }
    }

    fn wrong(&mut self, node: &Node, key: &str, expected: &str) {
        self.found.push(wrong_type::diagnose(self.source, node, key, expected));
    }

    /// Words that a later version brought, where the key itself is older.
    fn newer_words(&mut self, key: &str, value: &Node, node: &Node, object: &Object) {
        match key {
            "logicalType" if object.field("logicalTypeOptions").is_some() => {
                self.logical_type(value);
            }
            "metric" => self.metric(value),
            "rule" => self.rule(value, node),
            "logicalType" if value.as_str() == Some("blob") => {
                self.found.push(nothing_to_check::of_blob(self.source, value.span));
            }
            // In 3.0 an exclusive bound is a flag on the other one.
            "exclusiveMinimum" | "exclusiveMaximum" if !matches!(value.value, Value::Bool(_)) => {
                let what = format!("'{key}' with a value");
                if self.declared < (3, 1) {
                    self.newer(&what, (3, 1), value.span);
                }
            }
            _ => {}
        }
    }

    fn logical_type(&mut self, node: &Node) {
        let Some(word) = node.as_str() else { return };
        match LOGICAL_TYPES.iter().find(|(known, _)| *known == word) {
            Some((_, since)) if *since > self.declared => {
                self.newer(&format!("logicalType '{word}'"), *since, node.span);
            }
            Some(_) => {}
            None => {
                let words: Vec<&str> = LOGICAL_TYPES.iter().map(|(w, _)| *w).collect();
                let found = unknown_word::diagnose(self.source, node, "logicalType", word, &words);
                self.found.push(found);
            }
        }
    }

    fn metric(&mut self, node: &Node) {
        // In 3.0 rules are open: such a one is listed as not executed.
        if let Some(word) = node.as_str()
            && !METRICS.contains(&word)
            && self.declared >= (3, 1)
        {
            let found = unknown_word::diagnose(self.source, node, "metric", word, METRICS);
            let meant = library::word(word).map(|w| format!("write metric: {}", w.metric));
            let hint = meant.or(found.hint.clone());
            self.found.push(found.maybe_hint(hint));
        }
    }

    /// A word of 3.0 for a metric, in a document of a later version.
    fn rule(&mut self, node: &Node, rule: &Node) {
        let is_library = rule.get("type").is_none_or(|t| t.as_str() == Some("library"));
        if self.declared < (3, 1) || !is_library || rule.get("metric").is_some() {
            return;
        }
        let word = node.as_str().unwrap_or_default();
        if let Some(meant) = library::word(word) {
            self.found.push(missing_key::of_rule(self.source, node, meant.metric));
        }
    }

    fn newer(&mut self, what: &str, since: Since, span: Span) {
        self.found.push(newer_than_declared::diagnose(
            self.source,
            span,
            what,
            since,
            self.declared,
        ));
    }

    fn api_version(&mut self, tree: &Node) {
        const KNOWN: &[&str] = &["v3.0.0", "v3.0.1", "v3.0.2", "v3.1.0", "v3.2.0"];
        let Some(node) = tree.get("apiVersion") else { return };
        let Some(text) = node.as_str() else { return };
        if !KNOWN.contains(&text) {
            let message = format!("apiVersion '{text}' is not one that Pactum reads");
            let hint = format!("one of {}", KNOWN.join(", "));
            self.found.push(
                Diagnostic::new(&unknown_word::META, self.source, node.span, message).hint(hint),
            );
        }
    }
}

fn expected(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Id | Kind::Word(_) => "a string",
        Kind::Bool => "true or false",
        Kind::Integer => "a whole number",
        Kind::Number => "a number",
        Kind::Scalar => "a string, number or boolean",
        Kind::Any => "a value",
        Kind::List(_) => "a list",
        Kind::Pair => "two numbers, the smaller first: [0, 10]",
        Kind::Object(_) => "a mapping",
        Kind::Either(Kind::Text, _) => "a string or a list of strings",
        Kind::Either(..) => "a mapping or a list",
    }
}
