//! Edits made at random: compatible ones raise no alarm, breaking ones are
//! found, and no change goes unreported.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pactum::compat::{Bump, Effect, Finding, Public, compare as compare_with};
use pactum::contract::hash::contract_hash;
use pactum::contract::{Contract, parse};
use pactum::diagnostic::Source;
use serde_json::{Map, Value, json};

use crate::support::{Random, note, root, shared, times};

fn compare(base: &Contract, head: &Contract) -> Vec<Finding> {
    compare_with(base, head, Public::default())
}

fn read(text: &str) -> Contract {
    let parsed = parse(&Arc::new(Source::new("c", text)));
    parsed.contract.unwrap_or_else(|| panic!("{:?}\n{text}", parsed.diagnostics))
}

/// Contracts that edits start from.
fn seeds() -> Vec<Value> {
    let files = [
        "contracts/learning.odcs.yaml",
        "contracts/recommendations.odcs.yaml",
        "examples/oulad/contracts/oulad.odcs.yaml",
        "examples/movietweetings/contracts/movietweetings.odcs.yaml",
        "tests/rules/every-attribute.odcs.yaml",
    ];
    let text = |file: &str| std::fs::read_to_string(root().join(file)).unwrap();
    files.iter().map(|file| read(&text(file)).tree.to_json()).collect()
}

/// A document as YAML: with its own indentation and style.
fn emit(value: &Value, random: &mut Random) -> String {
    if random.below(4) == 0 {
        return serde_json::to_string_pretty(value).unwrap();
    }
    let step = 2 + random.below(3) as usize;
    let mut text = String::new();
    if random.below(2) == 0 {
        text.push_str("# a comment\n");
    }
    block(value, 0, step, &mut text, random);
    text
}

fn block(value: &Value, indent: usize, step: usize, text: &mut String, random: &mut Random) {
    let pad = " ".repeat(indent);
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                text.push_str(&format!("{pad}{key}:"));
                nested(value, indent, step, text, random);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                text.push_str(&format!("{pad}-"));
                nested(item, indent, step, text, random);
            }
        }
        other => text.push_str(&format!("{pad}{other}\n")),
    }
}

fn nested(value: &Value, indent: usize, step: usize, text: &mut String, random: &mut Random) {
    let is_block = matches!(value, Value::Object(m) if !m.is_empty())
        || matches!(value, Value::Array(a) if !a.is_empty());
    if is_block && random.below(5) > 0 {
        text.push('\n');
        block(value, indent + step, step, text, random);
    } else {
        text.push_str(&format!(" {value}\n"));
    }
}

fn shuffle<T>(items: &mut [T], random: &mut Random) {
    for n in (1..items.len()).rev() {
        items.swap(n, random.below(n as u64 + 1) as usize);
    }
}

/// Puts keys in another order, everywhere.
fn shuffle_keys(value: &mut Value, random: &mut Random) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = std::mem::take(map).into_iter().collect();
            entries.iter_mut().for_each(|(_, v)| shuffle_keys(v, random));
            shuffle(&mut entries, random);
            *map = entries.into_iter().collect();
        }
        Value::Array(items) => items.iter_mut().for_each(|v| shuffle_keys(v, random)),
        _ => {}
    }
}

/// Puts the items of lists whose order means nothing in another order.
fn shuffle_lists(value: &mut Value, random: &mut Random) {
    const LISTS: &[&str] = &[
        "schema",
        "quality",
        "slaProperties",
        "roles",
        "customProperties",
        "enum",
        "tags",
        "support",
    ];
    if let Value::Object(map) = value {
        for (key, value) in map.iter_mut() {
            if let (true, Value::Array(items)) = (LISTS.contains(&key.as_str()), &mut *value) {
                shuffle(items, random);
            }
            shuffle_lists(value, random);
        }
    } else if let Value::Array(items) = value {
        items.iter_mut().for_each(|v| shuffle_lists(v, random));
    }
}

fn pick<'a>(items: &'a mut Value, random: &mut Random) -> Option<&'a mut Map<String, Value>> {
    let items = items.as_array_mut()?;
    let n = random.below(items.len().max(1) as u64) as usize;
    items.get_mut(n)?.as_object_mut()
}

fn table<'a>(doc: &'a mut Value, random: &mut Random) -> Option<&'a mut Map<String, Value>> {
    pick(doc.get_mut("schema")?, random)
}

fn column<'a>(doc: &'a mut Value, random: &mut Random) -> Option<&'a mut Map<String, Value>> {
    pick(table(doc, random)?.get_mut("properties")?, random)
}

fn rule<'a>(doc: &'a mut Value, random: &mut Random) -> Option<&'a mut Map<String, Value>> {
    pick(column(doc, random)?.get_mut("quality")?, random)
}

fn is_true(map: &Map<String, Value>, key: &str) -> bool {
    map.get(key) == Some(&Value::Bool(true))
}

fn list<'a>(map: &'a mut Map<String, Value>, key: &str) -> &'a mut Vec<Value> {
    let entry = map.entry(key).or_insert_with(|| json!([]));
    entry.as_array_mut().unwrap()
}

