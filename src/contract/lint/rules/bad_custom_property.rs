//! ## What it does
//! Reports values that the custom properties of Pactum do not take, and warns about `aliases` of
//! fields inside a column.
//!
//! ## Why it matters
//! `additionalColumns: forbidd` would silently mean the default. Only columns have aliases in SQL: those of
//! a field inside one do nothing.
//!
//! ## Example
//! ```yaml
//! customProperties:
//! - {property: additionalColumns, value: forbidd}
//! ```
//!
//! ## What to do instead
//! Use a value that the message names.

use crate::contract::lint::{all_columns, all_rules};
use crate::contract::model::Contract;
use crate::contract::model::{RuleType, custom_property};
use crate::contract::odcs::OPERATORS;
use crate::contract::temporal;
use crate::contract::yaml::Node;
use crate::diagnostic::{Diagnostic, Meta, Severity, nearest};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L030", name: "bad-custom-property", severity: Severity::Error, since: "0.1.0" };

/// Aliases that nothing reads.
fn nested_aliases(contract: &Contract, found: &mut Vec<Diagnostic>) {
    let columns: Vec<_> = contract.tables.iter().flat_map(|table| &table.columns).collect();
    for inner in all_columns(contract) {
        let Some(alias) = inner.aliases.first() else { continue };
        if !columns.iter().any(|column| std::ptr::eq(*column, inner)) {
            found.push(
                Diagnostic::new(
                    &META,
                    &contract.source,
                    alias.span,
                    "aliases of a field inside a column do nothing",
                )
                .severity(Severity::Warning)
                .hint("remove them: only columns have aliases"),
            );
        }
    }
}

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    walk(contract, &contract.tree, found);
    nested_aliases(contract, found);
    for (table, _, rule) in all_rules(contract) {
        for name in rule.group_by.iter().filter(|name| table.column(&name.value).is_none()) {
            let message = format!("groupBy names '{}', which is not a column", name.value);
            let columns = table.columns.iter().map(|c| c.name.value.as_str());
            let hint = nearest(&name.value, columns).map(|near| format!("did you mean '{near}'?"));
            found.push(
                Diagnostic::new(&META, &contract.source, name.span, message).maybe_hint(hint),
            );
        }
        if let (Some(span), false) = (rule.previous, rule.group_by.is_empty()) {
            let message = "a rule is judged by group or against the current release, not both";
            found.push(
                Diagnostic::new(&META, &contract.source, span, message)
                    .hint("make two rules of it"),
            );
        }
        // Only on a rule: elsewhere the word is free.
        let public = custom_property(&rule.node, "public");
        if let Some(value) = public.filter(|value| value.as_bool().is_none()) {
            let message = "custom property 'public' does not take this value";
            found.push(
                Diagnostic::new(&META, &contract.source, value.span, message)
                    .hint("expected true or false"),
            );
        }
        if let (RuleType::Sql, Some(filter)) = (rule.rule_type, &rule.filter) {
            let message = "an SQL rule says in its query which rows it looks at";
            found.push(
                Diagnostic::new(&META, &contract.source, filter.span, message)
                    .hint("move the predicate into the query"),
            );
        }
    }
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

/// The custom properties of Pactum.
const KNOWN: &[&str] = &[
    "additionalColumns",
    "aliases",
    "allowNaN",
    "compareTo",
    "deprecatedSince",
    "groupBy",
    "public",
    "sqlName",
    "warn",
    "where",
];

/// The names of a list that is not empty.
fn names(node: &Node) -> Option<Vec<&str>> {
    let names: Option<Vec<&str>> = node.items().iter().map(Node::as_str).collect();
    names.filter(|names| !names.is_empty())
}

fn operators(node: &Node) -> bool {
    let known = |key: &str| OPERATORS.contains(&key);
    !node.entries().is_empty() && node.entries().iter().all(|(key, _)| known(&key.text))
}

fn one(contract: &Contract, item: &Node, found: &mut Vec<Diagnostic>) {
    let (Some(name), Some(value)) =
        (item.get("property").and_then(Node::as_str), item.get("value"))
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
        "where" if value.as_str().is_none_or(|v| v.trim().is_empty()) => "an SQL predicate",
        "groupBy" if names(value).is_none() => "a list of columns",
        "compareTo" if value.as_str() != Some("previous") => "previous",
        "warn" if !operators(value) => "operators, such as {mustBeLessThan: 1}",
        "sqlName" if value.as_str().is_none_or(str::is_empty) => "a name",
        "deprecatedSince" if value.scalar_text().is_none_or(|t| temporal::date(&t).is_none()) => {
            "a day, such as 2026-12-31"
        }
        "aliases" if value.items().iter().any(|i| i.as_str().is_none()) => "a list of names",
        other => {
            let meant = nearest(other, KNOWN.iter().copied()).filter(|known| *known != other);
            if let (Some(known), Some(node)) = (meant, item.get("property")) {
                let message = format!("custom property '{other}' means nothing to Pactum");
                found.push(
                    Diagnostic::new(&META, &contract.source, node.span, message)
                        .severity(Severity::Warning)
                        .hint(format!("did you mean '{known}'?")),
                );
            }
            return;
        }
    };
    let message = format!("custom property '{name}' does not take this value");
    found.push(
        Diagnostic::new(&META, &contract.source, value.span, message)
            .hint(format!("expected {expected}")),
    );
}
