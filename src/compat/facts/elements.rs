//! Elements of two versions side by side, and what differs between them.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::compat::finding::Touches;
use crate::contract::model::{Column, QualityRule, Relationship, Sla, Table};
use crate::contract::yaml::Node;
use crate::diagnostic::Span;

use super::relation::Relation;

/// One of the two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// In the base.
    Base,
    /// In the head.
    Head,
}

/// A table with its node in the document.
#[derive(Debug, Clone, Copy)]
pub struct TableSide<'a> {
    /// The table.
    pub table: &'a Table,
    /// Its node.
    pub node: &'a Node,
}

/// A column with its node in the document.
#[derive(Debug, Clone, Copy)]
pub struct ColumnSide<'a> {
    /// The column.
    pub column: &'a Column,
    /// Its node.
    pub node: &'a Node,
}

impl ColumnSide<'_> {
    /// The place of an attribute; of the column's name where it is not written.
    pub fn span(&self, key: &str) -> Span {
        self.node.get(key).map_or(self.column.name.span, |n| n.span)
    }
}

/// A table on both sides.
#[derive(Debug, Clone, Copy)]
pub struct TablePair<'a> {
    /// In the base.
    pub base: TableSide<'a>,
    /// In the head.
    pub head: TableSide<'a>,
}

/// A column on both sides, at any depth.
#[derive(Debug)]
pub struct ColumnPair<'a> {
    /// In the base.
    pub base: ColumnSide<'a>,
    /// In the head.
    pub head: ColumnSide<'a>,
    /// Its table.
    pub table: TablePair<'a>,
    /// `table.column`, `table.column.field`, `table.column[]`: by the names of the head.
    pub path: String,
    /// The same by the names of the base.
    pub old_path: String,
    /// The column of the base's table that it is, or is inside.
    pub top: &'a Column,
    /// Whether it is a column of a table, not inside of one.
    pub is_top: bool,
    /// Whether anybody finds it by a name: the item of a list and the halves of a map have a place.
    pub is_named: bool,
    pub(super) type_change: OnceCell<(TypeChange, bool)>,
}

/// A list of columns on both sides: a table's, or the fields of an object.
#[derive(Debug)]
pub struct ListPair<'a> {
    /// Its table.
    pub table: TablePair<'a>,
    /// What holds the list: `table` or `table.column`.
    pub path: String,
    /// The column of the base's table that it is inside.
    pub top: Option<&'a Column>,
    /// What the head lacks.
    pub removed: Vec<ColumnSide<'a>>,
    /// What the base lacks.
    pub added: Vec<ColumnSide<'a>>,
    /// Places in the base's list of what both have, in the order of the head.
    pub order: Vec<usize>,
}

impl ListPair<'_> {
    /// Consumers that read this column of the list, or the column that the list is inside.
    pub fn touches(&self, column: &Column) -> Touches {
        let top = self.top.unwrap_or(column);
        Touches::Column(self.table.base.table.name.value.clone(), top.name.value.clone())
    }
}

impl ColumnPair<'_> {
    /// Consumers that read the column of the base.
    pub fn touches(&self) -> Touches {
        Touches::Column(self.table.base.table.name.value.clone(), self.top.name.value.clone())
    }
}

/// How a type changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeChange {
    /// Nothing, not even its spelling.
    Same,
    /// Only its spelling.
    Respelled,
    /// Every value fits: a wider integer or float, more digits at the same scale.
    Widened,
    /// Of several types that were admitted, some are left.
    Pinned,
    /// More types of the same family are admitted.
    Opened,
    /// Anything else.
    Changed,
    /// A physical type that no dialect has: nobody knows what changed.
    Unknown,
}

/// What carries rules: a table, or a column of it.
#[derive(Clone)]
pub struct Carrier<'a> {
    /// The table.
    pub table: TablePair<'a>,
    /// The column.
    pub column: Option<Rc<ColumnPair<'a>>>,
    pub(super) renamed: Rc<Renamed>,
}

