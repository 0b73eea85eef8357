//! Impact: what depends on a contract, a table or a column.

use serde::Serialize;

use crate::check::clause_list;
use crate::contract::Contract;
use crate::contract::clause_id::{clause_id, relationship_kind, rule_kind};
use crate::contract::element::{self, Element};
use crate::contract::lint::all_rules;
use crate::contract::model::{Column, Table};
use crate::contract::reference::{Resolved, resolve};
use crate::error::{Error, Result};
use crate::query::{ConsumerPlan, Served};

use super::landscape::{Landscape, Reader};

/// A clause that mentions the element.
#[derive(Debug, Serialize)]
pub struct Mention {
    /// The clause's id.
    pub clause: String,
    /// What it asks for.
    pub expected: String,
    /// Where the contract says it.
    #[serde(rename = "where")]
    pub place: String,
}

/// What is asked about.
pub struct Target<'a> {
    served: &'a Served,
    table: Option<&'a Table>,
    column: Option<&'a Column>,
}

impl<'a> Target<'a> {
    /// What a name means: a contract, a table of one, or a column.
    ///
    /// # Errors
    /// When there is none; the nearest is in the hint.
    pub fn find(landscape: &'a Landscape, name: &str) -> Result<Self> {
        let catalog = landscape.gateway.catalog();
        // An id may contain dots: the longest existing name counts.
        let ends = name.match_indices('.').map(|(at, _)| at).chain([name.len()]);
        let known = ends.filter_map(|end| Some((catalog.find(&name[..end]).ok()?, end)));
        let (served, end) = match known.reduce(|_, longer| longer) {
            Some(known) => known,
            None => (catalog.find(name.split('.').next().unwrap_or(name))?, name.len()),
        };
        let rest: Vec<&str> = name[end..].split('.').filter(|part| !part.is_empty()).collect();
        if rest.len() > 2 {
            return Err(Error::usage("bad-name", format!("'{name}' has too many parts"))
                .hint("contract, contract.table or contract.table.column"));
        }
        let table = match rest.first() {
            Some(table) => Some(crate::check::find_table(&served.contract, table)?),
            None => None,
        };
        let column = match (table, rest.get(1)) {
            (Some(table), Some(column)) => Some(find_column(table, column)?),
            _ => None,
        };
        Ok(Self { served, table, column })
    }

    /// Whether a consumer reads it.
    pub fn is_read(&self, reader: &Reader) -> bool {
        let Ok(plan) = &reader.plan else { return false };
        let contract = &self.served.contract;
        let own = |id: &str, major: u64| id == contract.id && major == contract.version.major;
        match (self.table, self.column) {
            (Some(table), Some(column)) => reads_column(plan, &own, table, column),
            (table, _) => plan.tables.iter().any(|t| {
                own(&t.contract, t.major) && table.is_none_or(|table| table.name.value == t.table)
            }),
        }
    }

    /// The clauses about it; those of SQL rules and tables are named with their table.
    pub fn clauses(&self) -> Vec<Mention> {
        let contract = &self.served.contract;
        let tables = contract.tables.iter();
        let tables = tables.filter(|t| self.table.is_none_or(|own| std::ptr::eq(own, *t)));
        let mut found = Vec::new();
        for table in tables {
            for clause in clause_list(contract, table) {
                let own = match self.column {
                    None => true,
                    Some(column) => mentions(&clause, table, column),
                };
                if own {
                    let place = format!("{}:{}:1", contract.source.name, clause.line);
                    found.push(Mention { clause: clause.id, expected: clause.expected, place });
                }
            }
        }
        if let (Some(table), Some(column)) = (self.table, self.column) {
            found.extend(around(contract, table, column));
        }
        found
    }
}

/// What mentions a column without being a clause on it: rules that look at some rows by it, service
/// levels, foreign keys that lead to it.
fn around(contract: &Contract, table: &Table, column: &Column) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut push = |clause: String, expected: String, line: usize| {
        let place = format!("{}:{line}:1", contract.source.name);
        found.push(Mention { clause, expected, place });
    };
    for (of, own, rule) in all_rules(contract).filter(|(of, ..)| std::ptr::eq(*of, table)) {
        let filter = rule.filter.as_ref().filter(|f| has_word(&f.value, &column.name.value));
        if let Some(filter) = filter.filter(|_| !own.is_some_and(|own| std::ptr::eq(own, column))) {
            let id = clause_id(of, own, &rule_kind(rule));
            push(id, format!("rows where {}", filter.value), filter.span.line);
        }
    }
    let name = format!("{}.{}", table.name.value, column.name.value);
    for sla in &contract.sla {
        let names = element::listed(element::written(contract, sla).unwrap_or_default());
        let leads = |name: &str| match Element::of(contract, name) {
            Element::Column(_, led) | Element::Inside(_, led) => std::ptr::eq(led, column),
            _ => false,
        };
        if names.into_iter().any(leads) {
            let value = format!(
                "{} {}",
                sla.value.clone().unwrap_or_default(),
                sla.unit.clone().unwrap_or_default()
            );
            push(format!("slaProperties/{}", sla.property), value.trim().to_owned(), sla.span.line);
        }
    }
    let of_tables = contract.tables.iter().flat_map(|t| {
        let of_columns = t.columns.iter().flat_map(|c| &c.relationships);
        t.relationships.iter().chain(of_columns).map(move |r| (t, r))
    });
    for (child, relationship) in of_tables {
        for to in &relationship.to {
            let leads = matches!(resolve(contract, &to.value), Resolved::Column(_, key) if std::ptr::eq(key, column));
            if leads {
                let id = clause_id(child, None, &relationship_kind(relationship));
                push(id, format!("foreign key to {name}"), to.span.line);
            }
        }
    }
    found
}

fn has_word(text: &str, word: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.split(|c| !is_word(c)).any(|part| part.eq_ignore_ascii_case(word))
}

/// Whether a clause is about a column: its own, a key that it is part of, or SQL that names it.
fn mentions(clause: &crate::check::Statement, table: &Table, column: &Column) -> bool {
    let name = &column.name.value;
    let inside = |own: &str| own == name || own.starts_with(&format!("{name}."));
    if clause.column.as_deref().is_some_and(inside) {
        return true;
    }
    if clause.kind == "primaryKey" {
        return table.primary_key().iter().any(|c| std::ptr::eq(*c, column));
    }
    clause.column.is_none() && has_word(&clause.expected, name)
}

fn reads_column(
    plan: &ConsumerPlan,
    own: &dyn Fn(&str, u64) -> bool,
    table: &Table,
    column: &Column,
) -> bool {
    plan.reads.iter().any(|read| {
        own(&read.of.contract, read.of.major)
            && read.of.table == table.name.value
            && read.column == column.name.value
    })
}

fn find_column<'a>(table: &'a Table, name: &str) -> Result<&'a Column> {
    let alias = |c: &&Column| c.aliases.iter().any(|a| a.value.eq_ignore_ascii_case(name));
    table.column(name).or_else(|| table.columns.iter().find(alias)).ok_or_else(|| {
        let names = table.columns.iter().map(|c| c.name.value.as_str());
        let message = format!("table '{}' has no column '{name}'", table.name.value);
        let error = Error::usage("unknown-column", message);
        match crate::diagnostic::nearest(name, names.clone()) {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error.hint(format!("columns: {}", names.collect::<Vec<_>>().join(", "))),
        }
    })
}
