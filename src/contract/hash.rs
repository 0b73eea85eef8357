//! The hash of a contract: over everything that can affect readers or writers.
//!
//! Two documents with one hash differ at most in what needs a patch: prose, rules of text, team,
//! support, tags, price, layout, order of keys and of columns. Some that need no more have two hashes:
//! whether a custom property or a role matters is not known from one document.

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::clause_id::hex;
use super::decimal::Decimal;
use super::library::is_unknown;
use super::lint::rules::unknown_severity;
use super::model::{Column, Contract, LogicalType};
use super::sql_form::sql_form;
use super::types::meaning;
use super::yaml::{Node, Value};

/// Keys whose change needs at most a patch, wherever they occur.
const PATCH_KEYS: &[&str] = &[
    // An id follows an element through renames and says nothing about it.
    "id",
    "version",
    "apiVersion",
    "team",
    "support",
    "tags",
    "price",
    "servers",
    "context",
    "authoritativeDefinitions",
    "examples",
    "synonyms",
    "tenant",
    "domain",
    "dataProduct",
    "contractCreatedTs",
    "purpose",
    "usage",
    "limitations",
    "dataGranularityDescription",
    "transformDescription",
    "businessImpact",
    "schedule",
    "scheduler",
    "method",
    "dimension",
    "label",
    "criticalDataElement",
];

/// Flags that mean nothing when they are false.
const FALSE_BY_DEFAULT: &[&str] = &[
    "required",
    "unique",
    "primaryKey",
    "partitioned",
    "criticalDataElement",
    "uniqueItems",
    "deprecated",
];

/// Lists whose order means something.
const ORDERED: &[&str] = &["mustBeBetween", "mustNotBeBetween", "from", "to"];

/// Lists that count and whose order means nothing.
const UNORDERED: &[&str] = &[
    "schema",
    "properties",
    "quality",
    "relationships",
    "roles",
    "slaProperties",
    "customProperties",
    "enum",
    "validValues",
    "missingValues",
    "required",
    "aliases",
];

/// The contract's hash: 64 hexadecimal digits.
pub fn contract_hash(contract: &Contract) -> String {
    let mut hash = Sha256::new();
    hash.update("pactum-contract-2\n");
    hash.update(canonical(&contract.tree, "").to_string());
    hex(&hash.finalize())
}

/// What a document says about its elements' identity and end, in any order: ids, and deprecations
/// with their dates. Not part of the contract's promises, but later changes are judged by it.
pub fn marks(tree: &Node) -> Vec<String> {
    let mut found = Vec::new();
    add_marks(tree, "", &mut found);
    found.sort();
    found
}

fn add_marks(node: &Node, path: &str, found: &mut Vec<String>) {
    for item in node.items() {
        let name = item.get("name").and_then(Node::as_str).unwrap_or_default();
        add_marks(item, &format!("{path}/{name}"), found);
    }
    for (key, value) in node.entries() {
        let mark = match key.text.as_str() {
            "id" | "deprecated" => value.scalar_text(),
            "property" if value.as_str() == Some("deprecatedSince") => {
                node.get("value").and_then(Node::scalar_text)
            }
            other => {
                add_marks(value, &format!("{path}/{other}"), found);
                continue;
            }
        };
        found.extend(mark.map(|mark| format!("{path}/{}={mark}", key.text)));
    }
}

/// The value of a key with its prose, without layout and order; `None` where it says nothing.
pub fn whole(node: &Node, key: &str) -> Option<Json> {
    if is_default(key, node) {
        return None;
    }
    Some(match &node.value {
        Value::Map(entries) => {
            let kept =
                entries.iter().filter_map(|(k, v)| Some((k.text.clone(), whole(v, &k.text)?)));
            sorted_object(kept.collect())
        }
        Value::Seq(items) => {
            let mut items: Vec<Json> =
                items.iter().map(|i| whole(i, "").unwrap_or(Json::Null)).collect();
            if !ORDERED.contains(&key) {
                items.sort_by_key(ToString::to_string);
            }
            Json::Array(items)
        }
        _ => canonical(node, key),
    })
}

