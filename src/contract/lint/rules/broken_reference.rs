//! ## What it does
//! Reports references to columns that do not exist, and key lists of unequal length.
//!
//! ## Why it matters
//! A foreign key to nowhere cannot be kept. A name that no column comes near, and a table outside this
//! contract, are warnings: what refers to them is listed as `not-executed`.
//!
//! ## Example
//! ```yaml
//! relationships:
//! - {to: courses.corse_id}
//! ```
//!
//! ## What to do instead
//! Name an existing column: `table.column`.

use crate::contract::model::{Column, Contract, Relationship, Spanned, Table};
use crate::contract::reference::{Resolved, resolve};
use crate::contract::yaml::spelling_hint;
use crate::diagnostic::{Diagnostic, Meta, Severity, Span};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L022", name: "broken-reference", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for table in &contract.tables {
        for relationship in &table.relationships {
            check_one(contract, table, None, relationship, found);
        }
        for column in &table.columns {
            for relationship in &column.relationships {
                check_one(contract, table, Some(column), relationship, found);
            }
        }
        for rule in &table.quality {
            let Some(list) = rule.arguments.as_ref().and_then(|a| a.get("properties")) else {
                continue;
            };
            for node in list.items() {
                let name = node.as_str().unwrap_or_default();
                if table.column(name).is_none() {
                    found.push(unknown_column(contract, table, name, node.span));
                }
            }
        }
    }
}

fn check_one(
    contract: &Contract,
    table: &Table,
    column: Option<&Column>,
    relationship: &Relationship,
    found: &mut Vec<Diagnostic>,
) {
    let from = if column.is_some() { 1 } else { relationship.from.len() };
    if from != relationship.to.len() {
        let message = format!("{from} columns point to {}", relationship.to.len());
        found.push(
            Diagnostic::new(&META, &contract.source, relationship.span, message)
                .hint("from and to need equal lengths"),
        );
    }
    for reference in &relationship.from {
        match resolve(contract, &reference.value) {
            Resolved::Column(owner, _) if std::ptr::eq(owner, table) => {}
            Resolved::Column(owner, _) => {
                let message = format!(
                    "'{}' is a column of '{}', the relationship one of '{}'",
                    reference.value, owner.name.value, table.name.value
                );
                found.push(Diagnostic::new(&META, &contract.source, reference.span, message));
            }
            other => report(contract, other, reference, found),
        }
    }
    for reference in &relationship.to {
        report(contract, resolve(contract, &reference.value), reference, found);
    }
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
