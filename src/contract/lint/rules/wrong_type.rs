//! ## What it does
//! Reports a value whose type does not fit its key.
//!
//! ## Why it matters
//! `version: 1.0` is a number; tools disagree on what it then means.
//!
//! ## Example
//! ```yaml
//! version: 1.0
//! ```
//!
//! ## What to do instead
//! Write a value of the expected type; quote strings.

use std::sync::Arc;

use crate::contract::yaml::{Node, Value};
use crate::diagnostic::{Diagnostic, Meta, Severity, Source};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L005", name: "wrong-type", severity: Severity::Error, since: "0.1.0" };

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
        Value::Map(_) if expected == "a list" => {
            Some("put '- ' before the first key: a list of one".to_owned())
        }
        _ => None,
    };
    Diagnostic::new(&META, source, node.span, message).maybe_hint(quoted)
}
