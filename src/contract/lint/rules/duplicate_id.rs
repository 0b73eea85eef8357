//! ## What it does
//! Reports two elements of one list with the same `id` or the same `name`.
//!
//! ## Why it matters
//! References and clause ids name elements by id; two equal ones make each mean either.
//!
//! ## Example
//! ```yaml
//! properties:
//! - {name: score}
//! - {name: score}
//! ```
//!
//! ## What to do instead
//! Give each its own id and name.

use crate::contract::model::Contract;
use crate::contract::yaml::Node;
use crate::diagnostic::{Diagnostic, Meta, Severity, Span};

/// Code, name and severity.
pub const META: Meta = Meta {
    code: "L011",
    name: "duplicate-id",
    severity: Severity::Error,
    since: "0.1.0",
};

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    walk(contract, &contract.tree, found);
}

fn walk(contract: &Contract, node: &Node, found: &mut Vec<Diagnostic>) {
    for (key, value) in node.entries() {
        let named = matches!(key.text.as_str(), "schema" | "properties");
        for attribute in if named { &["id", "name"][..] } else { &["id"] } {
            repeated(contract, value, attribute, found);
        }
        walk(contract, value, found);
    }
    for item in node.items() {
        walk(contract, item, found);
    }
}

fn repeated(contract: &Contract, list: &Node, attribute: &str, found: &mut Vec<Diagnostic>) {
    let mut seen: Vec<(&str, Span)> = Vec::new();
    for node in list.items().iter().filter_map(|item| item.get(attribute)) {
        let Some(text) = node.as_str() else { continue };
        match seen.iter().find(|(known, _)| *known == text) {
            Some((_, first)) => found.push(
                Diagnostic::new(
                    &META,
                    &contract.source,
                    node.span,
                    format!("{attribute} '{text}' is taken"),
                )
                .hint(format!("the first one stands at line {}", first.line)),
            ),
            None => seen.push((text, node.span)),
        }
    }
}