type Edit = fn(&mut Value, &mut Random) -> Option<Bump>;

/// Edits that break no reader, with the greatest step that they may ask for.
/// The lists of columns that rules of a table name.
fn arguments<'a>(value: &'a mut Value, found: &mut Vec<&'a mut Vec<Value>>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| arguments(item, found)),
        Value::Object(object) => {
            for (key, value) in object {
                if key == "arguments" {
                    found.extend(value.get_mut("properties").and_then(Value::as_array_mut));
                } else {
                    arguments(value, found);
                }
            }
        }
        _ => {}
    }
}

const COMPATIBLE: &[Edit] = &[
    |doc, random| {
        shuffle_keys(doc, random);
        Some(Bump::None)
    },
    |doc, random| {
        shuffle_lists(doc, random);
        Some(Bump::None)
    },
    |doc, _| {
        doc["tags"] = json!(["edited"]);
        Some(Bump::Patch)
    },
    |doc, _| {
        doc["description"] = json!({"purpose": "Edited."});
        Some(Bump::Patch)
    },
    |doc, random| {
        table(doc, random)?.insert("description".into(), json!("Edited."));
        Some(Bump::Patch)
    },
    |doc, random| {
        let column = column(doc, random)?;
        column.insert("description".into(), json!("Edited."));
        Some(if column.get("semanticType") == Some(&json!("measure")) {
            Bump::Minor
        } else {
            Bump::Patch
        })
    },
    |doc, random| {
        let properties = table(doc, random)?.get_mut("properties")?.as_array_mut()?;
        // The order of a key's columns is that of storage, unless positions tell it.
        let keyed =
            properties.iter().filter(|c| is_true(c.as_object().unwrap(), "primaryKey")).count();
        shuffle(properties, random);
        Some(if keyed > 1 { Bump::Minor } else { Bump::Patch })
    },
    |doc, random| {
        let types = ["string", "integer", "number", "date", "boolean", "timestamp"];
        let logical = types[random.below(6) as usize];
        let properties = list(table(doc, random)?, "properties");
        properties.push(json!({"name": "edited_column", "logicalType": logical}));
        Some(Bump::Minor)
    },
    |doc, random| {
        let column = column(doc, random)?;
        let spelled = column.get("physicalType")?.as_str()?.to_lowercase();
        let other = match spelled.as_str() {
            "bigint" => "INT64",
            "double" => "Float64",
            "varchar" => "character varying",
            "text" => "StringType",
            "int" => "INTEGER",
            "float" => "real",
            "decimal(5,2)" => "NUMERIC(5, 2)",
            "varchar(10)" => "NVARCHAR2(10 CHAR)",
            _ => return None,
        };
        column.insert("physicalType".into(), json!(other));
        Some(Bump::None)
    },
    // Wider types, and longer and shorter texts.
    |doc, random| {
        let column = column(doc, random)?;
        let other = match column.get("physicalType")?.as_str()? {
            "int" => "bigint",
            "float" => "double",
            "decimal(5,2)" => "decimal(7,2)",
            "varchar(10)" => ["varchar(20)", "text", "varchar(1)"][random.below(3) as usize],
            "varchar" => "varchar(20)",
            _ => return None,
        };
        column.insert("physicalType".into(), json!(other));
        Some(Bump::Minor)
    },
    |doc, random| {
        let column = column(doc, random)?;
        let text = column.get("logicalType") == Some(&json!("string"));
        let plain =
            !column.contains_key("physicalType") && !column.contains_key("logicalTypeOptions");
        (text && plain).then(|| drop(column.insert("physicalType".into(), json!("text"))))?;
        Some(Bump::None)
    },
    |doc, random| {
        let options = column(doc, random)?.get_mut("logicalTypeOptions")?.as_object_mut()?;
        let most = options.get("maxLength")?.as_u64()?;
        options.insert("maxLength".into(), json!(most - 1));
        Some(Bump::Minor)
    },
    |doc, random| {
        let options = column(doc, random)?.get_mut("logicalTypeOptions")?.as_object_mut()?;
        let most = options.get("maximum")?.as_f64()?;
        options.insert("maximum".into(), json!(most - 0.25));
        Some(Bump::Minor)
    },
    |doc, random| {
        let column = column(doc, random)?;
        list(column, "quality")
            .push(json!({"id": "edited", "metric": "nullValues", "mustBeLessThan": 9}));
        Some(Bump::Minor)
    },
    |doc, random| {
        let column = column(doc, random)?;
        column.insert("required".into(), json!(true));
        Some(Bump::Minor)
    },
    |doc, random| {
        column(doc, random)?.get_mut("enum")?.as_array_mut()?.push(json!({"value": "edited"}));
        Some(Bump::Minor)
    },
    |doc, random| {
        let values = column(doc, random)?.get_mut("enum")?.as_array_mut()?;
        (values.len() > 1).then(|| values.remove(0))?;
        Some(Bump::Minor)
    },
    |doc, _| {
        let entry = json!({"property": "latency", "value": 3, "unit": "d", "element": "edited.at"});
        list(doc.as_object_mut()?, "slaProperties").push(entry);
        Some(Bump::Minor)
    },
    |doc, random| {
        let entry = pick(doc.get_mut("slaProperties")?, random)?;
        let value = entry.get("value")?.as_f64().filter(|v| *v > 0.0)?;
        let less = ["latency", "ly", "frequency", "fy"].contains(&entry.get("property")?.as_str()?);
        entry.insert("value".into(), json!(if less { value / 2.0 } else { return None }));
        Some(Bump::Minor)
    },
    |doc, _| {
        (doc["status"] == json!("active")).then(|| doc["status"] = json!("deprecated"))?;
        Some(Bump::Minor)
    },
    |doc, _| {
        list(doc.as_object_mut()?, "roles").push(json!({"role": "edited", "access": "read"}));
        Some(Bump::Patch)
    },
    // A custom property of any element, new, changed or gone.
    |doc, random| {
        let element = match random.below(4) {
            0 => doc.as_object_mut()?,
            1 => table(doc, random)?,
            2 => column(doc, random)?,
            _ => rule(doc, random)?,
        };
        let value = random.below(9);
        let properties = list(element, "customProperties");
        match properties.iter_mut().find(|p| p["property"] == json!("house")) {
            Some(own) if value < 6 => own["value"] = json!(value),
            Some(_) => properties.retain(|p| p["property"] != json!("house")),
            None => properties.push(json!({"property": "house", "value": value})),
        }
        Some(Bump::Patch)
    },
    |doc, random| {
        let table = table(doc, random)?;
        let kind = if random.below(2) == 0 { "table" } else { "view" };
        table.insert("physicalType".into(), json!(kind));
        if random.below(2) == 0 {
            table.insert("logicalType".into(), json!("object"));
        }
        Some(Bump::Patch)
    },
    |doc, random| {
        let rule = rule(doc, random)?;
        let key = if random.below(3) == 0 { "description" } else { "name" };
        rule.insert(key.into(), json!(format!("edited-{}", random.next())));
        Some(Bump::Patch)
    },
    |doc, random| {
        let column = column(doc, random)?;
        let flag = !is_true(column, "criticalDataElement");
        column.insert("criticalDataElement".into(), json!(flag));
        Some(Bump::Patch)
    },
    |doc, random| {
        let column = column(doc, random)?;
        (!column.contains_key("encryptedName"))
            .then(|| column.insert("encryptedName".into(), json!("edited_enc")))?;
        Some(Bump::Patch)
    },
    |doc, random| {
        let column = column(doc, random)?;
        (!column.contains_key("classification"))
            .then(|| column.insert("classification".into(), json!("Public")))?;
        Some(Bump::None)
    },
    // A text: new, in other words, or gone.
    |doc, random| {
        let carrier = if random.below(2) == 0 { table(doc, random)? } else { column(doc, random)? };
        let rules = list(carrier, "quality");
        let text = json!(format!("Edited {}.", random.below(99)));
        match rules.iter().position(|r| r["type"] == json!("text")) {
            Some(n) if random.below(2) == 0 => drop(rules.remove(n)),
            Some(n) => rules[n]["description"] = text,
            None => rules.push(json!({"type": "text", "description": text})),
        }
        Some(Bump::Patch)
    },
    |doc, random| {
        let settled = ["active", "current", "production", "released"];
        settled.iter().find(|s| doc["status"] == json!(s))?;
        doc["status"] = json!(settled[random.below(4) as usize]);
        Some(Bump::Patch)
    },
    |doc, random| {
        let rule = match random.below(2) {
            0 => pick(table(doc, random)?.get_mut("quality")?, random)?,
            _ => rule(doc, random)?,
        };
        let query = relaid(rule.get("query")?.as_str()?, random)?;
        rule.insert("query".into(), json!(query));
        Some(Bump::None)
    },
    // The name of the contract, where SQL has another one for it.
    |doc, _| {
        let own = doc["customProperties"].as_array().and_then(|all| {
            all.iter().find(|p| p["property"] == json!("sqlName")).map(|p| p["value"].clone())
        });
        let name = own.unwrap_or_else(|| match &doc["name"] {
            Value::String(name) => json!(name),
            _ => doc["id"].clone(),
        });
        let custom = list(doc.as_object_mut()?, "customProperties");
        custom.retain(|p| p["property"] != json!("sqlName"));
        custom.push(json!({"property": "sqlName", "value": name}));
        doc["name"] = json!("An edited name");
        Some(Bump::Patch)
    },
    |doc, random| {
        let role = pick(doc.get_mut("roles")?, random)?;
        let readers = [json!("read"), json!("r"), json!("select")];
        let reads = role.get("access").is_none_or(|access| readers.contains(access));
        match random.below(2) {
            0 => drop(role.insert("firstLevelApprovers".into(), json!("edited"))),
            _ => drop(reads.then(|| role.insert("access".into(), json!("write")))?),
        }
        Some(Bump::Patch)
    },
    |doc, random| {
        let key = ["tenant", "domain", "dataProduct"][random.below(3) as usize];
        doc[key] = json!("edited");
        Some(Bump::Patch)
    },
    |doc, _| {
        let servers = list(doc.as_object_mut()?, "servers");
        servers.push(json!({"server": "edited", "type": "local", "path": "./x", "format": "csv"}));
        Some(Bump::Patch)
    },
    |doc, _| {
        let properties = json!([{"name": "a", "logicalType": "integer"}]);
        let table = json!({"name": "edited_table", "properties": properties});
        doc.get_mut("schema")?.as_array_mut()?.push(table);
        Some(Bump::Minor)
    },
    |doc, random| {
        let column = column(doc, random)?;
        (!is_true(column, "deprecated"))
            .then(|| column.insert("deprecated".into(), json!(true)))?;
        Some(Bump::Minor)
    },
    |doc, random| {
        let table = table(doc, random)?;
        let of = named(table);
        let column = pick(table.get_mut("properties")?, random)?;
        // Renamed once more, it would lose the alias of its first name.
        (column.contains_key("id") && named(column) != "edited_name").then_some(())?;
        let name = column.get("name")?.clone();
        let physical = column.get("physicalName").unwrap_or(&name).clone();
        column.insert("physicalName".into(), physical);
        column.insert("name".into(), json!("edited_name"));
        list(column, "customProperties").retain(|p| p["property"] != json!("aliases"));
        let aliases = json!({"property": "aliases", "value": [name, "old_key"]});
        list(column, "customProperties").push(aliases);
        // Arguments and references follow the name.
        let mut lists = Vec::new();
        table.values_mut().for_each(|part| arguments(part, &mut lists));
        for argument in lists.into_iter().flatten().filter(|argument| **argument == name) {
            *argument = json!("edited_name");
        }
        let old = json!(format!("{of}.{}", name.as_str()?)).to_string();
        let new = json!(format!("{of}.edited_name")).to_string();
        *doc = serde_json::from_str(&doc.to_string().replace(&old, &new)).ok()?;
        Some(Bump::Minor)
    },
    |doc, random| {
        let rule = rule(doc, random)?;
        let warns = ["warning", "info"].iter().any(|w| rule.get("severity") == Some(&json!(w)));
        (warns && rule.contains_key("mustBeLessOrEqualTo"))
            .then(|| rule.insert("mustBeLessOrEqualTo".into(), json!(99)))?;
        Some(Bump::Minor)
    },
    |doc, random| {
        let rule = rule(doc, random)?;
        (rule.get("mustBe") == Some(&json!(0)) && !rule.contains_key("query")).then(|| {
            rule.remove("mustBe");
            rule.insert("mustBeLessThan".into(), json!(1));
        })?;
        Some(if rule.get("unit") == Some(&json!("percent")) { return None } else { Bump::None })
    },
];

