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

use crate::contract::library::metric_of_argument;
use crate::contract::odcs::{Object, Since, option_since};
use crate::contract::yaml::{Key, Node, Value, flow_scalar, spelling_hint};
use crate::diagnostic::{Diagnostic, Meta, Severity, Source};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L004", name: "unknown-key", severity: Severity::Error, since: "0.1.0" };

/// The diagnostic for one key of a mapping, with the form that the standard has for it in the version
/// that the document declares.
pub fn diagnose(
    source: &Arc<Source>,
    node: &Node,
    key: &Key,
    object: &Object,
    declared: Since,
) -> Diagnostic {
    let is_closed = declared >= object.closed;
    let is_library = matches!(node.get("type").and_then(Node::as_str), None | Some("library"));
    let is_rule = object.field("mustBeGreaterThan").is_some();
    if is_rule && is_library && metric_of_argument(&key.text).is_some() {
        let found = super::misplaced_argument::diagnose(source, key);
        if is_closed {
            return found;
        }
        // The version of the document has no place to move it to.
        let since = "arguments came with version 3.1 of the standard";
        return found
            .severity(Severity::Warning)
            .hint(format!("{since}: declare that version, and move it inside them"));
    }
    let value = node.get(&key.text);
    // A hint to what came later, or is there already, would only lead to the next diagnostic.
    let is_free = |name: &&str| has(object, name, declared) && node.get(name).is_none();
    let known = object.fields.iter().map(|field| field.name).filter(is_free);
    let meant = right_form(node, key, value, object, declared)
        .or_else(|| spaced(key, value, object))
        .or_else(|| spelling_hint(&key.text, known));
    let message = format!("unknown key '{}' in {}", key.text, object.title);
    let found = Diagnostic::new(&META, source, key.span, message);
    match (is_closed, meant) {
        (true, Some(meant)) => found.hint(meant),
        (false, Some(meant)) => found.severity(Severity::Warning).hint(meant),
        (true, None) => found.hint(match has(object, "customProperties", declared) {
            true => "see `pactum schema` for what may stand here; your own keys go under customProperties".to_owned(),
            false => own_key(object, declared).to_owned(),
        }),
        // An argument that no metric has is not used.
        (false, None) if object.field("missingValues").is_some() => found
            .severity(Severity::Warning)
            .hint("no metric uses it: remove it, or put it under customProperties of the rule"),
        (false, None) => {
            // The schema of 3.0 refuses it on a table or a column, though the standard's own examples
            // have such keys.
            let is_of_data = object.field("physicalType").is_some();
            let severity = if is_of_data { Severity::Warning } else { Severity::Note };
            let own = own_key(object, declared);
            found.severity(severity).hint(format!("Pactum does not read it; {own}"))
        }
    }
}

/// A key in braces that holds its value as well, because a colon and a space between them are missing.
fn spaced(key: &Key, value: Option<&Node>, object: &Object) -> Option<String> {
    value.filter(|value| matches!(value.value, Value::Null))?;
    let (name, value) = key.text.split_once([':', ' '])?;
    let value = value.trim();
    let is_meant = object.field(name).is_some() && !value.is_empty();
    is_meant.then(|| format!("write a colon and a space between key and value: {name}: {value}"))
}

fn has(object: &Object, key: &str, declared: Since) -> bool {
    object.field(key).is_some_and(|field| field.since <= declared)
}

/// Where the content of a key of one's own can go.
fn own_key(object: &Object, declared: Since) -> &'static str {
    if has(object, "customProperties", declared) {
        return "your own keys go under customProperties";
    }
    match has(object, "description", declared) {
        true => "say it in the description, or remove the key",
        false => "remove the key: keys of your own are not allowed here",
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
    ("column", "name"),
    ("isprimary", "primaryKey"),
    ("isprimarykey", "primaryKey"),
    ("isunique", "unique"),
    ("partitionstatus", "partitioned"),
    ("criticaldataelementstatus", "criticalDataElement"),
    ("samplevalues", "examples"),
];

