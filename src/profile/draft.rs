//! The draft of a contract: what data suggest, each suggestion with its evidence.

use arrow::datatypes::DataType;
use serde_json::Value;

use crate::contract::column_names::yaml_text;
use crate::contract::types::{stored, type_to_declare};

use super::naming::named;
use super::{ColumnProfile, TableProfile, personal};

/// Values of an enum, at most.
const MOST_VALUES: usize = 20;
/// Rows of each value of an enum, on average at least.
const ROWS_A_VALUE: u64 = 10;

/// A draft as an ODCS document of version 3.2.
pub fn draft(name: &str, tables: &[(TableProfile, Vec<Vec<String>>)]) -> String {
    let mut out = Lines::default();
    out.line(0, "# Drafted from data. Every suggestion carries its evidence: keep what is meant,");
    out.line(0, "# drop what merely happened to be so.");
    out.line(0, "apiVersion: v3.2.0");
    out.line(0, "kind: DataContract");
    out.line(0, &format!("id: {}", quoted(name)));
    out.line(0, &format!("name: {}", quoted(name)));
    out.line(0, "version: 0.1.0");
    out.line(0, "status: draft");
    out.line(0, "schema:");
    for (profile, keys) in tables {
        table(profile, keys, &mut out);
    }
    out.text
}

/// Names in a comment: on one line, whatever they hold.
fn listed(names: &[String]) -> String {
    names.join(", ").replace(char::is_control, " ")
}

#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn line(&mut self, indent: usize, text: &str) {
        self.text.push_str(&"  ".repeat(indent));
        self.text.push_str(text);
        self.text.push('\n');
    }
}

fn table(profile: &TableProfile, keys: &[Vec<String>], out: &mut Lines) {
    out.line(1, &format!("- name: {}", quoted(&profile.name)));
    let files = if profile.files == 1 { "file" } else { "files" };
    out.line(2, &format!("# {} rows in {} {files}", profile.rows, profile.files));
    let key = keys.first();
    match key {
        Some(key) => {
            let list = listed(key);
            out.line(2, &format!("# key ({list}): verified on every row"));
            for other in &keys[1..] {
                out.line(2, &format!("# also unique, verified on every row: ({})", listed(other)));
            }
        }
        None => out.line(2, "# no key of at most 3 columns was found"),
    }
    out.line(2, "properties:");
    let physical: Vec<&str> = profile.columns.iter().map(|c| c.name.as_str()).collect();
    for (column, name) in profile.columns.iter().zip(named(&physical)) {
        one_column(column, &name, key, out);
    }
    out.line(2, "quality:");
    out.line(3, &format!("# {} rows", profile.rows));
    let least = u64::from(profile.rows > 0);
    out.line(3, &format!("- {{ metric: rowCount, mustBeGreaterOrEqualTo: {least} }}"));
}

fn one_column(column: &ColumnProfile, name: &str, key: Option<&Vec<String>>, out: &mut Lines) {
    out.line(3, &format!("- name: {}", quoted(name)));
    if name != column.name {
        out.line(4, &format!("physicalName: {}", yaml_text(&column.name)));
    }
    let logical = logical(&column.data_type);
    match logical.word {
        "" => out.line(4, &format!("# no logical type admits {}", column.data_type)),
        word => out.line(4, &format!("logicalType: {word}")),
    }
    if let Some(physical) = physical(&column.data_type) {
        out.line(4, &format!("physicalType: {}", quoted(&physical)));
    }
    let position = key.and_then(|key| key.iter().position(|name| *name == column.name));
    if let Some(position) = position {
        out.line(4, "primaryKey: true");
        out.line(4, &format!("primaryKeyPosition: {}", position + 1));
    }
    if column.nulls == 0 && column.rows > 0 {
        out.line(4, &format!("required: true # no NULL in {} rows", column.rows));
    } else if column.rows > 0 {
        out.line(4, &format!("# {} of {} rows are NULL", column.nulls, column.rows));
    }
    let personal = personal(column);
    if let Some(personal) = &personal {
        let words = format!("classification: {} # {}", personal.classification, personal.evidence);
        out.line(4, &words);
    }
    if column.nan + column.infinite > 0 {
        out.line(4, &format!("# {} NaN, {} infinite", column.nan, column.infinite));
    }
    nested(&column.data_type, 4, out);
    let mut options: Vec<(String, String)> =
        logical.options.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    // No value of a personal column enters the draft, nor anything that narrows one down.
    if personal.is_none() {
        options.extend(range(column, out));
        options.extend(text_options(column, out));
    }
    if !options.is_empty() {
        let list: Vec<String> = options.iter().map(|(k, v)| format!("{k}: {v}")).collect();
        out.line(4, &format!("logicalTypeOptions: {{ {} }}", list.join(", ")));
    }
    if personal.is_none() {
        values(column, out);
    }
}