/// Columns as 3.0 writes them and as later versions do: their meaning is the same.
const MOVES: &[(&str, &str)] = &[
    (
        r#"{"logicalType": "date", "physicalType": "timestamp"}"#,
        r#"{"logicalType": "timestamp", "physicalType": "timestamp"}"#,
    ),
    (
        r#"{"logicalType": "date", "physicalType": "timestamptz"}"#,
        r#"{"logicalType": "timestamp", "physicalType": "timestamptz"}"#,
    ),
    (r#"{"logicalType": "date", "physicalType": "date"}"#, r#"{"logicalType": "date"}"#),
    (
        r#"{"logicalType": "date", "physicalType": "time"}"#,
        r#"{"logicalType": "time", "physicalType": "time"}"#,
    ),
    (
        r#"{"logicalType": "integer", "logicalTypeOptions": {"maximum": 100, "exclusiveMaximum": true}}"#,
        r#"{"logicalType": "integer", "logicalTypeOptions": {"exclusiveMaximum": 100}}"#,
    ),
    (
        r#"{"logicalType": "number", "logicalTypeOptions": {"minimum": 1, "exclusiveMinimum": false}}"#,
        r#"{"logicalType": "number", "logicalTypeOptions": {"minimum": 1}}"#,
    ),
    (
        r#"{"logicalType": "string", "quality": [{"rule": "duplicateCount", "mustBe": 0}]}"#,
        r#"{"logicalType": "string", "quality": [{"metric": "duplicateValues", "mustBe": 0}]}"#,
    ),
    (
        r#"{"logicalType": "string", "quality": [{"rule": "nullCheck"}]}"#,
        r#"{"logicalType": "string", "quality": [{"metric": "nullValues", "mustBe": 0}]}"#,
    ),
    (
        r#"{"logicalType": "string", "quality": [{"rule": "freshness", "mustBeLessThan": 24}]}"#,
        r#"{"logicalType": "string"}"#,
    ),
];

/// Moves both documents to versions of the standard that write a column otherwise.
fn moved(base: &mut Value, head: &mut Value, random: &mut Random) {
    let (old, new) = MOVES[random.below(MOVES.len() as u64) as usize];
    base["apiVersion"] = json!("v3.0.2");
    head["apiVersion"] = json!(if random.below(2) == 0 { "v3.1.0" } else { "v3.2.0" });
    beside((base, old), (head, new), random);
}

/// Adds a column to a table of both documents, each as it is written there.
fn beside((base, old): (&mut Value, &str), (head, new): (&mut Value, &str), random: &mut Random) {
    let n = random.below(base["schema"].as_array().unwrap().len() as u64) as usize;
    for (doc, text) in [(base, old), (head, new)] {
        let mut column: Value = serde_json::from_str(text).unwrap();
        column["name"] = json!("beside");
        list(doc["schema"][n].as_object_mut().unwrap(), "properties").push(column);
    }
}

/// A query in another case and layout.
fn relaid(query: &str, random: &mut Random) -> Option<String> {
    let is_plain = !query.contains(['\'', '"', '`', '$', '\\', '{']);
    let cased =
        if is_plain && random.below(2) == 0 { query.to_uppercase() } else { query.to_owned() };
    let gap = if query.contains(['\'', '"', '`', '$', '\\', '-']) { return None } else { "\n  " };
    Some(format!("{} -- edited\n", cased.replace(' ', gap)))
}

type Break = fn(&mut Value, &mut Random) -> Option<(&'static str, String)>;

fn named(map: &Map<String, Value>) -> String {
    map.get("name").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A column that breaks do not meet by chance through its key.
fn plain_column<'a>(doc: &'a mut Value, random: &mut Random) -> Option<&'a mut Map<String, Value>> {
    column(doc, random).filter(|c| !is_true(c, "primaryKey"))
}

/// Edits that break readers, with the rule that has to find each and the end of its element.
const BREAKING: &[Break] = &[
    |doc, random| {
        let properties = table(doc, random)?.get_mut("properties")?.as_array_mut()?;
        let n = random.below(properties.len() as u64) as usize;
        let gone = properties.remove(n);
        Some(("column-removed", named(gone.as_object()?)))
    },
    |doc, random| {
        let tables = doc.get_mut("schema")?.as_array_mut()?;
        let n = random.below(tables.len() as u64) as usize;
        let gone = tables.remove(n);
        Some(("table-removed", named(gone.as_object()?)))
    },
    |doc, random| {
        let column = column(doc, random)?;
        let (has_id, old) = (column.contains_key("id"), named(column));
        column.insert("name".into(), json!("renamed"));
        Some(if has_id { ("column-renamed", "renamed".into()) } else { ("column-removed", old) })
    },
    |doc, random| {
        let table = table(doc, random)?;
        let (has_id, old) = (table.contains_key("id"), named(table));
        table.insert("name".into(), json!("renamed"));
        Some(if has_id { ("table-renamed", "renamed".into()) } else { ("table-removed", old) })
    },
    |doc, random| {
        let column = column(doc, random)?;
        let other = match column.get("logicalType")?.as_str()? {
            "string" => "integer",
            "integer" | "number" | "date" | "timestamp" | "boolean" => "string",
            _ => return None,
        };
        column.insert("logicalType".into(), json!(other));
        column.remove("physicalType");
        Some(("type-changed", named(column)))
    },
    |doc, random| {
        let column = column(doc, random)?;
        let narrower = match column.get("physicalType")?.as_str()? {
            "bigint" => "int",
            "int" => "smallint",
            "double" => "float",
            "decimal(5,2)" => "decimal(4,2)",
            _ => return None,
        };
        column.insert("physicalType".into(), json!(narrower));
        Some(("type-changed", named(column)))
    },
    |doc, random| {
        let column = column(doc, random)?;
        let shorter = match column.get("physicalType")?.as_str()? {
            "varchar(10)" => "varchar(9)",
            "varchar" => "char(2)",
            _ => return None,
        };
        column.insert("physicalType".into(), json!(shorter));
        Some(("limit-tightened", named(column)))
    },
    |doc, random| {
        let column = plain_column(doc, random)?;
        is_true(column, "required").then(|| column.remove("required"))?;
        Some(("required-dropped", named(column)))
    },
    |doc, random| {
        let column = plain_column(doc, random)?;
        is_true(column, "unique").then(|| column.insert("unique".into(), json!(false)))?;
        Some(("key-dropped", named(column)))
    },
    |doc, random| {
        let table = table(doc, random)?;
        let name = named(table);
        let properties = table.get_mut("properties")?.as_array_mut()?;
        let keyed: Vec<&mut Map<String, Value>> = properties
            .iter_mut()
            .filter_map(Value::as_object_mut)
            .filter(|c| is_true(c, "primaryKey"))
            .collect();
        let unique = keyed.len() == 1 && is_true(keyed[0], "unique");
        (!keyed.is_empty() && !unique).then_some(())?;
        for column in keyed {
            column.insert("primaryKey".into(), json!(false));
            column.insert("required".into(), json!(true));
        }
        Some(("key-dropped", name))
    },
    |doc, random| {
        let table = table(doc, random)?;
        let name = named(table);
        let properties = table.get_mut("properties")?.as_array_mut()?;
        let has_key = properties.iter().any(|c| is_true(c.as_object().unwrap(), "primaryKey"));
        let other = properties.iter_mut().filter_map(Value::as_object_mut);
        let mut other = other.filter(|c| !is_true(c, "primaryKey"));
        other.next().filter(|_| has_key)?.insert("primaryKey".into(), json!(true));
        Some(("key-changed", name))
    },
    |doc, random| {
        let column = column(doc, random)?;
        let name = named(column);
        let options = column.get_mut("logicalTypeOptions")?.as_object_mut()?;
        let keys: Vec<String> = options
            .keys()
            .filter(|k| {
                [
                    "minimum",
                    "maximum",
                    "exclusiveMinimum",
                    "exclusiveMaximum",
                    "minLength",
                    "maxLength",
                    "pattern",
                    "minItems",
                    "maxItems",
                    "multipleOf",
                ]
                .contains(&k.as_str())
            })
            .cloned()
            .collect();
        let key = keys.get(random.below(keys.len().max(1) as u64) as usize)?;
        match (options.get(key).and_then(Value::as_f64), key.as_str()) {
            (Some(n), "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems")
                if random.below(2) == 0 =>
            {
                options.insert(key.clone(), json!(n + 1.0));
            }
            (Some(n), "minimum" | "exclusiveMinimum" | "minLength" | "minItems")
                if random.below(2) == 0 =>
            {
                options.insert(key.clone(), json!(n - 1.0));
            }
            _ => drop(options.remove(key)),
        }
        Some(("limit-loosened", name))
    },
    |doc, random| {
        let column = column(doc, random)?;
        column.remove("enum")?;
        Some(("limit-loosened", named(column)))
    },
    |doc, random| {
        let column = column(doc, random)?;
        let rules = column.get_mut("quality")?.as_array_mut()?;
        let fails = |r: &Value| {
            let severity = r.get("severity").and_then(Value::as_str).unwrap_or("error");
            severity == "error" && r.get("type") != Some(&json!("text"))
        };
        let n = rules.iter().position(fails)?;
        rules.remove(n);
        Some(("quality-rule-removed", String::new()))
    },
    |doc, random| {
        let rule = rule(doc, random)?;
        let severity = rule.get("severity").and_then(Value::as_str).unwrap_or("error");
        (severity == "error").then_some(())?;
        rule.insert("severity".into(), json!("warning"));
        Some(("quality-rule-loosened", String::new()))
    },
    |doc, random| {
        let rule = rule(doc, random)?;
        let fails = !rule.contains_key("severity") && rule.contains_key("metric");
        (fails && rule.get("mustBe") == Some(&json!(0))).then(|| rule.remove("mustBe"))?;
        rule.insert("mustBeLessThan".into(), json!(10));
        Some(("quality-rule-loosened", String::new()))
    },
    |doc, random| {
        let entries = doc.get_mut("slaProperties")?.as_array_mut()?;
        let n = random.below(entries.len().max(1) as u64) as usize;
        let latency =
            |e: &Value| ["latency", "frequency", "ly"].iter().any(|p| e["property"] == json!(p));
        entries.get(n).filter(|e| latency(e))?;
        if random.below(2) == 0 {
            entries.remove(n);
        } else {
            let value = entries[n]["value"].as_f64()?;
            entries[n]["value"] = json!(value * 3.0);
        }
        Some(("service-level-weakened", String::new()))
    },
    |doc, random| {
        let column = column(doc, random)?;
        column.insert("classification".into(), json!("restricted"));
        Some(("classification-raised", named(column)))
    },
    |doc, random| {
        let roles = doc.get_mut("roles")?.as_array_mut()?;
        (!roles.is_empty()).then_some(())?;
        let n = random.below(roles.len() as u64) as usize;
        let gone = roles.remove(n);
        Some(("role-access-removed", gone["role"].as_str()?.to_owned()))
    },
    |doc, _| {
        doc["status"] = json!("retired");
        Some(("status-retired", "status".into()))
    },
    |doc, _| {
        let entry = json!({"property": "sqlName", "value": "another_name"});
        let custom = list(doc.as_object_mut()?, "customProperties");
        custom.retain(|p| p["property"] != json!("sqlName"));
        custom.push(entry);
        Some(("sql-name-changed", "sqlName".into()))
    },
];

/// Narrower types and lengths, with the rule that has to find each.
const NARROWER: &[(&str, &str, &str, &str)] = &[
    ("integer", "bigint", "int", "type-changed"),
    ("integer", "int4", "smallint", "type-changed"),
    ("number", "double", "real", "type-changed"),
    ("number", "double", "float", "type-changed"),
    ("number", "decimal(12,2)", "decimal(10,2)", "type-changed"),
    ("number", "decimal(10,2)", "decimal(10,3)", "type-changed"),
    ("timestamp", "timestamptz", "timestamp_ntz", "type-changed"),
    ("string", "varchar(20)", "varchar(10)", "limit-tightened"),
    ("string", "text", "nvarchar2(3)", "limit-tightened"),
    ("string", "char(5)", "char(2)", "limit-tightened"),
    ("timestamp", "timestamp", "timestamp(3)", "limit-tightened"),
];

/// A seed with more to break: ids on some elements, roles, service levels.
fn prepared(seeds: &[Value], random: &mut Random) -> Value {
    let mut doc = seeds[random.below(seeds.len() as u64) as usize].clone();
    let with_ids = random.below(2) == 0;
    for (n, table) in doc["schema"].as_array_mut().unwrap().iter_mut().enumerate() {
        let table = table.as_object_mut().unwrap();
        if with_ids {
            table.entry("id").or_insert_with(|| json!(format!("table-{n}")));
            let properties = table.get_mut("properties").unwrap().as_array_mut().unwrap();
            for (n, column) in properties.iter_mut().enumerate() {
                let column = column.as_object_mut().unwrap();
                column.entry("id").or_insert_with(|| json!(format!("column-{n}")));
            }
        }
    }
    let table = doc["schema"].as_array_mut().unwrap().last_mut().unwrap();
    let properties = table["properties"].as_array_mut().unwrap();
    for (name, logical, physical) in [
        ("narrow", "integer", "int"),
        ("single", "number", "float"),
        ("money", "number", "decimal(5,2)"),
        ("short", "string", "varchar(10)"),
    ] {
        let column = json!({"name": name, "logicalType": logical, "physicalType": physical});
        properties.push(column);
    }
    let map = doc.as_object_mut().unwrap();
    list(map, "roles").push(json!({"role": "reader", "access": "read"}));
    let entries = list(map, "slaProperties");
    entries.push(json!({"property": "latency", "value": 2, "unit": "d", "element": "a.b", "driver": "analytics"}));
    entries.push(json!({"property": "latency", "value": 6, "unit": "h", "element": "a.c", "driver": "analytics"}));
    doc
}

fn shown(findings: &[Finding]) -> Vec<String> {
    let line = |f: &Finding| {
        format!(
            "{} {} {:?} {:?} {:?}: {}",
            f.meta.name, f.element, f.reader, f.writer, f.bump, f.message
        )
    };
    findings.iter().map(line).collect()
}

/// Runs `one` this many times, on two threads, each time with its own numbers.
fn repeat(count: usize, one: impl Fn(&mut Random) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        break;
                    }
                    one(&mut Random(n as u64 * 7919 + 17));
                }
            });
        }
    });
}

