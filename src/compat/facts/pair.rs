//! Two versions of one contract, element beside element.
//!
//! Elements are followed by their `id`, else by their name; never by their place in a list.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::contract::Contract;
use crate::contract::model::{Column, Spanned, Table};
use crate::contract::reference::{Resolved, fields, resolve};
use crate::contract::yaml::Node;
use crate::diagnostic::{Meta, Span};

use super::elements::{AllowedList, Difference, KeyPair, LimitChange, RulePair, SlaPair};
pub use super::elements::{ColumnPair, ColumnSide, ListPair, Moment, TablePair, TableSide};
use super::executed;
use crate::compat::finding::{Bump, Effect, Finding, Place, Touches};
use crate::compat::terms::Terms;

/// Two versions of one contract.
pub struct Pair<'a> {
    /// In the base.
    pub base: &'a Contract,
    /// In the head.
    pub head: &'a Contract,
    /// Tables on both sides.
    pub tables: Vec<TablePair<'a>>,
    /// Tables that the head lacks.
    pub removed_tables: Vec<TableSide<'a>>,
    /// Tables that the base lacks.
    pub added_tables: Vec<TableSide<'a>>,
    /// Columns on both sides, nested ones after their parent.
    pub columns: Vec<Rc<ColumnPair<'a>>>,
    /// Lists of columns on both sides.
    pub lists: Vec<ListPair<'a>>,
    /// What the settings say about words of the two.
    pub terms: Terms<'a>,
    pub(super) facts: Facts<'a>,
}

/// Facts that several rules need, computed on first use.
#[derive(Default)]
pub(super) struct Facts<'a> {
    pub(super) rules: OnceCell<Vec<RulePair<'a>>>,
    pub(super) allowed: OnceCell<Vec<AllowedList>>,
    pub(super) limits: OnceCell<Vec<LimitChange<'a>>>,
    pub(super) foreign_keys: OnceCell<Vec<KeyPair<'a>>>,
    pub(super) service_levels: OnceCell<Vec<SlaPair<'a>>>,
    pub(super) rest: OnceCell<Vec<Difference>>,
}

/// Where a column is on the way down.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// In a table.
    Column,
    /// In an object.
    Field,
    /// The item of a list, the key or the value of a map.
    Inside,
}

impl<'a> Pair<'a> {
    /// Pairs two versions.
    pub fn new(base: &'a Contract, head: &'a Contract, terms: impl Into<Terms<'a>>) -> Self {
        let old = table_sides(base);
        let new = table_sides(head);
        let matched = matched(&old, &new, |s| Names {
            id: s.table.id.as_deref(),
            name: &s.table.name.value,
            aliases: &[],
        });
        let mut pair = Self {
            base,
            head,
            tables: matched
                .both
                .iter()
                .map(|(b, h)| TablePair { base: old[*b], head: new[*h] })
                .collect(),
            removed_tables: matched.removed.iter().map(|n| old[*n]).collect(),
            added_tables: matched.added.iter().map(|n| new[*n]).collect(),
            columns: Vec::new(),
            lists: Vec::new(),
            terms: terms.into(),
            facts: Facts::default(),
        };
        for table in pair.tables.clone() {
            let path = table.head.table.name.value.clone();
            let old = sides(&table.base.table.columns, table.base.node);
            let new = sides(&table.head.table.columns, table.head.node);
            let paths = (table.base.table.name.value.as_str(), path.as_str());
            pair.walk_list(table, paths, None, &old, &new);
        }
        pair
    }

