//! Policy: what the team has agreed beyond versions.

use std::collections::HashMap;

use crate::contract::Contract;
use crate::contract::lint::rules::project_clash;
use crate::contract::model::{Column, Spanned, Table};
use crate::diagnostic::{Diagnostic, Meta, nearest};
use crate::project::{Settings, Snapshot, bad_setting};

use super::deprecation::Element;
use super::finding::{Finding, Place, Touches};
use super::report::{JudgedFinding, Violation};
use super::rules::{
    CompatRule, RULES, column_removed, column_renamed, contract_removed,
    removed_without_deprecation, reserved_name_used, table_removed, table_renamed,
};
use super::waive::{Case, Waiving};

/// Documents of one id and major: it would be unclear which of them is meant.
pub fn twice(head: &Snapshot) -> Vec<Diagnostic> {
    let mut first: HashMap<(&str, u64), &Contract> = HashMap::new();
    let mut found = Vec::new();
    for contract in &head.contracts {
        let key = (contract.id.as_str(), contract.version.major);
        if let Some(other) = first.get(&key) {
            let message = format!("contract '{}' major {} occurs twice", key.0, key.1);
            let span = contract.tree.get("id").map_or(contract.tree.span, |n| n.span);
            found.push(
                Diagnostic::new(&project_clash::META, &contract.source, span, message).hint(
                    format!(
                        "the other is {}: raise the version of one of them to {}.0.0",
                        other.source.name,
                        key.1 + 1
                    ),
                ),
            );
        } else {
            first.insert(key, contract);
        }
    }
    found
}

/// What a finding removes: an element, or the name that it was read by.
pub fn removed(finding: &Finding) -> Option<Element<'_>> {
    let is = |meta: &Meta| finding.meta == meta;
    let is_column = is(&column_removed::META) || is(&column_renamed::META);
    let is_table = is(&table_removed::META) || is(&table_renamed::META);
    match &finding.touches {
        _ if is(&contract_removed::META) => Some(Element::Contract),
        Touches::Table(table) if is_table => Some(Element::Table(table)),
        Touches::Column(table, column) if is_column => {
            // For a field inside a column, the path to it.
            let way = finding.element.split('.').skip(1).count();
            let inside = is(&column_removed::META) && way > 1;
            Some(if inside {
                Element::Inside(table, &finding.element)
            } else {
                Element::Column(table, column)
            })
        }
        _ => None,
    }
}

/// A removal that comes too early.
pub fn too_early(
    judged: &JudgedFinding,
    contract: &str,
    (reason, hint): (String, String),
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
        // Its old place is not in the head.
        place: judged.head.clone().or_else(|| judged.base.clone()),
        hint: Some(hint),
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
            let columns = table.columns.iter();
            let columns =
                columns.flat_map(|c| c.aliases.iter().chain([&c.name]).map(move |n| (Some(c), n)));
            let names = std::iter::once((None, &table.name)).chain(columns);
            for (column, name) in names {
                let taken =
                    reserved.iter().find(|r| is_reserved(r, contract, table, column.map(|_| name)));
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
    column: Option<&Spanned<String>>,
) -> bool {
    let own = [
        Some(contract.sql_name.value.as_str()),
        Some(table.name.value.as_str()),
        Some(column.map_or("", |name| name.value.as_str())),
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

/// Rules that the settings name and that do not exist.
pub fn unknown_rules(settings: &Settings) -> Vec<Diagnostic> {
    // Findings about consumers, endpoints and versions are not changes of a contract.
    let of_contracts =
        |r: &&CompatRule| r.check.is_some() || r.doc.meta.name == contract_removed::META.name;
    let changes = || RULES.iter().filter(of_contracts).map(|r| &r.doc.meta);
    let is = |meta: &Meta, word: &str| meta.name == word || meta.code == word;
    let unknown = settings.diff.warnings.iter().filter(|w| !changes().any(|m| is(m, &w.value)));
    let one = |word: &Spanned<String>| {
        let (message, hint) = match RULES.iter().any(|r| is(r.doc.meta, &word.value)) {
            true => (
                format!("'{}' is about consumers, endpoints or versions", word.value),
                Some("allow each case in waivers.yaml".to_owned()),
            ),
            false => (
                format!("'{}' is not a rule of a contract's change", word.value),
                nearest(&word.value, changes().map(|m| m.name))
                    .map(|near| format!("did you mean '{near}'?")),
            ),
        };
        Diagnostic::new(&bad_setting::META, &settings.source, word.span, message).maybe_hint(hint)
    };
    unknown.map(one).collect()
}