fn canonical(node: &Node, key: &str) -> Json {
    match &node.value {
        Value::Map(entries) => {
            let measure = node.get("semanticType").and_then(Node::as_str) == Some("measure");
            let is_filter = node.get("property").and_then(Node::as_str) == Some("where");
            let key_of = |k: &str| if is_filter && k == "value" { "query" } else { k }.to_owned();
            let mut kept: Vec<_> = entries
                .iter()
                .filter(|(k, v)| counts(&k.text, v, measure) && !names_only(node, key, &k.text))
                .map(|(k, v)| (k.text.clone(), canonical(v, &key_of(&k.text))))
                .collect();
            // A list of nothing but texts promises no more than none.
            kept.retain(|(key, value)| key != "quality" || value != &Json::Array(Vec::new()));
            if is_column(node, key) {
                by_meaning(node, &mut kept);
            }
            sorted_object(kept)
        }
        Value::Seq(items) => {
            // A rule that nothing executes promises nothing.
            let promises =
                |item: &&Node| key != "quality" || !(is_unknown(item) || is_text_rule(item));
            let items: Vec<&Node> = items.iter().filter(promises).collect();
            let mut shown: Vec<Json> = items.iter().map(|i| canonical(i, item_key(key))).collect();
            if key == "properties" {
                place_keys(&items, &mut shown);
            }
            if UNORDERED.contains(&key) {
                shown.sort_by_key(ToString::to_string);
            }
            Json::Array(shown)
        }
        Value::String(word) if key == "severity" => {
            let fails = unknown_severity::level(word) != Some(false);
            Json::String(if fails { "error" } else { "warning" }.to_owned())
        }
        Value::String(query) if key == "query" => Json::String(sql_form(query)),
        // 1 and 1.0 are one number, and no digit is lost.
        Value::Number(number) => match number.parse::<Decimal>() {
            Ok(exact) => Json::String(format!("number {}", exact.normalized())),
            Err(_) => Json::String(format!("number {number}")),
        },
        _ => node.to_json(),
    }
}

fn sorted_object(mut entries: Vec<(String, Json)>) -> Json {
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    Json::Object(entries.into_iter().collect())
}

/// The kind of a list's items, by the key of the list.
fn item_key(list: &str) -> &'static str {
    match list {
        "schema" => "table",
        "properties" => "column",
        "quality" => "rule",
        _ => "",
    }
}

/// Whether a key only names or classes its element: the type of a table, the name of a rule, and what
/// the items of a list are called.
fn names_only(node: &Node, element: &str, key: &str) -> bool {
    match element {
        "table" => matches!(key, "logicalType" | "physicalType"),
        "rule" => key == "name",
        "items" | "key" | "value" if is_column(node, element) => {
            matches!(key, "name" | "physicalName")
        }
        _ => false,
    }
}

/// Whether a rule is prose: it promises nothing that a machine could hold it to.
fn is_text_rule(rule: &Node) -> bool {
    rule.get("type").and_then(Node::as_str) == Some("text")
}

fn is_column(node: &Node, key: &str) -> bool {
    // The key and value of a map are columns; the value of anything else is not a mapping of types.
    let typed = node.get("logicalType").is_some() || node.get("physicalType").is_some();
    key == "column" || (typed && matches!(key, "items" | "key" | "value"))
}

/// A type counts by its meaning, however it is spelled.
fn by_meaning(node: &Node, kept: &mut Vec<(String, Json)>) {
    let column = super::parse::column(node);
    kept.retain(|(key, _)| !matches!(key.as_str(), "logicalType" | "physicalType"));
    for (_, options) in
        kept.iter_mut().filter(|(key, _)| key == "logicalTypeOptions" || key == "vector")
    {
        if let Json::Object(options) = options {
            options.retain(|key, _| !is_of_type(&column, key));
        }
    }
    kept.retain(|(_, value)| value != &Json::Object(serde_json::Map::new()));
    kept.push(("type".to_owned(), Json::String(meaning(&column))));
}

/// Whether an option is part of the type.
fn is_of_type(column: &Column, option: &str) -> bool {
    match option {
        "timezone" | "dimensions" => true,
        // Said by `varchar(10)` as well.
        "maxLength" => column.logical_type.as_ref().is_some_and(|t| t.value == LogicalType::String),
        "format" => {
            let format = column.options.text("format").unwrap_or_default();
            let logical = column.logical_type.as_ref().map(|t| t.value);
            matches!(logical, Some(LogicalType::Integer | LogicalType::Number))
                || matches!(format.as_str(), "binary" | "byte" | "uuid")
        }
        _ => false,
    }
}

/// Columns of a key count by their place in it, however that is written.
fn place_keys(items: &[&Node], shown: &mut [Json]) {
    for (flag, position) in
        [("primaryKey", "primaryKeyPosition"), ("partitioned", "partitionKeyPosition")]
    {
        let is_set = |n: &usize| items[*n].get(flag).and_then(Node::as_bool) == Some(true);
        let place = |n: usize| super::model::integer(items[n], position).filter(|p| *p >= 0);
        let mut key: Vec<usize> = (0..items.len()).filter(is_set).collect();
        key.sort_by_key(|n| place(*n).unwrap_or(i64::MAX));
        for item in shown.iter_mut().filter_map(Json::as_object_mut) {
            item.remove(position);
        }
        for (rank, n) in key.into_iter().enumerate() {
            if let Json::Object(item) = &mut shown[n] {
                item.insert(flag.to_owned(), Json::from(rank + 1));
            }
        }
    }
}

