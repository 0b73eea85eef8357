//! Foreign keys on both sides: which is which, through renames.

use crate::contract::Contract;
use crate::contract::clause_id::{clause_id, relationship_kind};
use crate::contract::model::{Column, Relationship};
use crate::contract::reference::{Resolved, fields, resolve};
use crate::diagnostic::{Meta, Span};

use super::finding::Finding;
use super::pair::{Pair, Same, TablePair, matched_in_passes};

/// A foreign key as one side has it.
#[derive(Clone)]
pub struct Key<'a> {
    /// The relationship.
    pub relationship: &'a Relationship,
    /// The child's columns, by the names of the head.
    from: Vec<String>,
    /// What it points to, by the names of the head.
    to: Vec<String>,
    clause: Option<String>,
}

/// A foreign key on both sides, or on one.
pub struct KeyPair<'a> {
    /// Its table.
    pub table: TablePair<'a>,
    /// As it was.
    pub base: Option<Key<'a>>,
    /// As it is.
    pub head: Option<Key<'a>>,
}

impl KeyPair<'_> {
    /// Whether it stands on both sides and points elsewhere.
    pub fn retargeted(&self) -> bool {
        matches!((&self.base, &self.head), (Some(old), Some(new)) if old.to != new.to || old.from != new.from)
    }

    /// The child's columns: what findings and waivers call it.
    pub fn element(&self) -> String {
        let key = self.head.as_ref().or(self.base.as_ref());
        key.map(|k| k.from.join("+")).unwrap_or_default()
    }

    /// A finding at the key's places; at its table's on the side that lacks it.
    pub fn finding(&self, pair: &Pair<'_>, meta: &'static Meta, message: &str) -> Finding {
        let words = |key: &Key<'_>| {
            let to: Vec<&str> = key.relationship.to.iter().map(|t| t.value.as_str()).collect();
            format!("{} to {}", key.from.join(", "), to.join(", "))
        };
        let at = |key: &Option<Key<'_>>, otherwise: Span| {
            key.as_ref().map_or(otherwise, |k| k.relationship.span)
        };
        let mut finding = pair
            .of_table(meta, &self.table, message)
            .was(self.base.as_ref().map(words), at(&self.base, self.table.base.table.name.span))
            .is(self.head.as_ref().map(words), at(&self.head, self.table.head.table.name.span));
        finding.element = self.element();
        finding.clause = self.head.as_ref().and_then(|k| k.clause.clone());
        finding
    }
}

/// Every foreign key: matched by id, by columns and target, by columns.
pub fn pairs<'a>(pair: &'a Pair<'a>) -> Vec<KeyPair<'a>> {
    let mut all = Vec::new();
    for table in &pair.tables {
        let right = keys(pair, table, false);
        let passes: [Same<'_, Key<'_>>; 3] = [
            &|b, h| b.relationship.id.is_some() && b.relationship.id == h.relationship.id,
            &|b, h| b.from == h.from && b.to == h.to,
            &|b, h| b.from == h.from,
        ];
        let (found, left) = matched_in_passes(keys(pair, table, true), &right, &passes);
        let both = right.into_iter().zip(found).map(|(head, base)| (base, Some(head)));
        let gone = left.into_iter().map(|base| (Some(base), None));
        all.extend(both.chain(gone).map(|(base, head)| KeyPair { table: *table, base, head }));
    }
    all
}

fn keys<'a>(pair: &'a Pair<'a>, table: &TablePair<'a>, of_base: bool) -> Vec<Key<'a>> {
    let (contract, own) = match of_base {
        true => (pair.base, table.base.table),
        false => (pair.head, table.head.table),
    };
    let mut keys = Vec::new();
    for relationship in &own.relationships {
        let from = relationship.from.iter().map(|r| path(pair, contract, &r.value, of_base));
        let clause = clause_id(own, None, &relationship_kind(relationship));
        keys.push(key(pair, of_base, relationship, from.collect(), Some(clause)));
    }
    for column in pair.columns.iter().filter(|c| std::ptr::eq(c.table.head.table, table.head.table))
    {
        let side = if of_base { column.base.column } else { column.head.column };
        for relationship in &side.relationships {
            let kind = relationship_kind(relationship);
            let clause = column.is_top.then(|| clause_id(own, Some(side), &kind));
            keys.push(key(pair, of_base, relationship, vec![column.path.clone()], clause));
        }
    }
    keys
}

fn key<'a>(
    pair: &Pair<'_>,
    of_base: bool,
    relationship: &'a Relationship,
    from: Vec<String>,
    clause: Option<String>,
) -> Key<'a> {
    let contract = if of_base { pair.base } else { pair.head };
    let to = relationship.to.iter().map(|r| path(pair, contract, &r.value, of_base)).collect();
    Key { relationship, from, to, clause }
}

/// The column that a reference leads to, by the names that the head gives, however it is written.
fn path(pair: &Pair<'_>, contract: &Contract, reference: &str, of_base: bool) -> String {
    let Resolved::Column(_, column) = resolve(contract, reference) else {
        return reference.to_owned();
    };
    let same = |own: &Column| std::ptr::eq(own, column);
    let found = pair.columns.iter().find(|c| match of_base {
        true => same(c.base.column),
        false => same(c.head.column),
    });
    let Some(found) = found else { return reference.to_owned() };
    std::iter::once(found.path.as_str()).chain(fields(reference)).collect::<Vec<_>>().join(".")
}
