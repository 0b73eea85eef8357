//! Policy: what the team has agreed beyond versions.

use crate::contract::Contract;
use crate::contract::model::{Column, Spanned, Table};
use crate::diagnostic::{Diagnostic, nearest};
use crate::project::{Settings, Snapshot, bad_setting};

use super::deprecation::Element;
use super::finding::{Finding, Place, Touches};
use super::report::{JudgedFinding, Violation};
use super::rules::{
    RULES, column_removed, contract_removed, removed_without_deprecation, reserved_name_used,
    table_removed,
};
use super::waive::{Case, Waiving};

/// What a finding removes.
pub fn removed(finding: &Finding) -> Option<Element<'_>> {
    let is = |meta: &crate::diagnostic::Meta| finding.meta == meta;
    match &finding.touches {
        _ if is(&contract_removed::META) => Some(Element::Contract),
        Touches::Table(table) if is(&table_removed::META) => Some(Element::Table(table)),
        Touches::Column(table, column) if is(&column_removed::META) => {
            Some(Element::Column(table, column))
        }
        _ => None,
    }
}

/// A removal before its time.
pub fn too_early(
    judged: &JudgedFinding,
    contract: &str,
    reason: &str,
    waiving: &Waiving<'_>,
) -> Violation {
    let meta = &removed_without_deprecation::META;
    let ids = [contract.to_owned()];
    let case = Case { rule: meta.name, contracts: &ids, element: &judged.element, consumer: None };
    Violation {
        code: meta.code,
        rule: meta.name,
        contract: Some(contract.to_owned()),
        element: judged.element.clone(),
        message: format!("{} may not be removed yet: {reason}", judged.element),
        place: judged.base.clone(),
        hint: Some("set deprecated: true on it, publish, and remove it later".to_owned()),
        waived: waiving.of(&case),
    }
}

/// Tables and columns whose names are reserved.
pub fn reserved_names(
    head: &Snapshot,
    settings: &Settings,
    waiving: &Waiving<'_>,
) -> Vec<Violation> {
    let reserved = &settings.diff.reserved_names;
    let mut found = Vec::new();
    for contract in head.contracts.iter().filter(|_| !reserved.is_empty()) {
        for table in &contract.tables {
            let names = std::iter::once((None, &table.name))
                .chain(table.columns.iter().map(|c| (Some(c), &c.name)));
            for (column, name) in names {
                let taken = reserved.iter().find(|r| is_reserved(r, contract, table, column));
                found.extend(taken.map(|r| violation(contract, table, column, name, r, waiving)));
            }
        }
    }
    found
}

/// `column`, `table.column`, `contract.table.column`; a table as `table.` or `contract.table.`.
fn is_reserved(
    reserved: &Spanned<String>,
    contract: &Contract,
    table: &Table,
    column: Option<&Column>,
) -> bool {
    let own = [
        Some(contract.sql_name.value.as_str()),
        Some(table.name.value.as_str()),
        Some(column.map_or("", |c| c.name.value.as_str())),
    ];
    let parts: Vec<&str> = reserved.value.split('.').collect();
    let same = |own: &Option<&str>, part: &&str| own.is_some_and(|o| o.eq_ignore_ascii_case(part));
    parts.len() <= own.len()
        && own.iter().rev().zip(parts.iter().rev()).all(|(own, part)| same(own, part))
}

fn violation(
    contract: &Contract,
    table: &Table,
    column: Option<&Column>,
    name: &Spanned<String>,
    reserved: &Spanned<String>,
    waiving: &Waiving<'_>,
) -> Violation {
    let meta = &reserved_name_used::META;
    let element = match column {
        Some(column) => format!("{}.{}", table.name.value, column.name.value),
        None => table.name.value.clone(),
    };
    let ids = [contract.id.clone()];
    let case = Case { rule: meta.name, contracts: &ids, element: &element, consumer: None };
    Violation {
        code: meta.code,
        rule: meta.name,
        contract: Some(contract.id.clone()),
        message: format!("the name of {element} is reserved ('{}')", reserved.value),
        place: Some(Place { source: contract.source.clone(), span: name.span }),
        hint: Some("it meant something else once: choose another name".to_owned()),
        waived: waiving.of(&case),
        element,
    }
}

/// Rules that the settings name and that there are not.
pub fn unknown_rules(settings: &Settings) -> Vec<Diagnostic> {
    let names = || RULES.iter().map(|r| r.doc.meta.name);
    let known = |w: &&Spanned<String>| {
        !RULES.iter().any(|r| r.doc.meta.name == w.value || r.doc.meta.code == w.value)
    };
    let unknown = settings.diff.warnings.iter().filter(known);
    unknown
        .map(|word| {
            let message = format!("'{}' is no rule of change", word.value);
            let hint = nearest(&word.value, names()).map(|near| format!("did you mean '{near}'?"));
            Diagnostic::new(&bad_setting::META, &settings.source, word.span, message)
                .maybe_hint(hint)
        })
        .collect()
}
