//! ## What it does
//! Refuses keys that the standard does not have at that place. Where the version that the document
//! declares allows any key (3.0 does in rules, servers, teams and roles), it is a note, and a
//! warning where the key looks misspelled, or stands on a table or a column.
//!
//! ## Why it matters
//! A misspelled key is a promise that nobody checks.
//!
//! ## Example
//! ```yaml
//! logicalTypeOptions:
//!   minimun: 0
//! ```
//!
//! ## What to do instead
//! Correct the spelling; put your own keys under `customProperties`.

use std::sync::Arc;

use crate::contract::odcs::Object;
use crate::contract::yaml::{Key, Node, spelling_hint};
use crate::diagnostic::{Diagnostic, Meta, Severity, Source};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L004", name: "unknown-key", severity: Severity::Error, since: "0.1.0" };

/// The diagnostic for one key of a mapping, with the form that the standard has for it.
pub fn diagnose(
    source: &Arc<Source>,
    node: &Node,
    key: &Key,
    object: &Object,
    is_closed: bool,
) -> Diagnostic {
    if key.text == "pattern" && object.field("mustBeGreaterThan").is_some() && is_closed {
        return super::misplaced_argument::diagnose(source, key);
    }
    let value = node.get(&key.text);
    let known = object.fields.iter().map(|f| f.name);
    let meant = right_form(node, key, value, object).or_else(|| spelling_hint(&key.text, known));
    let message = format!("unknown key '{}' in {}", key.text, object.title);
    let found = Diagnostic::new(&META, source, key.span, message);
    match (is_closed, meant) {
        (true, meant) => found.hint(meant.unwrap_or_else(|| {
            "see `pactum schema` for what may stand here; your own keys go under customProperties"
                .to_owned()
        })),
        (false, Some(meant)) => found.severity(Severity::Warning).hint(meant),
        // The schema of 3.0 refuses it there, though the standard's own examples have such keys.
        (false, None) if object.field("physicalType").is_some() => found
            .severity(Severity::Warning)
            .hint("Pactum does not read it; your own keys go under customProperties"),
        (false, None) => found
            .severity(Severity::Note)
            .hint("Pactum does not read it; your own keys go under customProperties"),
    }
}

/// The diagnostic for a key that servers of other types have.
pub fn of_server(source: &Arc<Source>, key: &Key, kind: &str) -> Diagnostic {
    let message = format!("a server of type {kind} has no key '{}'", key.text);
    Diagnostic::new(&META, source, key.span, message)
        .severity(Severity::Warning)
        .hint("other tools refuse it: remove the key, or put it under customProperties")
}

/// Options by the words that other schema languages have for them.
const OPTIONS: &[(&str, &str)] = &[
    ("min", "minimum"),
    ("max", "maximum"),
    ("minimum", "minimum"),
    ("maximum", "maximum"),
    ("exclusiveminimum", "exclusiveMinimum"),
    ("exclusivemaximum", "exclusiveMaximum"),
    ("minlength", "minLength"),
    ("maxlength", "maxLength"),
    ("length", "maxLength"),
    ("pattern", "pattern"),
    ("regex", "pattern"),
    ("format", "format"),
    ("multipleof", "multipleOf"),
    ("minitems", "minItems"),
    ("maxitems", "maxItems"),
    ("uniqueitems", "uniqueItems"),
    ("timezone", "timezone"),
];

/// Keys of a column by the words that other schema languages have for them.
const COLUMN_KEYS: &[(&str, &str)] = &[
    ("type", "logicalType"),
    ("datatype", "logicalType"),
    ("primary", "primaryKey"),
    ("pk", "primaryKey"),
    ("title", "businessName"),
    ("fields", "properties"),
    ("columns", "properties"),
];

/// What the standard writes for a key that it does not have.
fn right_form(node: &Node, key: &Key, value: Option<&Node>, object: &Object) -> Option<String> {
    let folded: String = key.text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let of = |table: &[(&str, &'static str)]| {
        table.iter().find(|(word, _)| *word == folded).map(|(_, meant)| *meant)
    };
    let is_column = object.field("logicalTypeOptions").is_some();
    if object.field("exclusiveMinimum").is_some() && object.field("multipleOf").is_some() {
        return of(OPTIONS).map(|option| format!("did you mean '{option}'?"));
    }
    if object.field("schema").is_some() && matches!(folded.as_str(), "tables" | "models") {
        return Some("did you mean 'schema'?".to_owned());
    }
    if object.field("properties").is_some() && matches!(folded.as_str(), "columns" | "fields") {
        return Some("did you mean 'properties'?".to_owned());
    }
    if !is_column {
        return None;
    }
    let set = value.and_then(Node::as_bool);
    match (folded.as_str(), set) {
        ("nullable" | "optional", Some(may)) => return Some(format!("write required: {}", !may)),
        ("notnull" | "mandatory", Some(must)) => return Some(format!("write required: {must}")),
        ("values" | "allowedvalues" | "validvalues", _) => return Some(listed(value)),
        _ => {}
    }
    if let Some(option) = of(OPTIONS) {
        let written = value.and_then(Node::scalar_text).unwrap_or_else(|| "…".to_owned());
        return Some(inside(node, option, &written));
    }
    of(COLUMN_KEYS).map(|meant| format!("did you mean '{meant}'?"))
}

/// An option, where the standard has it.
fn inside(column: &Node, option: &str, value: &str) -> String {
    let has = |key: &str| column.get(key).is_some();
    let place = match has("logicalTypeOptions") {
        true => format!("move it into logicalTypeOptions: {option}: {value}"),
        false => format!("write logicalTypeOptions: {{ {option}: {value} }}"),
    };
    if has("logicalType") { place } else { format!("{place}, beside a logicalType") }
}

/// Allowed values, as the standard lists them.
fn listed(value: Option<&Node>) -> String {
    let items = value.map(Node::items).unwrap_or_default();
    let one = |node: &Node| Some(format!("{{value: {}}}", node.scalar_text()?));
    let shown: Vec<String> = items.iter().take(4).filter_map(one).collect();
    let more = if items.len() > shown.len() || shown.is_empty() { ", …" } else { "" };
    format!("write enum: [{}{more}]", shown.join(", "))
}