#[test]
fn compatible_edits_raise_no_alarm() {
    let count = times("PACTUM_TEST_EDITS", 300);
    let seeds = seeds();
    repeat(count, |random| {
        let mut base = prepared(&seeds, random);
        let (mut head, mut most, mut made) = (base.clone(), Bump::None, Vec::new());
        if random.below(3) == 0 {
            moved(&mut base, &mut head, random);
            most = Bump::Patch;
        }
        while made.len() < 1 + random.below(3) as usize {
            let n = random.below(COMPATIBLE.len() as u64) as usize;
            let mut edited = head.clone();
            if let Some(bump) = COMPATIBLE[n](&mut edited, random) {
                (head, most) = (edited, most.max(bump));
                made.push(n);
            }
        }
        let (old, new) = (emit(&base, random), emit(&head, random));
        let (old, new) = (read(&old), read(&new));
        let found = compare(&old, &new);
        // To publish, anything that needs more than a patch is another contract.
        let weighs = found.iter().any(|f| f.bump > Bump::Patch);
        assert!(!weighs || contract_hash(&old) != contract_hash(&new), "{:#?}", shown(&found));
        let alarm = found.iter().any(|f| f.reader == Effect::Breaking || f.bump > most);
        assert!(!alarm, "edits {made:?} ask for {most:?} at most: {:#?}", shown(&found));
    });
    note(
        "contracts edited compatibly",
        count,
        "no finding breaks a reader, or asks for more than the edit does",
    );
}

