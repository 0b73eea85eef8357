//! Elements of service levels: the columns that they are judged by, and the clauses that they make.
//!
//! An entry has an `element`, else that of `slaDefaultElement`; several are separated by commas. An
//! element is a reference to a column. In a contract of one table it may leave the table out.

use std::borrow::Cow;

use super::clause_id::{clause_id, sla_element_kind, sla_kind};
use super::model::{Column, Contract, Sla, Table};
use super::reference::{Resolved, column_of, fields, resolve};
use super::sla::Property;

/// Where an element leads.
#[derive(Debug)]
pub enum Element<'a> {
    /// A column.
    Column(&'a Table, &'a Column),
    /// A field inside a column.
    Inside(&'a Table, &'a Column),
    /// A table, and no column of it.
    Table(&'a Table),
    /// A table that has no such column.
    NoColumn(&'a Table, String),
    /// No table of the contract has that name.
    NoTable(String),
    /// A name that does not say which of the tables it belongs to.
    NotQualified,
    /// Another document.
    Elsewhere,
}

impl<'a> Element<'a> {
    /// Where a name leads in a contract.
    pub fn of(contract: &'a Contract, name: &str) -> Self {
        let full = qualified(contract, name);
        let table = || {
            let called = |t: &&Table| {
                [t.name.value.as_str(), t.physical()].iter().any(|n| n.eq_ignore_ascii_case(name))
            };
            contract.tables.iter().find(called)
        };
        match (resolve(contract, &full), contract.tables.as_slice()) {
            (Resolved::Column(table, column), _) => match fields(column, &full).is_empty() {
                true => Self::Column(table, column),
                false => Self::Inside(table, column),
            },
            (Resolved::NoColumn(table, missing), _) => Self::NoColumn(table, missing),
            (Resolved::Elsewhere, _) => Self::Elsewhere,
            (Resolved::NoTable(missing), _) => table().map_or(Self::NoTable(missing), Self::Table),
            (Resolved::Malformed, tables) => match (table(), tables) {
                (Some(table), _) => Self::Table(table),
                (None, [only]) => Self::NoColumn(only, name.to_owned()),
                (None, []) => Self::NoTable(name.to_owned()),
                (None, _) => Self::NotQualified,
            },
        }
    }

    /// The table that it names.
    pub fn table(&self) -> Option<&'a Table> {
        match self {
            Self::Column(table, _)
            | Self::Inside(table, _)
            | Self::Table(table)
            | Self::NoColumn(table, _) => Some(table),
            Self::NoTable(_) | Self::NotQualified | Self::Elsewhere => None,
        }
    }

    /// The column that a service level can be judged by.
    ///
    /// # Errors
    /// In words: which part of the name leads nowhere.
    pub fn column(&self, name: &str) -> Result<&'a Column, String> {
        Err(match self {
            Self::Column(_, column) => return Ok(column),
            Self::Inside(_, column) => {
                format!("'{name}' is inside column '{}'", column.name.value)
            }
            Self::Table(_) => format!("'{name}' is a table, not a column"),
            Self::NoColumn(table, missing) => {
                format!("table '{}' has no column '{missing}'", table.name.value)
            }
            Self::NoTable(missing) => format!("the contract has no table '{missing}'"),
            Self::NotQualified => format!("'{name}' does not say which table it belongs to"),
            Self::Elsewhere => format!("'{name}' is in another document"),
        })
    }
}

/// The names of a list.
pub fn listed(written: &str) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for name in written.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The elements of an entry as they are written: its own, else the default.
pub fn written<'a>(contract: &'a Contract, sla: &'a Sla) -> Option<&'a str> {
    let own = sla.element.as_ref().map(|element| element.value.as_str());
    own.or(contract.sla_element.as_deref())
}

/// An element with its table, which a contract of one table may leave out.
pub fn qualified<'n>(contract: &Contract, name: &'n str) -> Cow<'n, str> {
    let [table] = contract.tables.as_slice() else { return Cow::Borrowed(name) };
    let is_short = !matches!(resolve(contract, name), Resolved::Column(..))
        && column_of(table, name).is_some();
    match is_short {
        true => Cow::Owned(format!("{}.{name}", table.name.value)),
        false => Cow::Borrowed(name),
    }
}

/// The clauses of a service level on a table: the kind of each, and the elements that it is judged
/// by. An entry that names no table of the contract is reported once, with the first one.
pub fn clauses<'a>(
    contract: &'a Contract,
    table: &Table,
    sla: &'a Sla,
) -> Vec<(String, Vec<&'a str>)> {
    let first = contract.tables.first();
    let is_own = |of: Option<&Table>| of.or(first).is_some_and(|of| std::ptr::eq(of, table));
    let names = listed(written(contract, sla).unwrap_or_default());
    let is_nameless = names.is_empty();
    let own = names.into_iter().filter(|name| is_own(Element::of(contract, name).table()));
    let own: Vec<&str> = own.collect();
    match Property::of(sla) {
        _ if own.is_empty() && !(is_nameless && is_own(None)) => Vec::new(),
        // A row is too old by one element or by another: each has its own failing rows.
        Some(Property::Retention) if own.len() > 1 => {
            own.into_iter().map(|name| (sla_element_kind(sla, name), vec![name])).collect()
        }
        _ => vec![(sla_kind(sla), own)],
    }
}

