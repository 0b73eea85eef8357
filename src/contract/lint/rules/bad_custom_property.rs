//! ## What it does
//! Reports values that the custom properties of Pactum do not take.
//!
//! ## Why it matters
//! `additionalColumns: forbidd` would silently mean the default.
//!
//! ## Example
//! ```yaml
//! customProperties:
//! - {property: additionalColumns, value: forbidd}
//! ```
//!
//! ## What to do instead
//! Use a value that the message names.

use crate::contract::model::Contract;
use crate::contract::yaml::Node;
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta = Meta {
    code: "L030",
    name: "bad-custom-property",
    severity: Severity::Error,
    since: "0.1.0",
};

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    walk(contract, &contract.tree, found);
}

fn walk(contract: &Contract, node: &Node, found: &mut Vec<Diagnostic>) {
    for (key, value) in node.entries() {
        if key.text == "customProperties" {
            for item in value.items() {
                one(contract, item, found);
            }
        } else {
            walk(contract, value, found);
        }
    }
    for item in node.items() {
        walk(contract, item, found);
    }
}

fn one(contract: &Contract, item: &Node, found: &mut Vec<Diagnostic>) {
    let (Some(name), Some(value)) = (item.get("property").and_then(Node::as_str), item.get("value"))
    else {
        return;
    };
    let expected = match name {
        "additionalColumns" => {
            let words = ["forbid", "warn", "allow"];
            if value.as_str().is_some_and(|v| words.contains(&v)) {
                return;
            }
            "forbid, warn or allow"
        }
        "allowNaN" if value.as_bool().is_none() => "true or false",
        "sqlName" if value.as_str().is_none_or(str::is_empty) => "a name",
        "aliases" if value.items().iter().any(|i| i.as_str().is_none()) => "a list of names",
        _ => return,
    };
    let message = format!("custom property '{name}' does not take this value");
    found.push(
        Diagnostic::new(&META, &contract.source, value.span, message)
            .hint(format!("expected {expected}")),
    );
}
