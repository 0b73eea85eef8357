//! Walks a document along the standard's table of keys: unknown keys, wrong types, missing and
//! newer keys.

use std::sync::Arc;

use crate::contract::library;
use crate::contract::lint::rules::{
    bad_enum_value, misplaced_argument, missing_key, newer_than_declared, nothing_to_check,
    unknown_key, unknown_word, wrong_type,
};
use crate::contract::model::LogicalType;
use crate::contract::odcs::{
    CONTRACT, Field, Kind, LOGICAL_TYPES, METRICS, OPERATORS, Object, Since, is_of_id, options_of,
};
use crate::contract::operand;
use crate::contract::yaml::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, Severity, Source, Span};

use super::{servers, whole};

/// Every place where the document deviates from the standard's form.
pub(super) fn check(tree: &Node, source: &Arc<Source>) -> Vec<Diagnostic> {
    let declared = declared_version(tree);
    let is_3_0_0 = tree.get("apiVersion").and_then(Node::as_str) == Some("v3.0.0");
    let mut walk = Walk { source, declared, is_3_0_0, found: Vec::new() };
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
    is_3_0_0: bool,
    found: Vec<Diagnostic>,
}

impl Walk<'_> {
    fn object(&mut self, node: &Node, object: &'static Object) {
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
                    let from = self.found.len();
                    self.kind(value, &field.kind, &key.text);
                    self.weigh(from, (node, object), field);
                    if self.is_free(object, &key.text) {
                        self.soften(from, "");
                    }
                    self.newer_words(&key.text, value, node, object);
                }
                None => {
                    let declared = self.declared;
                    let found = unknown_key::diagnose(self.source, node, key, object, declared);
                    self.found.push(found);
                }
            }
        }
        self.needed_by_type(node, object);
        for field in object.fields.iter().filter(|f| node.get(f.name).is_none()) {
            let Some(severity) = field.required.absent(self.declared) else { continue };
            let found = missing_key::diagnose(self.source, node, field.name, object);
            self.found.push(found.severity(severity));
        }
    }

    /// Makes warnings of what was found in a value, from a place on, where the standard's schema takes
    /// the value as it is.
    fn weigh(&mut self, from: usize, (node, object): (&Node, &Object), field: &Field) {
        // Other keys are free there, and this one has its meaning only in later versions.
        let is_free =
            field.since > self.declared && self.declared < object.closed && !object.is_of_data();
        let why = match field.name {
            name if is_operator(object, name) && operand::is_free(node, name, self.declared) => {
                Some(": the rule is not executed")
            }
            "logicalTypeOptions" if object.is_of_data() && has_free_options(node) => {
                Some(": it is not executed")
            }
            _ if is_free => Some(""),
            _ => None,
        };
        if let Some(why) = why {
            self.soften(from, why);
        }
    }

    fn soften(&mut self, from: usize, why: &str) {
        for found in self.found.iter_mut().skip(from) {
            if found.severity == Severity::Error {
                found.severity = Severity::Warning;
                found.message.push_str(why);
            }
        }
    }

    /// Whether the standard's schema takes anything here: that of 3.0.0 knows no more of a
    /// description than its texts.
    fn is_free(&self, object: &Object, key: &str) -> bool {
        let of_description = object.field("limitations").is_some();
        of_description
            && self.is_3_0_0
            && matches!(key, "authoritativeDefinitions" | "customProperties")
    }

    /// Whether arguments of a rule may not stand beside `arguments`.
    fn is_misplaced(&self, object: &Object) -> bool {
        self.declared >= (3, 1) && object.field("arguments").is_some()
    }

    /// A key without a value, which the standard takes only where it takes anything.
    fn nothing(&mut self, node: &Node, key: &Key, field: &Field) {
        if !matches!(field.kind, Kind::Any | Kind::Soft(Kind::Scalar)) {
            self.found.push(wrong_type::nothing(self.source, node, key));
        }
    }

    fn kind(&mut self, node: &Node, kind: &'static Kind, key: &str) {
        match (kind, &node.value) {
            // A version without its quotes has one meaning, and a rule of its own.
            (Kind::Text, Value::Number(_)) if key == "version" => {}
            (Kind::Any, _)
            | (Kind::Mapping, Value::Map(_))
            | (Kind::Soft(Kind::Scalar), Value::Null)
            | (Kind::Text, Value::String(_))
            | (Kind::Bool, Value::Bool(_))
            | (Kind::Number, Value::Number(_))
            | (Kind::Scalar, Value::String(_) | Value::Number(_) | Value::Bool(_)) => {}
            (Kind::Id, Value::String(id)) => {
                if let Some(refused) = refused_in_id(id, self.declared) {
                    let meant = with_id(id, self.declared);
                    self.found.push(wrong_type::of_id(self.source, node, key, refused, &meant));
                }
            }
            (Kind::Integer, Value::Number(n)) if whole::number(n).is_some() => {}
            (Kind::Soft(wanted), _) => {
                let from = self.found.len();
                self.kind(node, wanted, key);
                self.soften(from, "");
            }
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
            (Kind::Either(Kind::Text, Kind::Mapping), value)
                if !matches!(value, Value::String(_) | Value::Map(_)) =>
            {
                self.wrong(node, key, "a string or a mapping");
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
            "enum" if object.is_of_data() && is_empty_list(value) => {
                self.found.push(bad_enum_value::of_none(self.source, value.span));
            }
            "required" if object.field("minProperties").is_some() => {
                self.found.extend(wrong_type::of_names(self.source, value, key));
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

    /// What a column of a logical type must say about what is inside it.
    fn needed_by_type(&mut self, node: &Node, object: &Object) {
        let Some(logical) = node.get("logicalType").filter(|_| object.is_of_data()) else { return };
        if logical.as_str() == Some("map") && node.get("map").is_none() {
            self.found.push(missing_key::of_map(self.source, logical.span));
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
                let known = LOGICAL_TYPES.iter().filter(|(_, since)| *since <= self.declared);
                let words: Vec<&str> = known.map(|(word, _)| *word).collect();
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

fn is_empty_list(node: &Node) -> bool {
    matches!(&node.value, Value::Seq(items) if items.is_empty())
}

fn is_operator(object: &Object, key: &str) -> bool {
    OPERATORS.contains(&key) && object.field(key).is_some()
}

/// Whether the schema says nothing about a column's options: its logical type has none, or it has no
/// logical type.
fn has_free_options(column: &Node) -> bool {
    match column.get("logicalType").map(Node::as_str) {
        None => true,
        Some(Some(word)) => LogicalType::from_word(word).is_some() && options_of(word).is_empty(),
        Some(None) => false,
    }
}

/// The first character of an id that a version does not admit; an empty id has none, and is as wrong.
fn refused_in_id(id: &str, declared: Since) -> Option<Option<char>> {
    match id.chars().find(|c| !is_of_id(*c, declared)) {
        None if id.is_empty() => Some(None),
        None => None,
        found => Some(found),
    }
}

/// The nearest id that a version admits.
fn with_id(id: &str, declared: Since) -> String {
    id.chars().map(|c| if is_of_id(c, declared) { c } else { '_' }).collect()
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
        Kind::Object(_) | Kind::Mapping => "a mapping",
        Kind::Soft(wanted) => expected(wanted),
        Kind::Either(Kind::Text, _) => "a string or a list of strings",
        Kind::Either(..) => "a mapping or a list",
    }
}
