//! ## What it does
//! Reports other partition columns, or a primary key whose columns are in another order: the order in
//! which rows are stored. Reader dangerous (cost), writer breaking, bump minor.
//!
//! ## Why it matters
//! Queries that read a small part of the table may have to read all of it; files must be rewritten.
//!
//! ## Example
//! ```yaml
//! - {name: country, partitioned: true} # was false
//! ```
//!
//! ## What to do instead
//! Raise the minor version, and look at the queries that filter by the old columns.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::contract::model::{Column, Table};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D041", name: "layout-changed", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for table in &pair.tables {
        let (base, head) = (table.base.table, table.head.table);
        let now = |name: &str| {
            let mut columns = pair
                .columns
                .iter()
                .filter(|c| c.is_top && c.table.base.table.name.value == base.name.value);
            columns
                .find(|c| c.base.column.name.value == name)
                .map_or_else(|| name.to_owned(), |c| c.head.column.name.value.clone())
        };
        let was = |columns: Vec<&Column>| -> Vec<String> {
            columns.iter().map(|c| now(&c.name.value)).collect()
        };
        let is = |columns: Vec<&Column>| -> Vec<String> {
            columns.iter().map(|c| c.name.value.clone()).collect()
        };
        let parts = (was(partitions(base, table.base.node)), is(partitions(head, table.head.node)));
        let keys = (was(base.primary_key()), is(head.primary_key()));
        let sorted = |names: &[String]| {
            let mut names = names.to_vec();
            names.sort();
            names
        };
        let reordered = keys.0 != keys.1 && sorted(&keys.0) == sorted(&keys.1);
        // A primary key that became a unique column: its values stay unique, its order is gone.
        let unordered = matches!(base.primary_key()[..], [only] if head.primary_key().is_empty()
            && head.column(&now(&only.name.value)).is_some_and(|c| c.unique.is_some()));
        let partitioned = (parts.0 != parts.1).then_some((&parts, "the partition columns changed"));
        let ordered = reordered.then_some((&keys, "the order of the key's columns changed"));
        let unordered = unordered
            .then_some((&keys, "the primary key became a unique column: rows have no order"));
        for ((old, new), what) in partitioned.into_iter().chain(ordered).chain(unordered) {
            found.push(
                pair.of_table(&META, table, what)
                    .was(listed(old), base.name.span)
                    .is(listed(new), head.name.span)
                    .effect(Effect::Dangerous, Effect::Breaking, Bump::Minor),
            );
        }
    }
}

/// The partition columns, by `partitionKeyPosition`, then by declaration.
fn partitions<'a>(table: &'a Table, node: &crate::contract::yaml::Node) -> Vec<&'a Column> {
    let position = |column: &Column| {
        let nodes = node.get("properties").map(|n| n.items()).unwrap_or_default();
        let node = nodes.iter().find(|n| n.get("name").map(|n| n.span) == Some(column.name.span));
        let text = node.and_then(|n| n.get("partitionKeyPosition")?.scalar_text());
        text.and_then(|t| t.parse::<i64>().ok()).filter(|p| *p >= 0).unwrap_or(i64::MAX)
    };
    let mut columns: Vec<&Column> = table.columns.iter().filter(|c| c.partitioned).collect();
    columns.sort_by_key(|c| position(c));
    columns
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