#[test]
fn breaking_edits_are_all_found() {
    let count = times("PACTUM_TEST_EDITS", 300);
    let seeds = seeds();
    repeat(count, |random| {
        let mut base = prepared(&seeds, random);
        let mut head = base.clone();
        let (rule, element) = loop {
            let n = random.below((BREAKING.len() + NARROWER.len() / 2) as u64) as usize;
            let Some(edit) = BREAKING.get(n) else {
                let (logical, old, new, rule) =
                    NARROWER[random.below(NARROWER.len() as u64) as usize];
                let of = |physical: &str| {
                    json!({"logicalType": logical, "physicalType": physical}).to_string()
                };
                beside((&mut base, &of(old)), (&mut head, &of(new)), random);
                break (rule, ".beside".to_owned());
            };
            let mut edited = head.clone();
            if let Some(found) = edit(&mut edited, random) {
                head = edited;
                break found;
            }
        };
        for quiet in &COMPATIBLE[..4] {
            if random.below(2) == 0 {
                quiet(&mut head, random);
            }
        }
        let (old, new) = (emit(&base, random), emit(&head, random));
        let (old, new) = (read(&old), read(&new));
        assert_ne!(contract_hash(&old), contract_hash(&new));
        let found = compare(&old, &new);
        let breaks = |f: &Finding| match rule {
            // Files that passed may fail, and readers do not feel it.
            "limit-tightened" => f.bump == Bump::Minor && f.writer == Effect::Breaking,
            _ => f.bump == Bump::Major && f.reader == Effect::Breaking,
        };
        let hit =
            found.iter().any(|f| f.meta.name == rule && breaks(f) && f.element.ends_with(&element));
        assert!(hit, "{rule} at {element} was not found: {:#?}", shown(&found));
    });
    note(
        "contracts edited so that they break",
        count,
        "the rule that tells of it finds it, at its element",
    );
}

