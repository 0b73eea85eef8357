//! ## What it does
//! Reports a mapping without a key that the standard requires. Where Pactum does without it, it is a
//! warning: the keys of a type of server, and a metric that is written as the `rule` of 3.0.
//!
//! ## Why it matters
//! Other tools refuse the document. Without `id`, `version`, `kind` and `apiVersion` a document is not a contract; without `name` a column cannot be found.
//!
//! ## Example
//! ```yaml
//! properties:
//! - logicalType: integer
//! ```
//!
//! ## What to do instead
//! Add the key.

use std::sync::Arc;

use crate::contract::lint::all_columns;
use crate::contract::model::{Contract, LogicalType};
use crate::contract::odcs::Object;
use crate::contract::yaml::Node;
use crate::diagnostic::{Diagnostic, Meta, Severity, Source, Span, nearest};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L006", name: "missing-key", severity: Severity::Error, since: "0.1.0" };

/// The diagnostic for one mapping.
pub fn diagnose(source: &Arc<Source>, node: &Node, field: &str, object: &Object) -> Diagnostic {
    let message = format!("{} needs the key '{field}'", object.title);
    let hint = match field {
        "apiVersion" => Some("apiVersion: v3.2.0"),
        "kind" => Some("kind: DataContract"),
        "version" => Some("version: 0.1.0"),
        "status" => Some("status: active"),
        _ => None,
    };
    let slip = node.entries().iter().map(|(k, _)| k.text.as_str());
    let slip = nearest(field, slip.filter(|k| object.field(k).is_none()));
    let hint = match (slip, hint) {
        (Some(slip), _) => Some(format!("is '{slip}' meant to be '{field}'?")),
        (None, Some(line)) => Some(format!("add `{line}`")),
        (None, None) => None,
    };
    Diagnostic::new(&META, source, node.span, message).maybe_hint(hint)
}

/// Finds vectors without a length.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for column in all_columns(contract) {
        let Some(logical) = &column.logical_type else { continue };
        if logical.value == LogicalType::Vector && column.dimensions.is_none() {
            let message = "a vector without dimensions: its length is not checked, and other tools \
                           refuse the document";
            found.push(
                Diagnostic::new(&META, &contract.source, logical.span, message)
                    .severity(Severity::Warning)
                    .hint("say how many numbers a value has: dimensions under logicalTypeOptions"),
            );
        }
    }
}

/// The diagnostic for a metric that is written as `rule`.
pub fn of_rule(source: &Arc<Source>, rule: &Node, metric: &str) -> Diagnostic {
    let message = "'rule' is the word of version 3.0 for a metric";
    Diagnostic::new(&META, source, rule.span, message)
        .severity(Severity::Warning)
        .hint(format!("write metric: {metric}"))
}

/// The diagnostic for a map that does not say what it holds, which Pactum does without.
pub fn of_map(source: &Arc<Source>, span: Span) -> Diagnostic {
    let message = "a column of logicalType map needs 'map': what it holds is not tested";
    Diagnostic::new(&META, source, span, message).severity(Severity::Warning)
}

/// The diagnostic for a key of a type of server, which Pactum does without.
pub fn of_server(source: &Arc<Source>, server: &Node, message: String) -> Diagnostic {
    Diagnostic::new(&META, source, server.span, message)
        .severity(Severity::Warning)
        .hint("add it: other tools refuse the document without it")
}