/// Keys of the standard's version 2, by what version 3 calls them: of a contract, a table, a service
/// level. Those of a column are with the other words for its keys.
fn earlier(object: &Object) -> &'static [(&'static str, &'static str)] {
    let is = |key: &str| object.field(key).is_some();
    if is("slaProperties") {
        return &[
            ("uuid", "id"),
            ("dataset", "schema"),
            ("datasetname", "name"),
            ("datasetdomain", "domain"),
            ("quantumname", "dataProduct"),
            ("stakeholders", "team"),
            ("sladefaultcolumn", "slaDefaultElement"),
        ];
    }
    if is("dataGranularityDescription") {
        return &[("table", "name"), ("datagranularity", "dataGranularityDescription")];
    }
    if is("valueExt") { &[("column", "element")] } else { &[] }
}

/// What the standard writes for a key that it does not have.
fn right_form(
    node: &Node,
    key: &Key,
    value: Option<&Node>,
    object: &Object,
    declared: Since,
) -> Option<String> {
    let folded: String = key.text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let of = |table: &[(&str, &'static str)]| {
        table.iter().find(|(word, _)| *word == folded).map(|(_, meant)| *meant)
    };
    let is_column = object.field("logicalTypeOptions").is_some();
    if let Some(meant) = of(earlier(object)) {
        return node.get(meant).is_none().then(|| format!("did you mean '{meant}'?"));
    }
    let has_come = |option: &&str| option_since(option).is_some_and(|since| since <= declared);
    if object.field("to").is_some() && folded == "from" {
        return Some("remove it: the relationship comes from the column that it is on".to_owned());
    }
    if object.field("exclusiveMinimum").is_some() && object.field("multipleOf").is_some() {
        return of(OPTIONS).filter(has_come).map(|option| format!("did you mean '{option}'?"));
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
        ("nullable" | "isnullable" | "optional", Some(may)) => return Some(required(node, !may)),
        ("notnull" | "mandatory", Some(must)) => return Some(required(node, must)),
        ("values" | "allowedvalues" | "validvalues", _) => {
            return Some(listed(node, value, declared));
        }
        _ => {}
    }
    if let Some(option) = of(OPTIONS).filter(has_come) {
        let written = value.and_then(Node::scalar_text).unwrap_or_else(|| "…".to_owned());
        return Some(inside(node, option, &written));
    }
    let meant = of(COLUMN_KEYS).filter(|meant| node.get(meant).is_none());
    meant.map(|meant| format!("did you mean '{meant}'?"))
}

/// Whether a value must be there, as the standard says it.
fn required(column: &Node, must: bool) -> String {
    let said = column.get("required").and_then(Node::as_bool);
    match said {
        None => format!("write required: {must}"),
        Some(said) if said == must => format!("remove it: required: {must} says the same"),
        Some(_) => format!("write required: {must} in place of both"),
    }
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

/// Allowed values, as the version of the standard that a document declares lists them.
fn listed(column: &Node, values: Option<&Node>, declared: Since) -> String {
    let items = values.map(Node::items).unwrap_or_default();
    let text = |node: &Node| match node.as_str() {
        Some(text) => Some(flow_scalar(text)),
        None => node.scalar_text(),
    };
    let shown: Vec<String> = items.iter().take(4).filter_map(text).collect();
    let more = if items.len() > shown.len() || shown.is_empty() { ", …" } else { "" };
    if declared >= (3, 2) {
        let shown: Vec<String> = shown.iter().map(|value| format!("{{value: {value}}}")).collect();
        return format!("write enum: [{}{more}]", shown.join(", "));
    }
    let values = format!("validValues: [{}{more}]", shown.join(", "));
    let rule = match declared >= (3, 1) {
        true => format!("{{metric: invalidValues, arguments: {{{values}}}, mustBe: 0}}"),
        false => format!("{{rule: validValues, {values}}}"),
    };
    match column.get("quality").is_some() {
        true => format!("write it as a rule, under quality: - {rule}"),
        false => format!("write it as a rule, quality: [{rule}]"),
    }
}
