//! ## What it does
//! Reports a primary key of other columns. Breaking on both sides, bump major.
//!
//! ## Why it matters
//! Joins and upserts on the old key meet several rows, or none; old files fail the new key.
//!
//! ## Example
//! ```yaml
//! - {name: learner_id, primaryKey: true} # was learner_id alone
//! - {name: course_id, primaryKey: true}
//! ```
//!
//! ## What to do instead
//! Publish the table with the new key beside the old one, or raise the major version.

use std::rc::Rc;

use crate::compat::facts::pair::{ColumnPair, Pair};
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D022", name: "key-changed", severity: Severity::Error, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for table in &pair.tables {
        let (old, new) = (table.base.table.primary_key(), table.head.table.primary_key());
        let names = |key: &[&crate::contract::model::Column]| -> Vec<String> {
            key.iter().map(|c| c.name.value.clone()).collect()
        };
        // Columns are followed through renames.
        let now = |name: &str| {
            let mut columns = pair.columns.iter().filter(|c| c.is_top);
            let same = |c: &&Rc<ColumnPair<'_>>| {
                c.base.column.name.value == name
                    && c.table.base.table.name.value == table.base.table.name.value
            };
            columns.find(same).map(|c| c.head.column.name.value.clone())
        };
        let mut carried: Vec<Option<String>> = old.iter().map(|c| now(&c.name.value)).collect();
        let mut is: Vec<Option<String>> = names(&new).into_iter().map(Some).collect();
        carried.sort();
        is.sort();
        if old.is_empty() || new.is_empty() || carried == is {
            continue;
        }
        let (was, is) = (names(&old).join(", "), names(&new).join(", "));
        let message = format!("the primary key changed from ({was}) to ({is})");
        found.push(
            pair.of_table(&META, table, message)
                .was(was, old[0].name.span)
                .is(is, new[0].name.span)
                .effect(Effect::Breaking, Effect::Breaking, Bump::Major),
        );
    }
}
