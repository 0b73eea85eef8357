//! Fills the variables of a document with their defaults, and finds what holds one without.
//!
//! It comes before everything that reads the document, so that the model, lint, the hash and `diff`
//! see one meaning. Places stay those of the texts as they are written.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::contract::decimal::Decimal;
use crate::contract::lint::rules::unfilled_variable;
use crate::contract::odcs::OPERATORS;
use crate::contract::variables::{filled, is_whole, unfilled};
use crate::contract::yaml::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, Source};

/// A document with its defaults.
pub(super) struct Resolved {
    /// The document.
    pub tree: Node,
    /// What holds variables that nothing fills, by where it begins: an option, a list of allowed
    /// values, a rule, a relationship, a service level.
    pub unfilled: BTreeMap<usize, Vec<String>>,
    /// Where such texts begin: nothing else is to be said of them.
    pub texts: HashSet<usize>,
    /// A warning for each of them.
    pub diagnostics: Vec<Diagnostic>,
}

/// Fills a document.
pub(super) fn resolved(tree: Node, source: &Arc<Source>) -> Resolved {
    let mut tree = with_defaults(tree, "");
    let mut walk = Walk { source, unfilled: BTreeMap::new(), texts: HashSet::new(), found: vec![] };
    if let Value::Map(entries) = &mut tree.value {
        // A contract without a name goes by its id.
        entries.retain(|(key, value)| key.text != "name" || !walk.is_left_out(value, "name"));
        for (key, value) in entries {
            match key.text.as_str() {
                "schema" => items_mut(value).iter_mut().for_each(|table| walk.element(table)),
                "slaProperties" => value.items().iter().for_each(|sla| walk.service_level(sla)),
                _ => {}
            }
        }
    }
    Resolved { tree, unfilled: walk.unfilled, texts: walk.texts, diagnostics: walk.found }
}

/// Keys whose values are numbers, or true or false, so that a default there is one too.
const TYPED: &[&str] = &[
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "timezone",
    "dimensions",
    "required",
    "unique",
    "primaryKey",
    "primaryKeyPosition",
    "partitioned",
    "partitionKeyPosition",
    "port",
];

fn with_defaults(node: Node, key: &str) -> Node {
    let value = match node.value {
        Value::String(text) => default(text, key),
        Value::Seq(items) => {
            Value::Seq(items.into_iter().map(|item| with_defaults(item, key)).collect())
        }
        Value::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| {
                    let value = with_defaults(value, &key.text);
                    (key, value)
                })
                .collect(),
        ),
        other => other,
    };
    Node { value, span: node.span }
}

fn default(text: String, key: &str) -> Value {
    let Some(default) = filled(&text) else { return Value::String(text) };
    let is_typed = is_whole(&text) && (TYPED.contains(&key) || OPERATORS.contains(&key));
    match default.as_str() {
        "true" if is_typed => Value::Bool(true),
        "false" if is_typed => Value::Bool(false),
        number if is_typed && number.parse::<Decimal>().is_ok() => Value::Number(default),
        _ => Value::String(default),
    }
}

fn items_mut(node: &mut Node) -> &mut [Node] {
    match &mut node.value {
        Value::Seq(items) => items,
        _ => &mut [],
    }
}

struct Walk<'a> {
    source: &'a Arc<Source>,
    unfilled: BTreeMap<usize, Vec<String>>,
    texts: HashSet<usize>,
    found: Vec<Diagnostic>,
}

