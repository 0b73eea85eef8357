//! The hash of a contract: over what can change a reader's or a writer's life.
//!
//! Two documents with one hash differ at most in what needs a patch: prose, team, support, tags,
//! price, layout, order of keys and of columns.

use sha2::{Digest, Sha256};

use super::clause_id::hex;
use super::decimal::Decimal;
use super::model::Contract;
use super::types::parse_physical;
use super::yaml::{Node, Value};

/// Keys whose change needs at most a patch, wherever they stand.
const PATCH_KEYS: &[&str] = &[
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
    "transformSourceObjects",
    "transformLogic",
    "transformDescription",
    "businessImpact",
    "schedule",
    "scheduler",
    "method",
    "dimension",
    "label",
];

/// Flags that mean nothing when they are false.
const FALSE_BY_DEFAULT: &[&str] =
    &["required", "unique", "primaryKey", "partitioned", "criticalDataElement", "uniqueItems"];

/// Lists whose order means nothing.
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
];

/// The contract's hash: 64 hexadecimal digits.
pub fn contract_hash(contract: &Contract) -> String {
    let mut hash = Sha256::new();
    hash.update("pactum-contract-1\n");
    hash.update(canonical(&contract.tree, "").to_string());
    hex(&hash.finalize())
}

fn canonical(node: &Node, key: &str) -> serde_json::Value {
    use serde_json::Value as J;
    match &node.value {
        Value::Map(entries) => {
            let measure = node.get("semanticType").and_then(Node::as_str) == Some("measure");
            let mut kept: Vec<_> = entries
                .iter()
                .filter(|(k, v)| counts(&k.text, v, measure))
                .map(|(k, v)| (k.text.clone(), canonical(v, &k.text)))
                .collect();
            kept.sort_by(|a, b| a.0.cmp(&b.0));
            J::Object(kept.into_iter().collect())
        }
        Value::Seq(items) => {
            let mut items: Vec<J> = items.iter().map(|i| canonical(i, "")).collect();
            if UNORDERED.contains(&key) && !is_positional(node) {
                items.sort_by_key(ToString::to_string);
            }
            J::Array(items)
        }
        Value::String(spelling) if key == "physicalType" => match parse_physical(spelling) {
            Some(meaning) => J::String(format!("{meaning:?}")),
            None => J::String(spelling.clone()),
        },
        // 1 and 1.0 are one number, and no digit is lost.
        Value::Number(number) => match number.parse::<Decimal>() {
            Ok(exact) => J::String(format!("number {}", exact.normalized())),
            Err(_) => J::String(format!("number {number}")),
        },
        _ => node.to_json(),
    }
}

/// Whether a key can give a finding above a patch: not prose (but for a measure, whose prose is
/// its meaning), not a default written out.
fn counts(key: &str, value: &Node, measure: bool) -> bool {
    if matches!(key, "description" | "businessName") {
        return measure;
    }
    let default = match (&value.value, key) {
        (Value::Null, _) => key != "value",
        (Value::Map(entries), _) => entries.is_empty(),
        (Value::Bool(false), key) => FALSE_BY_DEFAULT.contains(&key),
        (Value::Number(n), "primaryKeyPosition" | "partitionKeyPosition") => n == "-1",
        (Value::String(word), "type") => word == "library" || word == "foreignKey",
        (Value::String(word), "unit") => word == "rows",
        (Value::String(word), "semanticType") => word == "column",
        (Value::String(word), "severity") => word == "error",
        _ => false,
    };
    !default && !PATCH_KEYS.contains(&key)
}

/// A list of columns whose key positions are not all given depends on its order.
fn is_positional(node: &Node) -> bool {
    let keys: Vec<&Node> = node
        .items()
        .iter()
        .filter(|i| i.get("primaryKey").and_then(Node::as_bool) == Some(true))
        .collect();
    let unplaced =
        |n: &&&Node| super::model::integer(n, "primaryKeyPosition").is_none_or(|p| p < 0);
    keys.len() > 1 && keys.iter().any(|n| unplaced(&n))
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
            "  - {name: b}\n  - {name: a, logicalType: string, physicalType: VARCHAR(10)}\n",
            "  - {name: a, logicalType: string, physicalType: text, description: hi}\n  - name: b\n",
            "  - {name: a, required: false, logicalType: string, physicalType: varchar}\n  - name: b\n    tags: [x]\n",
        ];
        for columns in same {
            assert_eq!(hash(columns), base, "{columns}");
        }
    }

    #[test]
    fn what_readers_or_writers_feel_changes_the_hash() {
        let base = hash("  - {name: a, logicalType: string}\n");
        for columns in [
            "  - {name: a, logicalType: integer}\n",
            "  - {name: a, logicalType: string, required: true}\n",
            "  - {name: a, logicalType: string, quality: [{metric: nullValues, mustBe: 0}]}\n",
            "  - {name: a, logicalType: string}\n  - {name: b}\n",
        ] {
            assert_ne!(hash(columns), base, "{columns}");
        }
    }
}