/// Whether a key can give a finding above a patch: not prose (but for a measure, whose prose and
/// computation are its meaning), not a default written out, not one of the statuses under which a contract simply holds.
fn counts(key: &str, value: &Node, measure: bool) -> bool {
    if matches!(key, "description" | "businessName" | "transformSourceObjects" | "transformLogic") {
        return measure && !is_default(key, value);
    }
    if key == "status" {
        let withholds = ["draft", "proposed", "deprecated", "retired"];
        return value.as_str().is_some_and(|status| withholds.contains(&status));
    }
    !is_default(key, value) && !PATCH_KEYS.contains(&key)
}

/// Whether a key says no more than its absence.
fn is_default(key: &str, value: &Node) -> bool {
    match (&value.value, key) {
        (Value::Null, _) => key != "value",
        (Value::Map(entries), _) => entries.is_empty(),
        (Value::Seq(items), _) => items.is_empty() && key != "value",
        (Value::Bool(false), key) => FALSE_BY_DEFAULT.contains(&key),
        (Value::Number(n), "primaryKeyPosition" | "partitionKeyPosition") => n == "-1",
        (Value::Number(n), "minLength" | "minItems" | "minProperties") => n == "0",
        (Value::String(word), "type") => word == "library" || word == "foreignKey",
        (Value::String(word), "unit") => word == "rows",
        (Value::String(word), "semanticType") => word == "column",
        (Value::String(word), "severity") => unknown_severity::level(word) != Some(false),
        (Value::String(word), "classification") => word.eq_ignore_ascii_case("public"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::contract::parse;
    use crate::diagnostic::Source;

    use super::contract_hash;

    fn hash(columns: &str) -> String {
        let text = format!(
            "version: 1.0.0\napiVersion: v3.2.0\nkind: DataContract\nid: t\nstatus: active\n\
             schema:\n- name: t\n  properties:\n{columns}"
        );
        contract_hash(&parse(&Arc::new(Source::new("t", text))).contract.unwrap())
    }

    #[test]
    fn what_needs_a_patch_at_most_keeps_the_hash() {
        let base =
            hash("  - {name: a, logicalType: string, physicalType: varchar}\n  - {name: b}\n");
        let same = [
            "  - {name: b}\n  - {name: a, logicalType: string, physicalType: character varying}\n",
            "  - {name: a, logicalType: string, physicalType: text, description: hi}\n  - name: b\n",
            "  - {name: a, logicalType: string, quality: [{type: text, description: true}]}\n  - name: b\n",
            "  - {name: a, logicalType: string, classification: public, criticalDataElement: true}\n  - name: b\n",
            "  - {name: a, required: false, logicalType: string, physicalType: varchar}\n  - name: b\n    tags: [x]\n",
        ];
        for columns in same {
            assert_eq!(hash(columns), base, "{columns}");
        }
    }

    #[test]
    fn a_length_counts_by_its_meaning_wherever_it_is_stated() {
        let column = |more: &str| hash(&format!("  - {{name: a, logicalType: string, {more}}}\n"));
        let base = column("logicalTypeOptions: {maxLength: 10}");
        assert_eq!(column("physicalType: VARCHAR(10)"), base);
        assert_ne!(column("physicalType: VARCHAR(11)"), base);
        assert_eq!(
            column("logicalTypeOptions: {format: uuid}"),
            column("physicalType: uniqueidentifier")
        );
    }

    #[test]
    fn a_rule_that_nothing_executes_keeps_the_hash() {
        let base = hash("  - {name: a, logicalType: string}\n");
        let rule = "quality: [{rule: freshness, mustBeLessThan: 24}]";
        assert_eq!(hash(&format!("  - {{name: a, logicalType: string, {rule}}}\n")), base);
    }

    #[test]
    fn the_case_and_layout_of_sql_and_the_name_of_a_rule_keep_the_hash() {
        let rule = |written: &str| hash(&format!("  - {{name: a, quality: [{{{written}}}]}}\n"));
        assert_eq!(
            rule("type: sql, name: one, mustBe: 0, query: 'SELECT COUNT( * )  FROM t'"),
            rule("type: sql, mustBe: 0, query: 'select count(*) from t'"),
        );
        let filter = |text: &str| {
            rule(&format!(
                "metric: nullValues, mustBe: 0, customProperties: [{{property: where, value: \"{text}\"}}]"
            ))
        };
        assert_eq!(filter("B = 'x'"), filter("b='x'"));
        assert_ne!(filter("b = 'X'"), filter("b = 'x'"));
    }

    #[test]
    fn what_readers_or_writers_feel_changes_the_hash() {
        let base = hash("  - {name: a, logicalType: string}\n");
        for columns in [
            "  - {name: a, logicalType: integer}\n",
            "  - {name: a, logicalType: string, required: true}\n",
            "  - {name: a, logicalType: string, physicalType: VARCHAR(10)}\n",
            "  - {name: a, logicalType: string, physicalType: geography}\n",
            "  - {name: a, logicalType: string, quality: [{metric: nullValues, mustBe: 0}]}\n",
            "  - {name: a, logicalType: string}\n  - {name: b}\n",
        ] {
            assert_ne!(hash(columns), base, "{columns}");
        }
    }
}
