//! ## What it does
//! Reports values that the custom properties of Pactum do not take: an error on a quality rule that
//! Pactum executes, a warning on contracts, tables and columns, where the property is then not used.
//! Warns about `aliases` of fields inside a column. Where Pactum reads no custom property of a name,
//! the name is free.
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

use crate::contract::library;
use crate::contract::lint::{all_columns, all_rules};
use crate::contract::mappings;
use crate::contract::model::{Contract, RuleType};
use crate::contract::odcs::{CONTRACT, OPERATORS, Object, TABLE};
use crate::contract::temporal;
use crate::contract::yaml::{Node, Value};
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
    walk(contract, found);
    nested_aliases(contract, found);
    let executed = all_rules(contract).filter(|(_, _, rule)| is_executed(&rule.node));
    for (table, _, rule) in executed {
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
        if let (RuleType::Sql, Some(filter)) = (rule.rule_type, &rule.filter) {
            let message = "an SQL rule says in its query which rows it looks at";
            found.push(
                Diagnostic::new(&META, &contract.source, filter.span, message)
                    .hint("move the predicate into the query"),
            );
        }
    }
}

/// Whether Pactum executes a rule: others are left to another engine or to people, who read its
/// properties their own way.
fn is_executed(rule: &Node) -> bool {
    let is = |key: &str, word: &str| rule.get(key).and_then(Node::as_str) == Some(word);
    let is_left = is("type", "custom") || is("type", "text") || library::is_unknown(rule);
    is("engine", "pactum") || !is_left
}

/// Where Pactum reads custom properties, and which.
fn known_in(object: &Object) -> &'static [&'static str] {
    match object.title {
        title if title == CONTRACT.title => &["sqlName", "deprecatedSince"],
        title if title == TABLE.title => &["additionalColumns", "deprecatedSince"],
        _ if object.field("mustBe").is_some() => {
            &["warn", "where", "groupBy", "compareTo", "public"]
        }
        _ if object.is_of_data() => &["allowNaN", "aliases", "deprecatedSince"],
        _ => &[],
    }
}

/// The custom properties of each element that has some of Pactum's own; elsewhere the words are free.
fn walk(contract: &Contract, found: &mut Vec<Diagnostic>) {
    mappings::visit(&contract.tree, &mut |node, object| {
        let known = known_in(object);
        let is_rule = object.field("mustBe").is_some();
        if known.is_empty() || (is_rule && !is_executed(node)) {
            return;
        }
        for item in node.get("customProperties").map(Node::items).unwrap_or_default() {
            found.extend(one(contract, item, known, is_rule));
        }
    });
}

/// The names of a list that is not empty.
fn names(node: &Node) -> Option<Vec<&str>> {
    let names: Option<Vec<&str>> = node.items().iter().map(Node::as_str).collect();
    names.filter(|names| !names.is_empty())
}

fn operators(node: &Node) -> bool {
    let known = |key: &str| OPERATORS.contains(&key);
    !node.entries().is_empty() && node.entries().iter().all(|(key, _)| known(&key.text))
}

fn one(contract: &Contract, item: &Node, known: &[&str], is_rule: bool) -> Option<Diagnostic> {
    let (written, value) = (item.get("property")?, item.get("value")?);
    let name = written.as_str()?;
    if !known.contains(&name) {
        let meant = nearest(name, known.iter().copied())?;
        // With a value that Pactum's property would not take, it is one of the author's own.
        if matches!(value.value, Value::Null) || refused(meant, value).is_some() {
            return None;
        }
        let message = format!("custom property '{name}' means nothing to Pactum");
        let new = Diagnostic::new(&META, &contract.source, written.span, message);
        return Some(new.severity(Severity::Warning).hint(format!("did you mean '{meant}'?")));
    }
    let expected = refused(name, value)?;
    let message = format!("custom property '{name}' does not take this value");
    // What a rule measures depends on it; elsewhere the property falls away.
    let (message, severity) = match is_rule {
        true => (message, META.severity),
        false => (format!("{message}: it is not used"), Severity::Warning),
    };
    let new = Diagnostic::new(&META, &contract.source, value.span, message);
    Some(new.severity(severity).hint(format!("expected {expected}")))
}

/// What a property expects, where it does not take a value.
fn refused(name: &str, value: &Node) -> Option<&'static str> {
    let is_one_of = |words: &[&str]| value.as_str().is_some_and(|word| words.contains(&word));
    let (fits, expected) = match name {
        "additionalColumns" => (is_one_of(&["forbid", "warn", "allow"]), "forbid, warn or allow"),
        "allowNaN" | "public" => (value.as_bool().is_some(), "true or false"),
        "where" => (value.as_str().is_some_and(|v| !v.trim().is_empty()), "an SQL predicate"),
        "groupBy" => (names(value).is_some(), "a list of columns"),
        "compareTo" => (is_one_of(&["previous"]), "previous"),
        "warn" => (operators(value), "operators, such as {mustBeLessThan: 1}"),
        "sqlName" => (value.as_str().is_some_and(|v| !v.is_empty()), "a name"),
        "deprecatedSince" => (
            value.scalar_text().is_some_and(|text| temporal::date(&text).is_some()),
            "a day, such as 2026-12-31",
        ),
        "aliases" => (is_names(value), "a list of names"),
        _ => (true, ""),
    };
    (!fits).then_some(expected)
}

/// Whether a value is a name, or a list of names.
fn is_names(value: &Node) -> bool {
    match &value.value {
        Value::String(_) => true,
        Value::Seq(items) => items.iter().all(|item| item.as_str().is_some()),
        _ => false,
    }
}