/// The id of the first clause of a service level.
pub fn sla_clause(contract: &Contract, sla: &Sla) -> Option<String> {
    let names = listed(written(contract, sla).unwrap_or_default());
    let named = names.first().and_then(|name| Element::of(contract, name).table());
    let table = named.or(contract.tables.first())?;
    let (kind, _) = clauses(contract, table, sla).into_iter().next()?;
    Some(clause_id(table, None, &kind))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::contract::parse;
    use crate::diagnostic::Source;

    fn contract(tables: &str, more: &str) -> Contract {
        let text = format!(
            "apiVersion: v3.2.0\nkind: DataContract\nid: c\nname: c\nversion: 1.0.0\n\
             status: active\nschema:\n{tables}{more}"
        );
        parse(&Arc::new(Source::new("c", text))).contract.unwrap()
    }

    const ONE: &str = "- {name: t, physicalName: dbo.t, properties: [{name: ts}, {name: at, \
                       physicalName: Changed At}, {name: a.b}, {name: o, logicalType: object, \
                       properties: [{name: x}]}]}\n";
    const OTHER: &str = "- {name: u, properties: [{name: ts}]}\n";

    fn leads(contract: &Contract, name: &str) -> String {
        match Element::of(contract, name).column(name) {
            Ok(column) => column.name.value.clone(),
            Err(why) => why,
        }
    }

    #[test]
    fn an_element_leaves_the_table_out_only_where_there_is_one() {
        let one = contract(ONE, "");
        for (name, column) in [
            ("ts", "ts"),
            ("TS", "ts"),
            ("Changed At", "at"),
            ("a.b", "a.b"),
            ("t.ts", "ts"),
            ("dbo.t.ts", "ts"),
            ("schema/t/properties/ts", "ts"),
        ] {
            assert_eq!(leads(&one, name), column, "{name}");
        }
        let two = contract(&format!("{ONE}{OTHER}"), "");
        assert_eq!(leads(&two, "u.ts"), "ts");
        assert_eq!(leads(&two, "ts"), "'ts' does not say which table it belongs to");
    }

    #[test]
    fn an_element_that_leads_to_no_column_says_which_part_is_unknown() {
        let one = contract(ONE, "");
        for (name, why) in [
            ("tab1.ts", "the contract has no table 'tab1'"),
            ("t.x", "table 't' has no column 'x'"),
            ("x", "table 't' has no column 'x'"),
            ("t", "'t' is a table, not a column"),
            ("dbo.t", "'dbo.t' is a table, not a column"),
            ("t.o.x", "'t.o.x' is inside column 'o'"),
            ("o.x", "'o.x' is inside column 'o'"),
            (
                "other.yaml#/schema/t/properties/ts",
                "'other.yaml#/schema/t/properties/ts' is in another document",
            ),
        ] {
            assert_eq!(leads(&one, name), why, "{name}");
        }
    }

    #[test]
    fn a_retention_of_several_elements_is_a_clause_for_each() {
        let levels = "slaProperties:\n\
                      - {property: retention, value: 1, unit: y, element: 'ts, t.at, ts'}\n\
                      - {id: kept, property: re, value: 1, unit: y, element: 'ts, at'}\n\
                      - {property: latency, value: 1, unit: d, element: 'ts, at'}\n\
                      - {property: retention, value: 1, unit: y, element: ts}\n";
        let one = contract(ONE, levels);
        let kinds = |sla: &Sla| -> Vec<String> {
            clauses(&one, &one.tables[0], sla).into_iter().map(|(kind, _)| kind).collect()
        };
        let all: Vec<Vec<String>> = one.sla.iter().map(kinds).collect();
        assert_eq!(
            all,
            [
                vec!["sla-retention-ts", "sla-retention-t.at"],
                vec!["kept-ts", "kept-at"],
                vec!["sla-latency-ts, at"],
                vec!["sla-retention-ts"],
            ]
        );
        assert_eq!(sla_clause(&one, &one.sla[1]).unwrap(), "t/kept-ts");
    }

    #[test]
    fn each_table_has_the_clauses_of_its_own_elements() {
        let levels = "slaDefaultElement: u.ts\nslaProperties:\n\
                      - {property: retention, value: 1, unit: y, element: 't.ts, u.ts'}\n\
                      - {property: latency, value: 1, unit: d}\n\
                      - {property: latency, value: 1, unit: d, element: nowhere.ts}\n";
        let two = contract(&format!("{ONE}{OTHER}"), levels);
        let own = |table: usize| -> Vec<Vec<&str>> {
            let of = |sla| clauses(&two, &two.tables[table], sla);
            two.sla.iter().flat_map(of).map(|(_, elements)| elements).collect()
        };
        assert_eq!(own(0), [vec!["t.ts"], vec!["nowhere.ts"]]);
        assert_eq!(own(1), [vec!["u.ts"], vec!["u.ts"]]);
    }
}