#[test]
fn a_contract_does_not_differ_from_itself_however_it_is_laid_out() {
    let mut texts: Vec<String> = seeds().iter().map(Value::to_string).collect();
    if let Some(folder) = shared("odcs/examples") {
        for entry in std::fs::read_dir(folder).unwrap() {
            texts.push(std::fs::read_to_string(entry.unwrap().path()).unwrap());
        }
    }
    let mut random = Random(3);
    for text in texts {
        let contract = read(&text);
        assert!(compare(&contract, &contract).is_empty());
        for _ in 0..5 {
            let mut laid_out = contract.tree.to_json();
            shuffle_keys(&mut laid_out, &mut random);
            shuffle_lists(&mut laid_out, &mut random);
            let other = read(&emit(&laid_out, &mut random));
            assert_eq!(shown(&compare(&contract, &other)), Vec::<String>::new(), "{}", contract.id);
            assert_eq!(contract_hash(&contract), contract_hash(&other), "{}", contract.id);
        }
    }
}

/// Every leaf of a document with a path to it.
fn leaves(value: &Value, way: &mut Vec<Value>, found: &mut Vec<Vec<Value>>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                way.push(json!(key));
                leaves(value, way, found);
                way.pop();
            }
        }
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                way.push(json!(n));
                leaves(item, way, found);
                way.pop();
            }
        }
        _ => found.push(way.clone()),
    }
}

