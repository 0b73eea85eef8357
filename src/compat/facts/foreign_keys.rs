//! Foreign keys on both sides: which is which, through renames.

use crate::contract::Contract;
use crate::contract::clause_id::{clause_id, relationship_kind};
use crate::contract::model::Relationship;
use crate::diagnostic::{Meta, Span};

pub use super::elements::{Key, KeyPair};
use super::pair::{Moment, Pair, Pass, TablePair, matched_in_passes};
use crate::compat::finding::Finding;

impl Key<'_> {
    /// Which column points to which, in whatever order they are written.
    fn links(&self) -> Vec<(String, String)> {
        let both = self.from.iter().zip(&self.to);
        let mut links: Vec<_> =
            both.map(|(a, b)| (a.to_ascii_lowercase(), b.to_ascii_lowercase())).collect();
        links.sort();
        links
    }

    fn children(&self) -> Vec<String> {
        let mut children: Vec<_> = self.from.iter().map(|name| name.to_ascii_lowercase()).collect();
        children.sort();
        children
    }
}

impl KeyPair<'_> {
    /// Whether it is on both sides and points elsewhere.
    pub fn retargeted(&self) -> bool {
        matches!((&self.base, &self.head), (Some(old), Some(new)) if old.links() != new.links())
    }

    /// The child's columns: what findings and waivers call it.
    pub fn element(&self) -> String {
        let key = self.head.as_ref().or(self.base.as_ref());
        key.map(|k| k.from.join("+")).unwrap_or_default()
    }

    /// A finding at the key's places; on the side that lacks it, at its table's.
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

/// Every foreign key that is executed on a side: matched by id, by columns and target, by columns.
pub fn pairs<'a>(pair: &Pair<'a>) -> Vec<KeyPair<'a>> {
    let mut all = Vec::new();
    for table in &pair.tables {
        let right = keys(pair, table, Moment::Head);
        let always = |_: &Key<'_>, _: &Key<'_>| true;
        let passes: [Pass<'_, Key<'_>>; 3] = [
            Pass { key: &|_, key| key.relationship.id.clone(), same: &always },
            Pass { key: &|_, key| Some(format!("{:?}", key.links())), same: &always },
            Pass { key: &|_, key| Some(format!("{:?}", key.children())), same: &always },
        ];
        let (found, left) = matched_in_passes(keys(pair, table, Moment::Base), &right, &passes);
        let both = right.into_iter().zip(found).map(|(head, base)| (base, Some(head)));
        let gone = left.into_iter().map(|base| (Some(base), None));
        // One with a variable that nothing fills leads nowhere.
        let is_idle =
            |key: &Key<'_>, of: &Contract| of.unfilled.contains_key(&key.relationship.span.start);
        let executed = both.chain(gone).map(|(base, head): (Option<Key<'a>>, Option<Key<'a>>)| {
            let is_unexecuted = head.as_ref().is_some_and(|key| is_idle(key, pair.head));
            let base = base.filter(|key| !is_idle(key, pair.base));
            let head = head.filter(|_| !is_unexecuted);
            KeyPair { table: *table, base, head, is_unexecuted }
        });
        all.extend(executed.filter(|key| key.base.is_some() || key.head.is_some()));
    }
    all
}

fn keys<'a>(pair: &Pair<'a>, table: &TablePair<'a>, of: Moment) -> Vec<Key<'a>> {
    let own = match of {
        Moment::Base => table.base.table,
        Moment::Head => table.head.table,
    };
    let mut keys = Vec::new();
    for relationship in &own.relationships {
        let from = relationship.from.iter().map(|r| pair.path(of, &r.value));
        let clause = clause_id(own, None, &relationship_kind(relationship));
        keys.push(key(pair, of, relationship, from.collect(), Some(clause)));
    }
    for column in pair.columns.iter().filter(|c| std::ptr::eq(c.table.head.table, table.head.table))
    {
        let side = match of {
            Moment::Base => column.base.column,
            Moment::Head => column.head.column,
        };
        for relationship in &side.relationships {
            let kind = relationship_kind(relationship);
            let clause = column.is_top.then(|| clause_id(own, Some(side), &kind));
            keys.push(key(pair, of, relationship, vec![column.path.clone()], clause));
        }
    }
    keys
}

fn key<'a>(
    pair: &Pair<'_>,
    of: Moment,
    relationship: &'a Relationship,
    from: Vec<String>,
    clause: Option<String>,
) -> Key<'a> {
    let to = relationship.to.iter().map(|r| pair.path(of, &r.value)).collect();
    Key { relationship, from, to, clause }
}

impl<'a> Pair<'a> {
    /// Foreign keys, side by side.
    pub fn foreign_keys(&self) -> &[KeyPair<'a>] {
        self.facts.foreign_keys.get_or_init(|| pairs(self))
    }
}
