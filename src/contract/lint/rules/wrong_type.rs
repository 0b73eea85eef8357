//! ## What it does
//! Reports a value whose type does not fit its key, and warns about keys without a value.
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

use crate::contract::yaml::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, Meta, Severity, Source};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L005", name: "wrong-type", severity: Severity::Error, since: "0.1.0" };

/// The diagnostic for a key without a value, which counts as absent.
pub fn nothing(source: &Arc<Source>, node: &Node, key: &Key) -> Diagnostic {
    let span = if node.span.end > node.span.start { node.span } else { key.span };
    let message =
        format!("'{}' has no value: it counts as absent, and other tools refuse it", key.text);
    Diagnostic::new(&META, source, span, message)
        .severity(Severity::Warning)
        .hint("remove the key, or give it a value")
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
