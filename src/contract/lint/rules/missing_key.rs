//! ## What it does
//! Reports a mapping without a key that the standard requires.
//!
//! ## Why it matters
//! Without `id`, `version`, `kind` and `apiVersion` a document is not a contract; without `name` a column cannot be found.
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

use crate::contract::odcs::Object;
use crate::contract::yaml::Node;
use crate::diagnostic::{Diagnostic, Meta, Severity, Source, nearest};

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