fn at<'a>(doc: &'a mut Value, way: &[Value]) -> &'a mut Value {
    way.iter().fold(doc, |value, step| match step {
        Value::String(key) => &mut value[key.as_str()],
        n => &mut value[n.as_u64().unwrap() as usize],
    })
}

/// Another value of the same kind; a word of the standard's where only those are understood.
fn another(key: &str, value: &Value) -> Value {
    let word = match (key, value.as_str()) {
        ("logicalType", Some("object" | "array" | "map" | "vector" | "string")) => "integer",
        ("logicalType", _) => "string",
        ("type", Some("library")) => "text",
        ("type", Some("sql" | "custom" | "text")) => "library",
        ("metric", Some("missingValues")) => "nullValues",
        ("metric", _) => "missingValues",
        ("severity", _) => {
            if value == "warning" {
                "error"
            } else {
                "warning"
            }
        }
        ("dimension", _) => "accuracy",
        ("physicalType", Some("bigint")) => "int4",
        ("format", Some("i64")) => "i32",
        ("semanticType", _) => "measure",
        ("unit", Some("rows")) => "percent",
        ("unit", Some("d")) => "h",
        ("status", Some("active")) => "deprecated",
        _ => "",
    };
    match value {
        _ if !word.is_empty() => json!(word),
        Value::Bool(b) => json!(!b),
        Value::Number(n) => json!(n.as_f64().unwrap() + 1.0),
        Value::String(text) => json!(format!("{text}x")),
        other => other.clone(),
    }
}

