//! Lint: what is wrong with a contract although it has the standard's form.
//!
//! Each rule is one file under `rules/`; this module runs them and walks contracts for them.

pub mod rules;

use crate::diagnostic::{Diagnostic, Severity, Span, has_errors};
use crate::error::{Error, Result};

use super::model::{Column, Contract, QualityRule, Table};
use super::unread;
use super::yaml::Node;

/// Everything found in one contract by itself.
pub fn contract(contract: &Contract) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for check in rules::RULES.iter().filter_map(|rule| rule.check) {
        check(contract, &mut found);
    }
    found
}

/// Everything found between the contracts of one project.
pub fn project(contracts: &[Contract]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    rules::project_clash::check_project(contracts, &mut found);
    found
}

/// What is wrong with one contract beside the others of its project.
pub fn beside(contract: &Contract, others: &[&Contract]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    rules::project_clash::check_beside(contract, others, &mut found);
    found
}

/// What relationships of a contract say of documents that are not its own, among the contracts that
/// they can lead to.
pub fn references(contract: &Contract, neighbours: &[Contract]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    rules::broken_reference::check_elsewhere(contract, neighbours, &mut found);
    found
}

/// Refuses a contract, whatever its origin, whose tables cannot be stored under their names or
/// found by them.
///
/// # Errors
/// With everything that is wrong with its names.
pub fn refuse_unusable_names(contract: &Contract) -> Result<()> {
    let mut found = Vec::new();
    for check in [
        rules::unusable_name::check,
        rules::reserved_name::check,
        rules::duplicate_id::check,
        rules::name_case_clash::check,
        rules::physical_name_clash::check,
    ] {
        check(contract, &mut found);
    }
    match has_errors(&found) {
        true => Err(Error::invalid(found)),
        false => Ok(()),
    }
}

/// Refuses a contract whose columns a Delta table cannot hold under their names: they can be
/// checked, but not published.
///
/// # Errors
/// With every column that needs another name.
pub fn refuse_unpublishable_names(contract: &Contract) -> Result<()> {
    let mut found = Vec::new();
    rules::delta_name::check(contract, &mut found);
    let found: Vec<_> = found.into_iter().map(|found| found.severity(Severity::Error)).collect();
    match found.is_empty() {
        true => Ok(()),
        false => Err(Error::invalid(found)),
    }
}

/// Every column of a contract, nested ones after their parent.
pub(crate) fn all_columns(contract: &Contract) -> Vec<&Column> {
    contract.tables.iter().flat_map(|t| &t.columns).flat_map(with_nested).collect()
}

/// Every column of a contract with the way to it: `order.items.price`.
pub(crate) fn all_places(contract: &Contract) -> Vec<(String, &Column)> {
    let mut all = Vec::new();
    for column in contract.tables.iter().flat_map(|t| &t.columns) {
        with_places(column.name.value.clone(), column, &mut all);
    }
    all
}

fn with_places<'a>(place: String, column: &'a Column, all: &mut Vec<(String, &'a Column)>) {
    let fields = column.properties.iter().map(|field| (field.name.value.as_str(), field));
    let items = column.items.iter().map(|items| ("items", &**items));
    let entries = column.map.iter().flat_map(|map| [("key", &map.0), ("value", &map.1)]);
    let inner: Vec<(String, &Column)> = fields
        .chain(items)
        .chain(entries)
        .map(|(name, column)| (format!("{place}.{name}"), column))
        .collect();
    all.push((place, column));
    inner.into_iter().for_each(|(place, column)| with_places(place, column, all));
}

/// The way to a column of a contract.
pub(crate) fn place_of(contract: &Contract, column: &Column) -> String {
    let found = all_places(contract).into_iter().find(|(_, other)| std::ptr::eq(*other, column));
    found.map_or_else(|| column.name.value.clone(), |(place, _)| place)
}

/// A column, and every column inside it.
fn with_nested(column: &Column) -> Vec<&Column> {
    let mut all = vec![column];
    all.extend(column.properties.iter().flat_map(with_nested));
    all.extend(column.items.iter().flat_map(|item| with_nested(item)));
    let entries = column.map.iter().flat_map(|map| [&map.0, &map.1]);
    all.extend(entries.flat_map(with_nested));
    all
}

/// Every classification in a column, including nested ones.
pub(crate) fn classifications(column: &Column) -> Vec<String> {
    with_nested(column).into_iter().filter_map(|c| c.classification.clone()).collect()
}

