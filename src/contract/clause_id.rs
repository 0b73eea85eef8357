//! Clause ids: stable names of what a contract states, independent of its layout.

use sha2::{Digest, Sha256};

use super::Contract;
use super::model::{Column, QualityRule, Relationship, RuleType, Sla, Table};
use super::types::Limits;
use super::yaml::{Node, Value};

/// Kinds of clauses that every table has.
pub(super) const TABLE_KINDS: &[&str] = &["readable", "additionalColumns", "primaryKey"];
/// Kinds of clauses that every column may have, whatever else it states.
pub(super) const COLUMN_KINDS: &[&str] = &["logicalType", "physicalType", "storable", "primaryKey"];

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

/// Tells rules of one list apart that would share a kind with each other, or with one of `taken`:
/// by what else they state, and those that state the same by a number. Ids are left alone.
pub(super) fn distinguish(rules: &mut [QualityRule], taken: &[&str]) {
    let kinds: Vec<String> = rules.iter().map(rule_kind).collect();
    let shared = |kind: &String| {
        taken.contains(&kind.as_str()) || kinds.iter().filter(|other| *other == kind).count() > 1
    };
    let mut told: Vec<String> = Vec::new();
    for (rule, kind) in rules.iter_mut().zip(&kinds) {
        if rule.id.is_some() || !shared(kind) {
            continue;
        }
        let mut hash = Sha256::new();
        hash.update(canonical(&rule.node).to_string());
        let stated = hex(&hash.finalize())[..8].to_owned();
        told.push(format!("{kind}-{stated}"));
        let same = told.iter().filter(|other| **other == format!("{kind}-{stated}")).count();
        rule.twin = Some(if same > 1 { format!("{stated}-{same}") } else { stated });
    }
}

fn measured_kind(rule: &QualityRule) -> String {
    if let Some(named) = rule.id.as_ref().or(rule.name.as_ref()) {
        return named.clone();
    }
    let metric = match (&rule.metric, rule.rule_type) {
        (Some(metric), _) => metric.value.as_str(),
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
    if let Some(id) = &relationship.id {
        return id.clone();
    }
    let targets = |list: &[super::model::Spanned<String>]| {
        list.iter().map(|r| r.value.as_str()).collect::<Vec<_>>().join("+")
    };
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

/// The clause of a service level in the first table that it concerns; the contract's first where it
/// names none.
pub fn sla_clause(contract: &Contract, sla: &Sla) -> Option<String> {
    let element = sla.element.as_ref().map(|e| e.value.as_str());
    let element = element.or(contract.sla_element.as_deref()).unwrap_or_default();
    let table = element.split(',').next().unwrap_or_default().trim().split('.').next();
    let table = table.and_then(|name| contract.table(name)).or(contract.tables.first())?;
    Some(clause_id(table, None, &sla_kind(sla)))
}
