//! Lists of allowed values on both sides: `enum` of a column, `validValues` of a rule.

use std::collections::HashSet;

use crate::contract::clause_id::clause_id;
use crate::contract::yaml::Node;

pub use super::elements::AllowedList;
use super::executed;
use super::pair::Pair;
use super::quality::{is_error, valid_values, value_text};

impl AllowedList {
    /// The old values in one line.
    pub fn old_words(&self) -> String {
        self.old.0.join(", ")
    }

    /// The new values in one line.
    pub fn new_words(&self) -> String {
        self.new.0.join(", ")
    }
}

/// Every list that is on both sides.
pub fn lists(pair: &Pair<'_>) -> Vec<AllowedList> {
    let mut all = Vec::new();
    for column in &pair.columns {
        let (base, head) = (column.base.column, column.head.column);
        let both = executed::allowed(base).zip(executed::allowed(head));
        let Some((old, new)) = both else { continue };
        let values = |nodes: &[Node]| nodes.iter().map(value_text).collect();
        let table = column.table.head.table;
        all.push(AllowedList {
            element: column.path.clone(),
            clause: column.is_top.then(|| clause_id(table, Some(head), "enum")),
            touches: column.touches(),
            old: (values(&old.value), old.span),
            new: (values(&new.value), new.span),
            of: Some((column.old_path.clone(), column.path.clone())),
            binds: true,
        });
    }
    for rule in pair.rules() {
        let both = rule.base.and_then(valid_values).zip(rule.head.and_then(valid_values));
        let Some((old, new)) = both else { continue };
        let values = |node: &Node| (node.items().iter().map(value_text).collect(), node.span);
        all.push(AllowedList {
            element: rule.element(),
            clause: rule.clause(),
            touches: rule.touches(),
            old: values(old),
            new: values(new),
            of: rule.carrier.column.as_ref().map(|c| (c.old_path.clone(), c.path.clone())),
            binds: rule.base.is_some_and(is_error) && rule.head.is_some_and(is_error),
        });
    }
    all
}

/// Values that only the head allows.
pub fn added(list: &AllowedList) -> Option<Vec<String>> {
    beyond(&list.new.0, &list.old.0)
}

/// Values that only the base allows.
pub fn removed(list: &AllowedList) -> Option<Vec<String>> {
    beyond(&list.old.0, &list.new.0)
}

fn beyond(these: &[String], those: &[String]) -> Option<Vec<String>> {
    let those: HashSet<&String> = those.iter().collect();
    let only: Vec<String> = these.iter().filter(|v| !those.contains(v)).cloned().collect();
    (!only.is_empty()).then_some(only)
}

impl<'a> Pair<'a> {
    /// Lists of allowed values that stand on both sides.
    pub fn allowed(&self) -> &[AllowedList] {
        self.facts.allowed.get_or_init(|| lists(self))
    }
}
