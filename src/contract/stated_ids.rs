//! The ids of all that a contract states, with their places, so that two of one id are found.

use crate::diagnostic::Span;

use super::Contract;
use super::clause_id::{
    COLUMN_KINDS, TABLE_KINDS, clause_id, option_kind, relationship_kind, rule_kind, warning_id,
};
use super::element;
use super::model::{Column, QualityRule, Relationship, Table};

/// The ids of everything that a contract states about a table, in the order in which clauses take
/// them: what is stated inside a column comes after all columns.
pub(super) fn of_table(contract: &Contract, table: &Table) -> Vec<(String, Span)> {
    let mut ids = Ids { table, found: Vec::new() };
    for kind in TABLE_KINDS {
        ids.found.push((clause_id(table, None, kind), table.name.span));
    }
    ids.stated(None, &table.quality, &table.relationships);
    for sla in &contract.sla {
        for (kind, _) in element::clauses(contract, table, sla) {
            ids.found.push((clause_id(table, None, &kind), sla.span));
        }
    }
    // Another rule handles columns of one name or id.
    let mut columns: Vec<&Column> = Vec::new();
    for column in &table.columns {
        if !columns.iter().any(|other| other.element() == column.element()) {
            columns.push(column);
        }
    }
    for column in &columns {
        ids.column(column.element(), column);
    }
    for column in &columns {
        ids.inside(column.element(), column);
    }
    ids.found
}

struct Ids<'a> {
    table: &'a Table,
    found: Vec<(String, Span)>,
}

impl Ids<'_> {
    fn column(&mut self, element: &str, column: &Column) {
        let table = self.table.element();
        let mut add = |kind: &str, span: Span| {
            self.found.push((format!("{table}/{element}/{kind}"), span));
        };
        for kind in COLUMN_KINDS {
            add(kind, column.name.span);
        }
        for (kind, span) in [("required", column.required), ("unique", column.unique)] {
            span.into_iter().for_each(|span| add(kind, span));
        }
        if let Some(allowed) = &column.allowed {
            add("enum", allowed.span);
        }
        for (key, node) in column.options.iter() {
            add(option_kind(key), node.span);
        }
        self.stated(Some(element), &column.quality, &column.relationships);
    }

    fn stated(
        &mut self,
        element: Option<&str>,
        rules: &[QualityRule],
        relationships: &[Relationship],
    ) {
        let table = self.table.element();
        let id = |kind: String| match element {
            Some(element) => format!("{table}/{element}/{kind}"),
            None => format!("{table}/{kind}"),
        };
        for rule in rules {
            let of_rule = id(rule_kind(rule));
            let warns = !rule.warning.is_empty();
            let warning = warns.then(|| (warning_id(&of_rule), rule.node.span));
            self.found.push((of_rule, rule.node.span));
            self.found.extend(warning);
        }
        for one in relationships {
            self.found.push((id(relationship_kind(one)), one.span));
        }
    }

    /// What is stated inside a column; fields of one name have a rule of their own.
    fn inside(&mut self, element: &str, column: &Column) {
        let items = column.items.iter().map(|items| ("items", items.as_ref()));
        let fields = column.properties.iter().map(|field| (field.element(), field));
        let entries = column.map.iter().flat_map(|map| [("key", &map.0), ("value", &map.1)]);
        let mut names: Vec<&str> = Vec::new();
        for (name, inner) in items.chain(fields).chain(entries) {
            if names.contains(&name) {
                continue;
            }
            names.push(name);
            let element = format!("{element}.{name}");
            self.column(&element, inner);
            self.inside(&element, inner);
        }
    }
}
