//! ## What it does
//! Reports a value whose type does not fit its key, columns where tables belong, and warns about keys
//! without a value.
//!
//! ## Why it matters
//! Tools disagree on what such a value means, and the standard's JSON Schema refuses it.
//!
//! ## Example
//! ```yaml
//! domain: 7
//! ```
//!
//! ## What to do instead
//! Write a value of the expected type; quote strings; remove keys that have none.

use std::sync::Arc;

use crate::contract::yaml::{Key, Node, Value, flow_scalar};
use crate::diagnostic::{Diagnostic, Meta, Severity, Source, Span};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L005", name: "wrong-type", severity: Severity::Error, since: "0.1.0" };

/// The diagnostic for a key without a value, which counts as absent.
pub fn nothing(source: &Arc<Source>, node: &Node, key: &Key) -> Diagnostic {
    let span = if node.span.end > node.span.start { node.span } else { key.span };
    let message =
        format!("'{}' has no value: it counts as absent, and other tools refuse it", key.text);
    let hint = match unread(source, key) {
        Some(text) => format!("put the text in quotes: {}", flow_scalar(text)),
        None => "remove the key, or give it a value".to_owned(),
    };
    Diagnostic::new(&META, source, span, message).severity(Severity::Warning).hint(hint)
}

/// What is written behind a key that YAML does not read as its value: an anchor, a tag, a comment
/// without a blank.
fn unread<'a>(source: &'a Source, key: &Key) -> Option<&'a str> {
    let rest = source.text.get(key.span.end..)?.lines().next()?;
    let text = rest.trim_start_matches(['"', '\'']).strip_prefix(':')?.trim();
    let sign = text.chars().next().filter(|c| matches!(c, '&' | '!' | '#'))?;
    text.get(sign.len_utf8()..)?.starts_with(char::is_alphanumeric).then_some(text)
}

/// The diagnostic for columns in the list of tables, with the name and the type of the first.
pub fn columns_as_tables(
    source: &Arc<Source>,
    span: Span,
    count: usize,
    name: &str,
    kind: &str,
) -> Diagnostic {
    let message = match count {
        1 => "'schema' lists tables, and this is a column".to_owned(),
        _ => format!("'schema' lists tables, and {count} of its entries are columns"),
    };
    let more = if count > 1 { ", …" } else { "" };
    Diagnostic::new(&META, source, span, message).hint(format!(
        "columns belong under properties of a table: - {{ name: my_table, properties: [{{ name: {name}, logicalType: {kind} }}{more}] }}"
    ))
}

/// The diagnostic for an id with a character that its version does not admit; an empty one has none.
pub fn of_id(
    source: &Arc<Source>,
    node: &Node,
    key: &str,
    refused: Option<char>,
    meant: &str,
) -> Diagnostic {
    let (message, hint) = match refused {
        None => (format!("'{key}' is empty"), "remove the key, or give it a value".to_owned()),
        Some(c) if c.is_whitespace() => (
            format!("'{key}' holds white space, which an id must not contain"),
            id_hint(key, meant),
        ),
        Some(c) if c.is_control() => (
            format!("'{key}' holds {}, which an id must not contain", c.escape_unicode()),
            id_hint(key, meant),
        ),
        Some(c) => {
            (format!("'{key}' holds '{c}', which an id must not contain"), id_hint(key, meant))
        }
    };
    Diagnostic::new(&META, source, node.span, message).hint(hint)
}

fn id_hint(key: &str, meant: &str) -> String {
    format!("write {key}: {}", flow_scalar(meant))
}

/// The diagnostic for a list of names that other tools refuse: an empty one, or one that repeats.
pub fn of_names(source: &Arc<Source>, node: &Node, key: &str) -> Option<Diagnostic> {
    let Value::Seq(items) = &node.value else { return None };
    let new = |span, message: String, hint: &str| {
        let new = Diagnostic::new(&META, source, span, message);
        Some(new.severity(Severity::Warning).hint(hint))
    };
    if items.is_empty() {
        let message =
            format!("'{key}' is an empty list: it requires nothing, and other tools refuse it");
        return new(node.span, message, "remove it, or list names");
    }
    let is_repeated =
        |(n, item): &(usize, &Node)| items.iter().take(*n).any(|i| i.same_value(item));
    let (_, item) = items.iter().enumerate().find(is_repeated)?;
    let name = item.scalar_text().unwrap_or_default();
    let message = format!("'{name}' occurs twice in '{key}': other tools refuse it");
    new(item.span, message, "remove one of the two")
}

/// The diagnostic for one value.
pub fn diagnose(source: &Arc<Source>, node: &Node, key: &str, expected: &str) -> Diagnostic {
    let message = format!("'{key}' holds {}; expected {expected}", node.value.kind());
    let quoted = match &node.value {
        Value::Number(text) if expected == "a string" => Some(format!("write '{text}' in quotes")),
        Value::Bool(b) if expected == "a string" => Some(format!("write '{b}' in quotes")),
        Value::String(s) if expected.contains("true or false") => match s.as_str() {
            "yes" | "on" => Some("write true".to_owned()),
            "no" | "off" => Some("write false".to_owned()),
            _ => None,
        },
        Value::String(s) if expected.contains("number") && s.parse::<f64>().is_ok() => {
            Some("write it without quotes".to_owned())
        }
        _ if expected == "a mapping" && key == "enum" => Some(format!(
            "a value of enum is a mapping: - value: {}",
            node.scalar_text().unwrap_or_default()
        )),
        Value::Map(_) if expected == "a list" => {
            Some("put '- ' before the first key: a list of one".to_owned())
        }
        _ => None,
    };
    Diagnostic::new(&META, source, node.span, message).maybe_hint(quoted)
}
