//! Clause ids: stable names of what a contract states, independent of its layout.

use sha2::{Digest, Sha256};

use super::model::{Column, QualityRule, Relationship, RuleType, Sla, Table};
use super::types::Limits;
use super::yaml::{Node, Value};

/// Kinds of clauses that every table has.
pub(super) const TABLE_KINDS: &[&str] = &["readable", "additionalColumns", "primaryKey"];
/// Kinds of clauses that every column may have, whatever else it states.
pub(super) const COLUMN_KINDS: &[&str] = &["logicalType", "physicalType", "storable", "primaryKey"];

/// Kinds of clauses that a physical type may state beside itself.
pub(super) const LIMIT_KINDS: &[&str] =
    &["physicalTypeLength", "physicalTypeValues", "physicalTypePrecision", "physicalTypeFormat"];

/// `<table>/<column>/<kind>`, or `<table>/<kind>` on a table.
pub fn clause_id(table: &Table, column: Option<&Column>, kind: &str) -> String {
    match column {
        Some(column) => format!("{}/{}/{kind}", table.element(), column.element()),
        None => format!("{}/{kind}", table.element()),
    }
}

/// The kind of an option: its name, except for the one that a column attribute shares.
pub fn option_kind(option: &str) -> &str {
    if option == "required" { "requiredProperties" } else { option }
}

/// The kind of what a physical type says about values: a clause of its own beside `physicalType`.
pub fn limit_kind(limits: &Limits) -> Option<&'static str> {
    let states = [
        (limits.characters.is_some() || limits.bytes.is_some(), "physicalTypeLength"),
        (limits.values.is_some(), "physicalTypeValues"),
        (limits.fraction.is_some(), "physicalTypePrecision"),
        (limits.uuid, "physicalTypeFormat"),
    ];
    states.into_iter().find(|(is_stated, _)| *is_stated).map(|(_, kind)| kind)
}

/// The kind of a quality rule: its id, else its name, else its metric with a hash of what it
/// measures, so that a changed threshold keeps the id.
pub fn rule_kind(rule: &QualityRule) -> String {
    let measured = measured_kind(rule);
    match &rule.twin {
        Some(twin) => format!("{measured}-{twin}"),
        None => measured,
    }
}

/// A statement of an element, as far as the id of its clause depends on it.
struct Stated {
    kind: String,
    /// Whether an id names it.
    has_id: bool,
    /// Whether it has a second clause, which only warns.
    warns: bool,
    /// A hash of all that it states.
    hash: String,
}

/// Tells rules and relationships of one element apart that would share a kind with each other, or
/// with one of `taken`: by what else they state, and those that state the same by a number. One with
/// an id keeps it beside those without.
pub(super) fn distinguish(
    rules: &mut [QualityRule],
    relationships: &mut [Relationship],
    taken: &[&str],
) {
    let of_rule = |rule: &QualityRule| Stated {
        kind: rule_kind(rule),
        has_id: rule.id.is_some(),
        warns: !rule.warning.is_empty(),
        hash: short_hash(&canonical(&rule.node).to_string()),
    };
    let of_relationship = |one: &Relationship| Stated {
        kind: relationship_kind(one),
        has_id: one.id.is_some(),
        warns: false,
        hash: short_hash(&format!("{:?} {:?}", texts(&one.from), texts(&one.to))),
    };
    let stated: Vec<Stated> =
        rules.iter().map(of_rule).chain(relationships.iter().map(of_relationship)).collect();
    let mut twins = told_apart(&stated, taken).into_iter();
    rules.iter_mut().zip(&mut twins).for_each(|(rule, twin)| rule.twin = twin);
    relationships.iter_mut().zip(&mut twins).for_each(|(one, twin)| one.twin = twin);
}

fn told_apart(stated: &[Stated], taken: &[&str]) -> Vec<Option<String>> {
    let warnings = stated.iter().filter(|one| one.warns);
    let warnings: Vec<String> = warnings.map(|one| warning_id(&one.kind)).collect();
    let is_shared = |n: usize, one: &Stated| {
        let keeps = |other: &Stated| one.has_id && !other.has_id;
        let mut others = stated.iter().enumerate().filter(|(m, _)| *m != n);
        taken.contains(&one.kind.as_str())
            || warnings.contains(&one.kind)
            || others.any(|(_, other)| other.kind == one.kind && !keeps(other))
    };
    let mut told: Vec<String> = Vec::new();
    let apart = |(n, one): (usize, &Stated)| {
        if !is_shared(n, one) {
            return None;
        }
        let whole = format!("{}-{}", one.kind, one.hash);
        told.push(whole.clone());
        let same = told.iter().filter(|other| **other == whole).count();
        Some(if same > 1 { format!("{}-{same}", one.hash) } else { one.hash.clone() })
    };
    stated.iter().enumerate().map(apart).collect()
}