struct Logical {
    word: &'static str,
    options: &'static [(&'static str, &'static str)],
}

fn logical(data_type: &DataType) -> Logical {
    let plain = |word| Logical { word, options: &[] };
    match data_type {
        DataType::Boolean => plain("boolean"),
        DataType::UInt64 | DataType::Null | DataType::Date64 => plain(""),
        t if t.is_integer() => plain("integer"),
        t if t.is_numeric() => plain("number"),
        DataType::Date32 => plain("date"),
        DataType::Timestamp(_, None) => {
            Logical { word: "timestamp", options: &[("timezone", "false")] }
        }
        DataType::Timestamp(..) => plain("timestamp"),
        DataType::Time32(_) | DataType::Time64(_) => plain("time"),
        DataType::Binary => Logical { word: "string", options: &[("format", "binary")] },
        DataType::Struct(_) => plain("object"),
        DataType::List(_) => plain("array"),
        DataType::Map(..) => plain("map"),
        _ => plain("string"),
    }
}

/// The physical type to declare, where it adds to the logical one.
fn physical(data_type: &DataType) -> Option<String> {
    match data_type {
        DataType::UInt64 => None,
        t if t.is_integer() || matches!(t, DataType::Float32 | DataType::Float64) => {
            Some(type_to_declare(t))
        }
        DataType::Decimal128(..) | DataType::Decimal256(..) => {
            stored(data_type).ok().map(|t| type_to_declare(&t))
        }
        _ => None,
    }
}

fn typed(data_type: &DataType, indent: usize, out: &mut Lines) {
    let logical = logical(data_type);
    if !logical.word.is_empty() {
        out.line(indent, &format!("logicalType: {}", logical.word));
    }
    for (key, value) in logical.options {
        out.line(indent, &format!("logicalTypeOptions: {{ {key}: {value} }}"));
    }
    nested(data_type, indent, out);
}

/// What is inside: types only.
fn nested(data_type: &DataType, indent: usize, out: &mut Lines) {
    match data_type {
        DataType::Struct(fields) => {
            out.line(indent, "properties:");
            for field in fields {
                out.line(indent + 1, &format!("- name: {}", quoted(field.name())));
                typed(field.data_type(), indent + 2, out);
            }
        }
        DataType::List(item) => {
            out.line(indent, "items:");
            typed(item.data_type(), indent + 1, out);
        }
        DataType::Map(entries, _) => {
            if let DataType::Struct(fields) = entries.data_type() {
                out.line(indent, "map:");
                for (name, field) in ["key", "value"].iter().zip(fields) {
                    out.line(indent + 1, &format!("{name}:"));
                    typed(field.data_type(), indent + 2, out);
                }
            }
        }
        _ => {}
    }
}

/// Bounds that are likely intended: a share from 0 to 1, numbers never below 0, few whole numbers.
fn range(column: &ColumnProfile, out: &mut Lines) -> Vec<(String, String)> {
    let number = |value: &Option<Value>| match value {
        Some(Value::Number(n)) => n.as_f64(),
        Some(Value::String(text)) if column.data_type.is_numeric() => text.parse().ok(),
        _ => None,
    };
    let bounds = number(&column.min).zip(number(&column.max));
    if let (Some(min), Some(max)) = (&column.min, &column.max)
        && column.text.is_none()
        && column.data_type != DataType::Boolean
    {
        out.line(4, &format!("# from {} to {}", shown(min), shown(max)));
    }
    let Some((low, high)) = bounds.filter(|_| column.data_type.is_numeric()) else {
        return Vec::new();
    };
    // A bound would let NaN and infinities fail; and beyond 2^53 a double is not the number itself.
    let inexact = low.abs().max(high.abs()) > 9e15;
    if column.nan + column.infinite > 0 || inexact || logical(&column.data_type).word.is_empty() {
        return Vec::new();
    }
    let whole = column.data_type.is_integer();
    let bound = |key: &str, value: f64| (key.to_owned(), value.to_string());
    if column.data_type.is_floating() && low >= 0.0 && high <= 1.0 {
        return vec![bound("minimum", 0.0), bound("maximum", 1.0)];
    }
    if whole && column.distinct_is_exact && column.distinct <= 12 && column.rows >= 100 {
        return vec![bound("minimum", low), bound("maximum", high)];
    }
    match low {
        low if whole && low >= 1.0 => vec![bound("minimum", 1.0)],
        low if low >= 0.0 => vec![bound("minimum", 0.0)],
        _ => Vec::new(),
    }
}