#[test]
fn every_attribute_of_the_standard_is_looked_at() {
    let text =
        std::fs::read_to_string(root().join("tests/rules/every-attribute.odcs.yaml")).unwrap();
    let base = read(&text);
    let doc = base.tree.to_json();
    let mut ways = Vec::new();
    leaves(&doc, &mut Vec::new(), &mut ways);
    let mut seen = std::collections::BTreeSet::new();
    let mut unnoticed: Vec<String> = Vec::new();
    for way in ways {
        let key = way.iter().rev().find_map(Value::as_str).unwrap().to_owned();
        seen.extend(way.iter().filter_map(Value::as_str).map(str::to_owned));
        // The keys that match the two documents, the one that every change raises, and the words of
        // the standard, whose changes of meaning are told where they are.
        let silent =
            way.len() == 1 && ["id", "version", "kind", "apiVersion"].contains(&key.as_str());
        // The place in a key of one column.
        let place = key == "primaryKeyPosition" || key == "partitionKeyPosition";
        // The one type that a relationship has.
        let only = key == "type" && way.iter().any(|w| w == "relationships");
        // Where a physical type says the width, and where a table's kind is written out.
        if silent || only || place || (key == "logicalType" && way.len() == 3) {
            continue;
        }
        let mut edited = doc.clone();
        let leaf = at(&mut edited, &way);
        *leaf = another(&key, leaf);
        let head = read(&edited.to_string());
        if compare(&base, &head).is_empty() {
            unnoticed.push(format!("{way:?}"));
        }
    }
    assert_eq!(unnoticed, Vec::<String>::new(), "were changed, and nobody noticed");
    let schema = pactum::contract::odcs::json_schema();
    for definition in schema["$defs"].as_object().unwrap().values() {
        for key in definition["properties"].as_object().unwrap().keys() {
            // A rule is read as the metric that it means.
            assert!(seen.contains(key) || key == "rule", "the document lacks '{key}'");
        }
    }
}