    fn walk_list(
        &mut self,
        table: TablePair<'a>,
        (old_path, path): (&str, &str),
        top: Option<&'a Column>,
        old: &[ColumnSide<'a>],
        new: &[ColumnSide<'a>],
    ) {
        let mut matched = matched(old, new, |s| Names {
            id: s.column.id.as_deref(),
            name: &s.column.name.value,
            aliases: &s.column.aliases,
        });
        // Measures are computed by readers and are in no table: a column that becomes one is gone.
        let (kept, other): (Vec<_>, Vec<_>) = std::mem::take(&mut matched.both)
            .into_iter()
            .partition(|(b, h)| old[*b].column.measure == new[*h].column.measure);
        matched.both = kept;
        matched.removed.extend(other.iter().map(|(b, _)| *b));
        matched.added.extend(other.iter().map(|(_, h)| *h));
        self.lists.push(ListPair {
            table,
            path: path.to_owned(),
            top,
            removed: matched.removed.iter().map(|n| old[*n]).collect(),
            added: matched.added.iter().map(|n| new[*n]).collect(),
            order: matched.both.iter().map(|(b, _)| *b).collect(),
        });
        for (b, h) in matched.both {
            let old_path = format!("{old_path}.{}", old[b].column.name.value);
            let path = format!("{path}.{}", new[h].column.name.value);
            let top_column = top.unwrap_or(old[b].column);
            let depth = if top.is_none() { Depth::Column } else { Depth::Field };
            self.walk_column(table, (old_path, path), top_column, depth, (old[b], new[h]));
        }
    }

    fn walk_column(
        &mut self,
        table: TablePair<'a>,
        (old_path, path): (String, String),
        top: &'a Column,
        depth: Depth,
        (base, head): (ColumnSide<'a>, ColumnSide<'a>),
    ) {
        let type_change = OnceCell::new();
        self.columns.push(Rc::new(ColumnPair {
            base,
            head,
            table,
            path: path.clone(),
            old_path: old_path.clone(),
            top,
            is_top: depth == Depth::Column,
            is_named: depth != Depth::Inside,
            type_change,
        }));
        let (old, new) = (base.column, head.column);
        // A part that the type does not have is not there.
        let (fields, new_fields) = (executed::fields(old), executed::fields(new));
        if !fields.is_empty() || !new_fields.is_empty() {
            let before = sides(fields, base.node);
            let after = sides(new_fields, head.node);
            self.walk_list(table, (&old_path, &path), Some(top), &before, &after);
        }
        let inside =
            |node: &'a Node, keys: &[&str]| keys.iter().try_fold(node, |node, key| node.get(key));
        let mut nested =
            |a: Option<&'a Column>, b: Option<&'a Column>, keys: &[&str], mark: &str| {
                if let (Some(a), Some(b), Some(x), Some(y)) =
                    (a, b, inside(base.node, keys), inside(head.node, keys))
                {
                    let sides =
                        (ColumnSide { column: a, node: x }, ColumnSide { column: b, node: y });
                    let paths = (format!("{old_path}{mark}"), format!("{path}{mark}"));
                    self.walk_column(table, paths, top, Depth::Inside, sides);
                }
            };
        nested(executed::items(old), executed::items(new), &["items"], "[]");
        let maps = (executed::map(old), executed::map(new));
        nested(maps.0.map(|m| &m.0), maps.1.map(|m| &m.0), &["map", "key"], "{key}");
        nested(maps.0.map(|m| &m.1), maps.1.map(|m| &m.1), &["map", "value"], "{value}");
    }

    /// The contract of one moment.
    pub fn of(&self, moment: Moment) -> &'a Contract {
        match moment {
            Moment::Base => self.base,
            Moment::Head => self.head,
        }
    }

    /// The column that a reference of one moment leads to, by the names that the head gives, however it
    /// is written. A reference that leads to nothing on both sides stays as it is.
    pub fn path(&self, moment: Moment, reference: &str) -> String {
        let Resolved::Column(_, column) = resolve(self.of(moment), reference) else {
            return reference.to_owned();
        };
        let found = self.columns.iter().find(|c| {
            let own = match moment {
                Moment::Base => c.base.column,
                Moment::Head => c.head.column,
            };
            std::ptr::eq(own, column)
        });
        let Some(found) = found else { return reference.to_owned() };
        let path = std::iter::once(found.path.as_str()).chain(fields(column, reference));
        path.collect::<Vec<_>>().join(".")
    }

    /// A finding about an element, placed at the beginning of both documents until set otherwise.
    pub fn finding(
        &self,
        meta: &'static Meta,
        element: impl Into<String>,
        message: impl Into<String>,
    ) -> Finding {
        let place = |contract: &Contract| {
            let span = contract.tree.get("id").map_or(Span::START, |n| n.span);
            Some(Place { source: contract.source.clone(), span })
        };
        Finding {
            meta,
            contract: self.head.id.clone(),
            element: element.into(),
            message: message.into(),
            old: None,
            new: None,
            reader: Effect::Safe,
            writer: Effect::Safe,
            bump: Bump::None,
            base: place(self.base),
            head: place(self.head),
            touches: Touches::Nothing,
            clause: None,
            allowed: None,
            hint: None,
        }
    }

    /// A finding about a column of both sides, at the places of an attribute.
    pub fn of_column(
        &self,
        meta: &'static Meta,
        column: &ColumnPair<'_>,
        key: &str,
        message: impl Into<String>,
    ) -> Finding {
        self.finding(meta, column.path.clone(), message)
            .was(None, column.base.span(key))
            .is(None, column.head.span(key))
            .touching(column.touches())
    }

    /// A finding about a table of both sides, at its names.
    pub fn of_table(
        &self,
        meta: &'static Meta,
        table: &TablePair<'_>,
        message: impl Into<String>,
    ) -> Finding {
        let name = |side: TableSide<'_>| side.table.name.span;
        self.finding(meta, table.head.table.name.value.clone(), message)
            .was(None, name(table.base))
            .is(None, name(table.head))
            .touching(Touches::Table(table.base.table.name.value.clone()))
    }
}

fn table_sides(contract: &Contract) -> Vec<TableSide<'_>> {
    let nodes = contract.tree.get("schema").map(Node::items).unwrap_or_default();
    let at = |table: &Table| nodes.iter().find(|n| name_span(n) == Some(table.name.span));
    contract.tables.iter().filter_map(|table| Some(TableSide { table, node: at(table)? })).collect()
}

