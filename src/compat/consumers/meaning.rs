//! What unchanged SQL means otherwise: names that follow the order of columns, joins that follow their
//! names.

use std::collections::{BTreeMap, BTreeSet};

use crate::query::{ConsumerPlan, ReadColumn};

use super::super::finding::{Finding, Touches};

/// A column by schema, table and name in SQL, in lower case, as the head calls it.
type Known = (String, String, String);

/// A condition of a join: the columns of either side.
type Condition = (BTreeSet<Known>, BTreeSet<Known>);

/// What differs in the meaning of SQL that was not edited, in words.
pub(super) fn differences<'a>(
    before: &ConsumerPlan,
    after: &ConsumerPlan,
    findings: impl Iterator<Item = &'a Finding>,
) -> Vec<String> {
    let names = Names::of(findings);
    let mut found = bindings(before, after, &names);
    found.extend(joins(before, after, &names));
    found
}

/// What the head calls the columns of the base.
struct Names {
    /// By contract, table and old name.
    renamed: BTreeMap<(String, String, String), String>,
}

impl Names {
    fn of<'a>(findings: impl Iterator<Item = &'a Finding>) -> Self {
        let renames = findings
            .filter(|f| matches!(f.meta.name, "column-renamed" | "column-renamed-with-alias"));
        let one = |f: &Finding| {
            let Touches::Column(table, column) = &f.touches else { return None };
            let key = (f.contract.clone(), table.to_lowercase(), column.to_lowercase());
            Some((key, f.new.clone()?.to_lowercase()))
        };
        Self { renamed: renames.filter_map(one).collect() }
    }

    fn now(&self, column: &ReadColumn) -> Known {
        let (schema, table, name) = known(column);
        let key = (column.of.contract.clone(), table.clone(), name.clone());
        let name = self.renamed.get(&key).cloned().unwrap_or(name);
        (schema, table, name)
    }
}

fn known(column: &ReadColumn) -> Known {
    (column.of.schema.clone(), column.of.table.to_lowercase(), column.column.to_lowercase())
}

/// Columns in words.
fn shown(columns: &BTreeSet<Known>) -> String {
    let one = |(schema, table, name): &Known| format!("{schema}.{table}.{name}");
    columns.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Names that stand for other columns than before: column aliases, columns of a set operation.
fn bindings(before: &ConsumerPlan, after: &ConsumerPlan, names: &Names) -> Vec<String> {
    let mut told: BTreeSet<(String, String)> = BTreeSet::new();
    let mut found = Vec::new();
    let mut compare = |name: &str, was: &BTreeSet<ReadColumn>, is: &BTreeSet<ReadColumn>| {
        let old: BTreeSet<Known> = was.iter().map(|c| names.now(c)).collect();
        let new: BTreeSet<Known> = is.iter().map(known).collect();
        // Columns that only come in addition are told as such.
        if old.is_subset(&new) || new.is_empty() {
            return;
        }
        let (old, new) = (shown(&old), shown(&new));
        if told.insert((old.clone(), new.clone())) {
            found.push(format!("'{name}' means {new} now, and meant {old}"));
        }
    };
    for (name, was) in &before.bindings {
        if let Some(is) = after.bindings.get(name) {
            compare(name, was, is);
        }
    }
    for output in &before.outputs {
        let mut same = after.outputs.iter().filter(|o| o.name == output.name);
        let is_one = before.outputs.iter().filter(|o| o.name == output.name).count() == 1;
        if let (Some(now), None, true) = (same.next(), same.next(), is_one) {
            compare(&output.name, &output.sources, &now.sources);
        }
    }
    found
}

/// Conditions of joins that came or went with columns: of NATURAL joins.
fn joins(before: &ConsumerPlan, after: &ConsumerPlan, names: &Names) -> Vec<String> {
    let now = |side: &BTreeSet<ReadColumn>| -> BTreeSet<Known> {
        side.iter().map(|c| names.now(c)).collect()
    };
    let is = |side: &BTreeSet<ReadColumn>| -> BTreeSet<Known> { side.iter().map(known).collect() };
    let old: BTreeSet<Condition> = before.joins.iter().map(|(a, b)| (now(a), now(b))).collect();
    let new: BTreeSet<Condition> = after.joins.iter().map(|(a, b)| (is(a), is(b))).collect();
    let is_whole = |c: &&Condition| !c.0.is_empty() && !c.1.is_empty();
    let words = |(a, b): &Condition| format!("{} = {}", shown(a), shown(b));
    let came = new.difference(&old).filter(is_whole);
    let came = came.map(|c| format!("a join has a new condition: {}", words(c)));
    let went = old.difference(&new).filter(is_whole);
    let went = went.map(|c| format!("a join has lost a condition: {}", words(c)));
    came.chain(went).collect()
}