fn text_options(column: &ColumnProfile, out: &mut Lines) -> Vec<(String, String)> {
    let Some(text) = &column.text else { return Vec::new() };
    let mut options = Vec::new();
    let few = enumerable(column);
    match (text.format, &text.pattern) {
        (Some(format), _) => {
            out.line(4, &format!("# every value is a {format}"));
            options.push(("format".to_owned(), format.to_owned()));
        }
        (None, Some(pattern)) if !few && column.distinct >= 10 => {
            out.line(4, "# every value matches the pattern");
            options.push(("pattern".to_owned(), quoted(pattern)));
        }
        _ => {}
    }
    out.line(4, &format!("# {} to {} characters", text.shortest, text.longest));
    options
}

/// Whether the values can be listed: few, and each frequent.
fn enumerable(column: &ColumnProfile) -> bool {
    let few = column.values.as_ref().is_some_and(|v| !v.is_empty() && v.len() <= MOST_VALUES);
    few && column.text.is_some() && column.rows >= column.distinct * ROWS_A_VALUE
}

fn values(column: &ColumnProfile, out: &mut Lines) {
    let Some(values) = column.values.as_ref().filter(|_| enumerable(column)) else {
        if column.distinct > 0 {
            let about = if column.distinct_is_exact { "" } else { "about " };
            out.line(4, &format!("# {about}{} distinct values", column.distinct));
        }
        return;
    };
    out.line(4, &format!("# {} values in {} rows", column.distinct, column.rows));
    out.line(4, "enum:");
    for (value, rows) in values {
        let text = value.as_str().map_or_else(|| value.to_string(), quoted);
        out.line(5, &format!("- value: {text} # {rows} rows"));
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A text as YAML: bare where that is safe, else in double quotes, which JSON and YAML share.
fn quoted(text: &str) -> String {
    let first = text.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    let safe = first && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let word = matches!(
        text.to_lowercase().as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "y" | "n"
    );
    if safe && !word { text.to_owned() } else { Value::String(text.to_owned()).to_string() }
}

/// A draft of nothing but types, those that texts look like; `None` where texts look like texts.
pub fn typed_draft(name: &str, profile: &TableProfile) -> Option<String> {
    let reads_as = |c: &ColumnProfile| c.text.as_ref().and_then(|t| t.reads_as);
    profile.columns.iter().find_map(reads_as)?;
    let mut out = Lines::default();
    for line in ["apiVersion: v3.2.0", "kind: DataContract", "id: draft", "version: 0.1.0"] {
        out.line(0, line);
    }
    out.line(0, "status: draft");
    out.line(0, "schema:");
    out.line(1, &format!("- name: {}", quoted(name)));
    out.line(2, "properties:");
    let physical: Vec<&str> = profile.columns.iter().map(|c| c.name.as_str()).collect();
    for (column, name) in profile.columns.iter().zip(named(&physical)) {
        out.line(3, &format!("- name: {}", quoted(&name)));
        if name != column.name {
            out.line(4, &format!("physicalName: {}", yaml_text(&column.name)));
        }
        let word = reads_as(column).unwrap_or("string");
        out.line(4, &format!("logicalType: {word}"));
        if let Some(physical) = column.text.as_ref().and_then(|t| t.physical.as_ref()) {
            out.line(4, &format!("physicalType: '{physical}'"));
        }
        let zoned = column.text.as_ref().is_some_and(|t| t.zoned);
        if word == "timestamp" && !zoned {
            out.line(4, "logicalTypeOptions: { timezone: false }");
        }
    }
    Some(out.text)
}