/// Columns beside the nodes of `properties`. Faulty nodes have no column: both lists run forward.
fn sides<'a>(columns: &'a [Column], node: &'a Node) -> Vec<ColumnSide<'a>> {
    let mut nodes = node.get("properties").map(Node::items).unwrap_or_default().iter();
    columns
        .iter()
        .filter_map(|column| {
            let node = nodes.find(|n| name_span(n) == Some(column.name.span))?;
            Some(ColumnSide { column, node })
        })
        .collect()
}

fn name_span(node: &Node) -> Option<Span> {
    node.get("name").map(|n| n.span)
}

/// Which items of two lists are the same.
struct Matched {
    /// Of both lists, in the order of the head.
    both: Vec<(usize, usize)>,
    removed: Vec<usize>,
    added: Vec<usize>,
}

/// What identifies an item.
struct Names<'a> {
    id: Option<&'a str>,
    name: &'a str,
    aliases: &'a [Spanned<String>],
}

/// Matches items by id, then by name, then by name in any case, then by an old name that stays readable.
fn matched<'a, T>(base: &[T], head: &[T], key: impl Fn(&T) -> Names<'a>) -> Matched {
    let mut of_head: Vec<Option<usize>> = vec![None; head.len()];
    let mut taken = vec![false; base.len()];
    let mut pass = |name: &dyn Fn(&T) -> Option<String>| {
        let mut index: HashMap<String, usize> = HashMap::new();
        for (n, item) in base.iter().enumerate().rev().filter(|(n, _)| !taken[*n]) {
            if let Some(name) = name(item) {
                index.insert(name, n);
            }
        }
        for (h, item) in head.iter().enumerate() {
            let Some(b) =
                name(item).filter(|_| of_head[h].is_none()).and_then(|n| index.remove(&n))
            else {
                continue;
            };
            of_head[h] = Some(b);
            taken[b] = true;
        }
    };
    pass(&|item| key(item).id.map(str::to_owned));
    pass(&|item| Some(key(item).name.to_owned()));
    pass(&|item| Some(key(item).name.to_ascii_lowercase()));
    // An alias says which column an old name belongs to.
    for (h, item) in head.iter().enumerate() {
        let old: Vec<String> =
            key(item).aliases.iter().map(|a| a.value.to_ascii_lowercase()).collect();
        if old.is_empty() || of_head[h].is_some() {
            continue;
        }
        let is_old = |b: &T| old.contains(&key(b).name.to_ascii_lowercase());
        if let Some(b) = (0..base.len()).find(|b| !taken[*b] && is_old(&base[*b])) {
            of_head[h] = Some(b);
            taken[b] = true;
        }
    }
    Matched {
        both: of_head.iter().enumerate().filter_map(|(h, b)| Some(((*b)?, h))).collect(),
        removed: (0..base.len()).filter(|n| !taken[*n]).collect(),
        added: (0..head.len()).filter(|n| of_head[*n].is_none()).collect(),
    }
}

/// One pass of matching.
pub(super) struct Pass<'a, T> {
    /// What two items must share; none where an item does not take part in the pass.
    pub key: &'a dyn Fn(Moment, &T) -> Option<String>,
    /// Whether two that share it are the same.
    pub same: &'a dyn Fn(&T, &T) -> bool,
}

/// Matches items in passes, from the surest to the vaguest: for each item of the head the matching
/// one of the base, and the unmatched items of the base.
pub(super) fn matched_in_passes<T>(
    base: Vec<T>,
    head: &[T],
    passes: &[Pass<'_, T>],
) -> (Vec<Option<T>>, Vec<T>) {
    let mut left: Vec<Option<T>> = base.into_iter().map(Some).collect();
    let mut found: Vec<Option<T>> = head.iter().map(|_| None).collect();
    for pass in passes {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (n, item) in left.iter().enumerate() {
            if let Some(key) = item.as_ref().and_then(|item| (pass.key)(Moment::Base, item)) {
                places.entry(key).or_default().push(n);
            }
        }
        for (found, item) in found.iter_mut().zip(head).filter(|(found, _)| found.is_none()) {
            let key = (pass.key)(Moment::Head, item);
            let Some(places) = key.and_then(|key| places.get_mut(&key)) else { continue };
            let is_same = |n: &usize| left[*n].as_ref().is_some_and(|b| (pass.same)(b, item));
            if let Some(at) = places.iter().position(is_same) {
                *found = left[places.remove(at)].take();
            }
        }
    }
    (found, left.into_iter().flatten().collect())
}
