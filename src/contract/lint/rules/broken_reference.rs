//! ## What it does
//! Reports references to columns that do not exist, and key lists of unequal length.
//!
//! ## Why it matters
//! A foreign key to nowhere cannot be kept. A name that no column comes near, a table outside this
//! contract, and a document that is not in the project are warnings: what refers to them is listed as
//! `not-executed`.
//!
//! ## Example
//! ```yaml
//! relationships:
//! - {to: courses.corse_id}
//! ```
//!
//! ## What to do instead
//! Name an existing column: `table.column`.

use crate::contract::lint::with_nested;
use crate::contract::model::{Column, Contract, QualityRule, Relationship, Spanned, Table};
use crate::contract::reference::{Resolved, neighbour, resolve};
use crate::contract::yaml::{Node, Value, spelling_hint};
use crate::diagnostic::{Diagnostic, Meta, Severity, Span, nearest};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L022", name: "broken-reference", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for (table, column, relationship) in relationships(contract) {
        check_one(contract, table, column, relationship, found);
    }
    for table in &contract.tables {
        let of_columns = table.columns.iter().flat_map(|column| &column.quality);
        for rule in table.quality.iter().chain(of_columns) {
            check_argument(contract, table, rule, found);
        }
    }
}

/// The columns that a rule looks at together.
fn check_argument(
    contract: &Contract,
    table: &Table,
    rule: &QualityRule,
    found: &mut Vec<Diagnostic>,
) {
    // Another rule reports metrics that do not take the argument.
    let takes = rule.metric.as_ref().is_some_and(|metric| metric.value == "duplicateValues");
    let list = rule.arguments.as_ref().and_then(|a| a.get("properties")).filter(|_| takes);
    for node in list.map(Node::items).unwrap_or_default() {
        let name = node.as_str().unwrap_or_default();
        if table.argument_column(name).is_some() {
            continue;
        }
        let known: Vec<&str> = table.columns.iter().map(|c| c.name.value.as_str()).collect();
        let message = format!("table '{}' has no column '{name}'", table.name.value);
        let new = |message: String| Diagnostic::new(&META, &contract.source, node.span, message);
        let bare = name.rsplit('.').next().unwrap_or(name);
        found.push(match nearest(bare, known.iter().copied()) {
            Some(near) => new(message).hint(format!("did you mean '{near}'?")),
            None => {
                let shown: Vec<&str> = known.iter().copied().take(4).collect();
                let more = if known.len() > shown.len() { ", …" } else { "" };
                let columns = format!("{}{more}", shown.join(", "));
                new(format!("{message}: the rule is not executed"))
                    .severity(Severity::Warning)
                    .hint(format!("write names of its columns alone: {columns}"))
            }
        });
    }
}

/// Finds references into documents that the project does not have, or that lead nowhere there.
pub(in crate::contract::lint) fn check_elsewhere(
    contract: &Contract,
    neighbours: &[Contract],
    found: &mut Vec<Diagnostic>,
) {
    let all = relationships(contract).into_iter().flat_map(|(.., relationship)| &relationship.to);
    for reference in all {
        let Some((document, path)) = reference.value.split_once('#') else { continue };
        if document.is_empty() {
            continue;
        }
        let (why, hint) = match neighbour(contract, neighbours, document) {
            Ok(other) => match nowhere(other, path) {
                Some(fault) => fault,
                None => continue,
            },
            Err(why) => {
                let files = neighbours.iter().map(|c| c.source.name.as_str());
                let files = files.map(|name| name.rsplit(['/', '\\']).next().unwrap_or(name));
                let near = spelling_hint(document, files);
                (why, near.unwrap_or_else(|| "add that contract to the project".to_owned()))
            }
        };
        let message = format!("the relationship is not executed: {why}");
        found.push(
            Diagnostic::new(&META, &contract.source, reference.span, message)
                .severity(Severity::Warning)
                .hint(hint),
        );
    }
}

/// Why a reference leads to no column of another contract, and what it may mean.
fn nowhere(other: &Contract, path: &str) -> Option<(String, String)> {
    let form = || "table.column, or schema/<id>/properties/<id>".to_owned();
    Some(match resolve(other, path) {
        Resolved::Column(..) => return None,
        Resolved::NoColumn(table, name) => {
            let columns = table.columns.iter().map(|c| c.name.value.as_str());
            let table = &table.name.value;
            let why = format!("table '{table}' of contract '{}' has no column '{name}'", other.id);
            (why, spelling_hint(&name, columns).unwrap_or_else(form))
        }
        Resolved::NoTable(name) => {
            let tables = other.tables.iter().map(|t| t.name.value.as_str());
            let why = format!("contract '{}' has no table '{name}'", other.id);
            (why, spelling_hint(&name, tables).unwrap_or_else(form))
        }
        Resolved::Elsewhere | Resolved::Malformed => {
            (format!("'{path}' is not a reference"), form())
        }
    })
}