/// What the head calls the columns of a table, by the names of the base.
#[derive(Default)]
pub(super) struct Renamed(pub(super) HashMap<String, String>);

/// A rule on both sides, or on one.
pub struct RulePair<'a> {
    /// What carries it.
    pub carrier: Carrier<'a>,
    /// In the base.
    pub base: Option<&'a QualityRule>,
    /// In the head.
    pub head: Option<&'a QualityRule>,
    /// What happened to it, where both sides have it.
    pub change: Option<RuleChange>,
    /// The rules that the two documents have in its place and that nothing executes: `base` and
    /// `head` are without them.
    pub unexecuted: [Option<&'a QualityRule>; 2],
}

/// What happened to a rule that is on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleChange {
    /// What it lets through.
    pub relation: Relation,
    /// Whether it no longer fails a run.
    pub demoted: bool,
    /// Whether it fails a run now.
    pub promoted: bool,
}

/// One list on both sides.
pub struct AllowedList {
    /// `table.column`, or `table.column/rule`.
    pub element: String,
    /// The clause of the head.
    pub clause: Option<String>,
    /// Consumers that read the column.
    pub touches: Touches,
    /// The old values, and where.
    pub old: (Vec<String>, Span),
    /// The new values, and where.
    pub new: (Vec<String>, Span),
    /// The element with these values, by the names of base and head; none for a table's rule.
    pub of: Option<(String, String)>,
    /// Whether any other value fails the run, on both sides.
    pub binds: bool,
}

/// One limit that changed.
pub struct LimitChange<'a> {
    /// The column that it limits.
    pub column: Rc<ColumnPair<'a>>,
    /// What it lets through.
    pub relation: Relation,
    /// What both sides state.
    pub stated: Stated,
}

/// A limit as both sides state it.
pub struct Stated {
    /// What limits, in words: `minimum`, `pattern`.
    pub words: String,
    /// The old limit.
    pub old: Option<String>,
    /// The new limit.
    pub new: Option<String>,
    /// Where the base says it.
    pub old_span: Span,
    /// Where the head says it.
    pub new_span: Span,
    /// The clause of the head.
    pub clause: Option<String>,
}

/// A foreign key as one side has it.
#[derive(Clone)]
pub struct Key<'a> {
    /// The relationship.
    pub relationship: &'a Relationship,
    /// The child's columns, by the names of the head.
    pub(super) from: Vec<String>,
    /// What it points to, by the names of the head.
    pub(super) to: Vec<String>,
    pub(super) clause: Option<String>,
}

/// A foreign key on both sides, or on one.
pub struct KeyPair<'a> {
    /// Its table.
    pub table: TablePair<'a>,
    /// In the base.
    pub base: Option<Key<'a>>,
    /// In the head.
    pub head: Option<Key<'a>>,
    /// Whether the head's document has it all the same, and nothing executes it there.
    pub is_unexecuted: bool,
}

/// An entry on both sides, or on one.
#[derive(Debug, Clone, Copy)]
pub struct SlaPair<'a> {
    /// In the base.
    pub base: Option<&'a Sla>,
    /// In the head.
    pub head: Option<&'a Sla>,
    /// Whether it is on both sides and is judged by other columns.
    pub is_moved: bool,
    /// Whether the head's document has it all the same, and nothing executes it there.
    pub is_unexecuted: bool,
}

/// A key that differs.
pub struct Difference {
    /// The element that has the key.
    pub element: String,
    /// The key, or `custom property x`.
    pub key: String,
    /// Whether readers or writers may feel it; most keys only describe.
    pub matters: bool,
    /// The old value.
    pub old: Option<String>,
    /// The new value.
    pub new: Option<String>,
    /// Where the base says it.
    pub old_span: Span,
    /// Where the head says it.
    pub new_span: Span,
    /// Whom it would affect.
    pub touches: Touches,
}
