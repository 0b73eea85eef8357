//! The table of keys as a JSON Schema, for editors.

use serde_json::{Map, Value, json};

use super::document::CONTRACT;
use super::form::Kind::{Any, Bool, Id, Integer, Number, Pair, Scalar, Text, Word};
use super::form::{Field, Kind, Object, Required};
use super::options::LOGICAL_TYPES;
use super::quality::METRICS;

/// The JSON Schema of the contracts that Pactum accepts.
pub fn json_schema() -> Value {
    let mut definitions = Map::new();
    let root = define(&CONTRACT, &mut definitions);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Pactum data contract (Open Data Contract Standard 3.0 to 3.2)",
        "$ref": root,
        "$defs": definitions,
    })
}

fn define(object: &'static Object, definitions: &mut Map<String, Value>) -> String {
    let name = object.title.split_once(' ').map_or(object.title, |(_, rest)| rest);
    let key = name.replace([' ', '\''], "-");
    let reference = format!("#/$defs/{key}");
    if definitions.contains_key(&key) {
        return reference;
    }
    definitions.insert(key.clone(), Value::Null);
    let properties: Map<String, Value> = object
        .fields
        .iter()
        .map(|field| (field.name.to_owned(), describe(field, definitions)))
        .collect();
    let required: Vec<&str> = object
        .fields
        .iter()
        .filter(|f| matches!(f.required, Required::Always | Required::From(_)))
        .map(|f| f.name)
        .collect();
    definitions.insert(
        key,
        json!({
            "type": "object",
            "additionalProperties": false,
            "properties": properties,
            "required": required,
        }),
    );
    reference
}

fn describe(field: &Field, definitions: &mut Map<String, Value>) -> Value {
    if field.name == "logicalType" && matches!(field.kind, Text) {
        let words: Vec<&str> = LOGICAL_TYPES.iter().map(|(word, _)| *word).collect();
        return json!({ "enum": words });
    }
    if field.name == "metric" {
        return json!({ "enum": METRICS });
    }
    kind_schema(&field.kind, definitions)
}

fn kind_schema(kind: &Kind, definitions: &mut Map<String, Value>) -> Value {
    match kind {
        Text => json!({ "type": "string" }),
        Id => json!({ "type": "string", "pattern": r"^[^\s.#/\\@!%&^]+$" }),
        Bool => json!({ "type": "boolean" }),
        Integer => json!({ "type": "integer" }),
        Number => json!({ "type": "number" }),
        Scalar => json!({ "type": ["string", "number", "boolean"] }),
        Any => json!(true),
        Word(words) => json!({ "enum": words }),
        Kind::List(item) => json!({ "type": "array", "items": kind_schema(item, definitions) }),
        Pair => {
            json!({ "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2 })
        }
        Kind::Mapping => json!({ "type": "object" }),
        Kind::Soft(Scalar) => json!({ "type": ["string", "number", "boolean", "null"] }),
        Kind::Soft(wanted) => kind_schema(wanted, definitions),
        Kind::Object(object) => json!({ "$ref": define(object, definitions) }),
        Kind::Either(a, b) => {
            json!({ "anyOf": [kind_schema(a, definitions), kind_schema(b, definitions)] })
        }
    }
}