impl Walk<'_> {
    /// Whether a text that a document can do without has a variable that nothing fills.
    fn is_left_out(&mut self, value: &Node, key: &str) -> bool {
        let texts = value.as_str().into_iter().chain(value.items().iter().filter_map(Node::as_str));
        let names: Vec<String> = texts.flat_map(unfilled).collect();
        if !names.is_empty() {
            self.texts.insert(value.span.start);
            let found = unfilled_variable::of_absent(self.source, value.span, key, &names);
            self.found.push(found);
        }
        !names.is_empty()
    }

    /// A table, a column, or what is inside one.
    fn element(&mut self, node: &mut Node) {
        let name = node.get("name").and_then(Node::as_str).unwrap_or_default().to_owned();
        let Value::Map(entries) = &mut node.value else { return };
        entries.retain(|(key, value)| {
            let names = value.as_str().filter(|_| key.text == "physicalName").map(unfilled);
            let names = names.unwrap_or_default();
            if !names.is_empty() {
                self.texts.insert(value.span.start);
                let found = unfilled_variable::of_name(self.source, value.span, &names, &name);
                self.found.push(found);
            }
            names.is_empty()
        });
        for (key, value) in entries {
            match key.text.as_str() {
                "properties" => items_mut(value).iter_mut().for_each(|inner| self.element(inner)),
                "items" => self.element(value),
                "map" => {
                    if let Value::Map(pair) = &mut value.value {
                        pair.iter_mut().for_each(|(_, inner)| self.element(inner));
                    }
                }
                "customProperties" => self.own_properties(value),
                "physicalType" => self.holder(value, &key.text, value.span.start),
                "logicalTypeOptions" => {
                    for (option, value) in value.entries() {
                        self.holder(value, &option.text, value.span.start);
                    }
                }
                "enum" => {
                    for allowed in value.items().iter().filter_map(|item| item.get("value")) {
                        self.holder(allowed, &key.text, value.span.start);
                    }
                }
                "quality" => value.items().iter().for_each(|rule| self.rule(rule)),
                "relationships" => {
                    for link in value.items() {
                        let ends = link.entries().iter();
                        for (key, end) in ends.filter(|(k, _)| matches!(&*k.text, "from" | "to")) {
                            self.holder(end, &key.text, link.span.start);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// The custom properties of tables and columns that are read here: one with a variable that
    /// nothing fills is left out.
    fn own_properties(&mut self, node: &mut Node) {
        let Value::Seq(items) = &mut node.value else { return };
        items.retain(|item| {
            let property = item.get("property").and_then(Node::as_str).unwrap_or_default();
            let is_read = matches!(property, "additionalColumns" | "allowNaN" | "aliases");
            let value = item.get("value").filter(|_| is_read);
            !value.is_some_and(|value| self.is_left_out(value, property))
        });
    }

    fn service_level(&mut self, sla: &Node) {
        let read = ["property", "value", "valueExt", "unit", "element", "driver"];
        for (key, value) in sla.entries().iter().filter(|(k, _)| read.contains(&k.text.as_str())) {
            self.holder(value, &key.text, sla.span.start);
        }
        if self.unfilled.contains_key(&sla.span.start) {
            self.texts.insert(sla.span.start);
        }
    }

    /// What of a rule is executed here; the variables of a query are told where it is planned, and
    /// another engine fills its own.
    fn rule(&mut self, rule: &Node) {
        let text = |key: &str| rule.get(key).and_then(Node::as_str);
        let is_own = text("type") == Some("custom") && text("engine") == Some("pactum");
        if matches!(text("type"), Some("text" | "custom")) && !is_own {
            return;
        }
        for (key, value) in rule.entries() {
            match key.text.as_str() {
                "implementation" if !is_own => {}
                "arguments" | "validValues" | "metric" | "rule" | "unit" | "implementation" => {
                    self.holder(value, &key.text, rule.span.start);
                }
                operator if OPERATORS.contains(&operator) => {
                    self.holder(value, operator, rule.span.start);
                }
                "customProperties" => {
                    for (property, value) in value.items().iter().filter_map(of_rules) {
                        self.holder(value, property, rule.span.start);
                    }
                }
                _ => {}
            }
        }
    }

    fn holder(&mut self, node: &Node, key: &str, holder: usize) {
        match &node.value {
            Value::String(text) => {
                let names = unfilled(text);
                if names.is_empty() {
                    return;
                }
                self.texts.insert(node.span.start);
                self.found.push(unfilled_variable::of_clause(self.source, node.span, key, &names));
                let known = self.unfilled.entry(holder).or_default();
                let new: Vec<_> = names.into_iter().filter(|n| !known.contains(n)).collect();
                known.extend(new);
            }
            Value::Seq(items) => items.iter().for_each(|item| self.holder(item, key, holder)),
            Value::Map(entries) => entries.iter().for_each(|(key, value): &(Key, Node)| {
                self.holder(value, &key.text, holder);
            }),
            _ => {}
        }
    }
}

/// The custom properties that say which rows a rule looks at, and how.
fn of_rules(item: &Node) -> Option<(&str, &Node)> {
    let property = item.get("property").and_then(Node::as_str)?;
    let is_read = matches!(property, "where" | "groupBy" | "warn" | "compareTo");
    Some((property, item.get("value")?)).filter(|_| is_read)
}