/// Every quality rule with its table and, on a column or inside one, its column.
pub(crate) fn all_rules(
    contract: &Contract,
) -> impl Iterator<Item = (&Table, Option<&Column>, &QualityRule)> {
    contract.tables.iter().flat_map(|table| {
        let of_table = table.quality.iter().map(move |rule| (table, None, rule));
        let of_columns = table
            .columns
            .iter()
            .flat_map(with_nested)
            .flat_map(move |c| c.quality.iter().map(move |rule| (table, Some(c), rule)));
        of_table.chain(of_columns)
    })
}

/// Every pattern with its place: of options that are executed, and of rules.
pub(crate) fn all_patterns(contract: &Contract) -> Vec<(String, Span)> {
    let text = |node: &Node| Some((node.as_str()?.to_owned(), node.span));
    let of_options =
        all_columns(contract).into_iter().filter_map(|c| text(unread::executed(c).get("pattern")?));
    let of_rules = all_rules(contract)
        .filter_map(|(_, _, rule)| text(rule.arguments.as_ref()?.get("pattern")?));
    of_options.chain(of_rules).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::contract::parse;
    use crate::diagnostic::Source;

    use super::*;

    /// A document by its id, SQL name, table and further keys of the table's only column.
    fn refused(id: &str, name: &str, table: &str, column: &str) -> Option<&'static str> {
        let text = format!(
            "apiVersion: v3.2.0\nkind: DataContract\nid: {id}\nname: {name}\nversion: 1.0.0\n\
             schema:\n- {{{table}, properties: [{{name: a{column}}}]}}\n"
        );
        let parsed = parse(&Arc::new(Source::new("c.odcs.yaml", text)));
        let error = refuse_unusable_names(&parsed.contract.unwrap()).err()?;
        assert_eq!(error.code(), "invalid-document");
        error.diagnostics().first().map(|found| found.meta.name)
    }

    #[test]
    fn every_kind_of_unusable_name_is_refused_however_the_contract_was_read() {
        let alias = ", customProperties: [{property: aliases, value: [A]}]";
        for (id, name, table, column, rule) in [
            ("''", "c", "name: t", "", "unusable-name"),
            ("c", "pactum", "name: t", "", "reserved-name"),
            ("c", "c", "name: _t", "", "unusable-name"),
            ("c", "c", "name: t, physicalName: ''", "", "unusable-name"),
            ("c", "c", "name: t", alias, "name-case-clash"),
            ("c", "c", "name: t", "}, {name: b, physicalName: a", "physical-name-clash"),
            ("c", "c", "name: t", "}, {name: a", "duplicate-id"),
        ] {
            assert_eq!(
                refused(id, name, table, column),
                Some(rule),
                "{id} {name} {table} {column}"
            );
        }
        for column in
            ["", ", physicalName: 'a b'", "}, {name: 'b c'", "}, {name: b, physicalName: A"]
        {
            assert_eq!(refused("c", "c", "name: t", column), None, "{column}");
        }
    }

    #[test]
    fn a_name_that_delta_forbids_is_refused_only_where_it_would_be_stored() {
        let unpublishable = |columns: &str| {
            let text = format!(
                "apiVersion: v3.2.0\nkind: DataContract\nid: c\nname: c\nversion: 1.0.0\n\
                 schema:\n- {{name: t, properties: [{columns}]}}\n"
            );
            let parsed = parse(&Arc::new(Source::new("c.odcs.yaml", text)));
            let refused = refuse_unpublishable_names(&parsed.contract.unwrap());
            let found = refused.err().map(|error| error.diagnostics().to_vec());
            let hint = |d: Diagnostic| d.hint.unwrap_or_default();
            found.unwrap_or_default().into_iter().map(hint).collect::<Vec<_>>()
        };
        assert_eq!(
            unpublishable("{name: Phone No.}, {name: 'Body Mass (g)'}"),
            [
                "name: phone_no, physicalName: 'Phone No.'",
                "name: body_mass_g, physicalName: 'Body Mass (g)'"
            ]
        );
        assert_eq!(
            unpublishable("{name: a}, {name: b c, physicalName: 'A '}, {name: A_}"),
            ["name: a_2, physicalName: 'A '"]
        );
        assert_eq!(
            unpublishable("{name: a, physicalName: 'x y'}, {name: b, physicalName: a}"),
            ["name: a_2, physicalName: a"]
        );
        assert_eq!(
            unpublishable("{name: o, logicalType: object, properties: [{name: a b}]}"),
            ["rename the field in the file too, and write name: a_b"]
        );
        for columns in [
            "{name: phone_no, physicalName: Phone No.}",
            "{name: Phone No., physicalName: phone_no}",
            "{name: a}, {name: a_2, physicalName: A}",
            "{name: a.b}, {name: 'it''s'}, {name: \"a\\\"b\"}, {name: Gr\u{f6}\u{df}e}",
        ] {
            assert_eq!(unpublishable(columns), Vec::<String>::new(), "{columns}");
        }
    }
}