/// The id of the clause that only warns, of a rule with custom property `warn`.
pub fn warning_id(id: &str) -> String {
    format!("{id}-warning")
}

/// The id of the clause that is the n-th with an id.
pub fn numbered(id: &str, n: usize) -> String {
    if n > 1 { format!("{id}-{n}") } else { id.to_owned() }
}

fn short_hash(text: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(text);
    hex(&hash.finalize())[..8].to_owned()
}

fn texts(references: &[super::model::Spanned<String>]) -> Vec<&str> {
    references.iter().map(|reference| reference.value.as_str()).collect()
}

fn measured_kind(rule: &QualityRule) -> String {
    if let Some(named) = rule.id.as_ref().or(rule.name.as_ref()) {
        return named.clone();
    }
    // In 3.0 a rule of any type may have a word, which names it.
    let word = rule.node.get("rule").and_then(Node::as_str);
    let word = word.filter(|_| rule.node.get("metric").is_none());
    let metric = match (&rule.metric, rule.rule_type) {
        (Some(metric), _) => metric.value.as_str(),
        (None, _) if word.is_some() => word.unwrap_or_default(),
        (None, RuleType::Sql) => "sql",
        (None, RuleType::Custom) => "custom",
        (None, _) => "text",
    };
    let mut hash = Sha256::new();
    hash.update(metric);
    for key in ["arguments", "filter", "query", "engine", "implementation", "description"] {
        // Prose names a rule only where the rule is nothing but prose.
        if key == "description" && rule.rule_type != RuleType::Text {
            continue;
        }
        if let Some(node) = rule.node.get(key) {
            hash.update([0]);
            hash.update(key);
            // White space is part of a value, and of a pattern.
            let values = key == "arguments";
            hash.update(if values { exact(node) } else { canonical(node) }.to_string());
        }
    }
    if let Some(filter) = super::model::custom_property(&rule.node, "where") {
        hash.update(canonical(filter).to_string());
    }
    format!("{metric}-{}", &hex(&hash.finalize())[..8])
}

/// The kind of a foreign key: its id, else the columns that it points to.
pub fn relationship_kind(relationship: &Relationship) -> String {
    let pointing = pointing_kind(relationship);
    match &relationship.twin {
        Some(twin) => format!("{pointing}-{twin}"),
        None => pointing,
    }
}

fn pointing_kind(relationship: &Relationship) -> String {
    if let Some(id) = &relationship.id {
        return id.clone();
    }
    let targets = |list: &[super::model::Spanned<String>]| texts(list).join("+");
    if relationship.from.is_empty() {
        format!("foreignKey-{}", targets(&relationship.to))
    } else {
        format!("foreignKey-{}-{}", targets(&relationship.from), targets(&relationship.to))
    }
}

/// A node as JSON with sorted keys and squeezed white space in texts.
fn canonical(node: &Node) -> serde_json::Value {
    sorted(node, |text| text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A node as JSON with sorted keys and texts as they are.
fn exact(node: &Node) -> serde_json::Value {
    sorted(node, str::to_owned)
}

fn sorted(node: &Node, text: fn(&str) -> String) -> serde_json::Value {
    use serde_json::Value as J;
    match &node.value {
        Value::Map(entries) => {
            let mut sorted: Vec<_> =
                entries.iter().map(|(k, v)| (k.text.clone(), self::sorted(v, text))).collect();
            sorted.sort_by(|a, b| a.0.cmp(&b.0));
            J::Object(sorted.into_iter().collect())
        }
        Value::Seq(items) => J::Array(items.iter().map(|item| sorted(item, text)).collect()),
        Value::String(s) => J::String(text(s)),
        Value::Number(number) => J::String(match number.parse::<super::decimal::Decimal>() {
            Ok(exact) => format!("number {}", exact.normalized()),
            Err(_) => format!("number {number}"),
        }),
        _ => node.to_json(),
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
/// The kind of a service level: its id, else its property with the driver and the element that tell it
/// from others of the property.
pub fn sla_kind(sla: &Sla) -> String {
    let element = sla.element.as_ref().map(|e| e.value.as_str());
    let parts = [Some("sla"), Some(sla.property.as_str()), sla.driver.as_deref(), element];
    let stated = || parts.into_iter().flatten().collect::<Vec<_>>().join("-");
    sla.id.clone().unwrap_or_else(stated)
}

/// The kind of a service level on one of several elements that have a clause each.
pub fn sla_element_kind(sla: &Sla, element: &str) -> String {
    let parts = [Some("sla"), Some(sla.property.as_str()), sla.driver.as_deref(), Some(element)];
    let stated = || parts.into_iter().flatten().collect::<Vec<_>>().join("-");
    sla.id.as_ref().map_or_else(stated, |id| format!("{id}-{element}"))
}