/// Every relationship with its table and, on a column or inside one, its column.
fn relationships(contract: &Contract) -> Vec<(&Table, Option<&Column>, &Relationship)> {
    let mut all = Vec::new();
    for table in &contract.tables {
        all.extend(table.relationships.iter().map(|r| (table, None, r)));
        for column in table.columns.iter().flat_map(with_nested) {
            all.extend(column.relationships.iter().map(|r| (table, Some(column), r)));
        }
    }
    all
}

fn check_one(
    contract: &Contract,
    table: &Table,
    column: Option<&Column>,
    relationship: &Relationship,
    found: &mut Vec<Diagnostic>,
) {
    // Where a relationship of a column comes from is the column.
    let from = if column.is_some() { &[] } else { relationship.from.as_slice() };
    let count = if column.is_some() { 1 } else { from.len() };
    let to = relationship.to.len();
    if count != to && (count > 0 || states_from(contract, relationship)) {
        let message = match count {
            1 => format!("1 column points to {to}"),
            _ => format!("{count} columns point to {to}"),
        };
        found.push(
            Diagnostic::new(&META, &contract.source, relationship.span, message)
                .hint("from and to need equal lengths"),
        );
    }
    for reference in from {
        match resolve(contract, &reference.value) {
            Resolved::Column(owner, _) if std::ptr::eq(owner, table) => {}
            Resolved::Column(owner, _) => {
                let message = format!(
                    "'{}' is a column of '{}', the relationship one of '{}'",
                    reference.value, owner.name.value, table.name.value
                );
                found.push(Diagnostic::new(&META, &contract.source, reference.span, message));
            }
            Resolved::Elsewhere => {
                let message = format!(
                    "the relationship is not executed: '{}' is in another document",
                    reference.value
                );
                found.push(
                    Diagnostic::new(&META, &contract.source, reference.span, message)
                        .severity(Severity::Warning)
                        .hint("a relationship comes from columns of its own table"),
                );
            }
            other => report(contract, other, reference, found),
        }
    }
    for reference in &relationship.to {
        report(contract, resolve(contract, &reference.value), reference, found);
    }
    let mut owners = relationship.to.iter().filter_map(|to| match resolve(contract, &to.value) {
        Resolved::Column(owner, _) => Some(owner),
        _ => None,
    });
    let first = owners.next();
    if owners.any(|owner| first.is_some_and(|first| !std::ptr::eq(owner, first))) {
        let message = "the relationship is not executed: it points to several tables";
        found.push(
            Diagnostic::new(&META, &contract.source, relationship.span, message)
                .severity(Severity::Warning)
                .hint("write a relationship for each table"),
        );
    }
}

/// Whether a relationship of a table says, in whatever form, where it comes from; another rule
/// reports one that does not.
fn states_from(contract: &Contract, relationship: &Relationship) -> bool {
    let tables = contract.tree.get("schema").map(Node::items).unwrap_or_default();
    let lists = tables.iter().filter_map(|table| table.get("relationships"));
    let mut all = lists.flat_map(Node::items);
    let own = all.find(|node| node.span == relationship.span);
    own.and_then(|node| node.get("from")).is_some_and(|from| matches!(from.value, Value::Seq(_)))
}

fn report(
    contract: &Contract,
    resolved: Resolved<'_>,
    reference: &Spanned<String>,
    found: &mut Vec<Diagnostic>,
) {
    match resolved {
        Resolved::Column(..) | Resolved::Elsewhere => {}
        Resolved::NoColumn(table, name) => {
            found.push(unknown_column(contract, table, &name, reference.span));
        }
        Resolved::NoTable(name) => {
            let message = format!("'{name}' is not a table of this contract");
            let tables = contract.tables.iter().map(|t| t.name.value.as_str());
            let hint = spelling_hint(&name, tables)
                .unwrap_or_else(|| "what it points to cannot be checked here".to_owned());
            found.push(
                Diagnostic::new(&META, &contract.source, reference.span, message)
                    .severity(Severity::Warning)
                    .hint(hint),
            );
        }
        Resolved::Malformed => {
            let message = format!("'{}' is not a reference", reference.value);
            found.push(
                Diagnostic::new(&META, &contract.source, reference.span, message)
                    .hint("table.column, or schema/<id>/properties/<id>"),
            );
        }
    }
}

fn unknown_column(contract: &Contract, table: &Table, name: &str, span: Span) -> Diagnostic {
    let columns = table.columns.iter().map(|c| c.name.value.as_str());
    let message = format!("table '{}' has no column '{name}'", table.name.value);
    match spelling_hint(name, columns) {
        Some(meant) => Diagnostic::new(&META, &contract.source, span, message).hint(meant),
        // Nothing says what was meant: what refers to it is listed, and not executed.
        None => {
            Diagnostic::new(&META, &contract.source, span, format!("{message}: it is not executed"))
                .severity(Severity::Warning)
                .hint("name a column as table.column, or by ids as schema/<id>/properties/<id>")
        }
    }
}
