//! ## What it does
//! Refuses a word outside the closed set that its key has.
//!
//! ## Why it matters
//! `logicalType: int` would have no effect.
//!
//! ## Example
//! ```yaml
//! logicalType: int
//! ```
//!
//! ## What to do instead
//! Use one of the words of the standard.

use std::sync::Arc;

use crate::contract::yaml::{Node, spelling_hint};
use crate::diagnostic::{Diagnostic, Meta, Severity, Source};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L007", name: "unknown-word", severity: Severity::Error, since: "0.1.0" };

/// The diagnostic for one word, with the nearest valid one.
pub fn diagnose(
    source: &Arc<Source>,
    node: &Node,
    key: &str,
    word: &str,
    words: &[&str],
) -> Diagnostic {
    let known = match word {
        "int" | "bigint" | "long" | "smallint" => Some("integer"),
        "float" | "double" | "decimal" | "numeric" => Some("number"),
        "varchar" | "text" | "str" => Some("string"),
        "bool" => Some("boolean"),
        "datetime" => Some("timestamp"),
        "list" => Some("array"),
        "struct" => Some("object"),
        _ => None,
    };
    let hint = known
        .filter(|k| words.contains(k))
        .map(|k| format!("did you mean '{k}'? database types go into physicalType"))
        .or_else(|| spelling_hint(word, words.iter().copied()))
        .unwrap_or_else(|| format!("one of {}", words.join(", ")));
    let message = format!("'{word}' is not a value of '{key}'");
    Diagnostic::new(&META, source, node.span, message).hint(hint)
}
