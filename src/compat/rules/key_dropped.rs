//! ## What it does
//! Reports a primary key or a unique column whose values may repeat now. Reader breaking, writer safe,
//! bump major.
//!
//! ## Why it matters
//! A join on the key fans out: rows double, sums and counts are wrong without any error.
//!
//! ## Example
//! ```yaml
//! - {name: learner_id, unique: false} # was true
//! ```
//!
//! ## What to do instead
//! Keep the key, or raise the major version.

use std::rc::Rc;

use crate::compat::facts::pair::{ColumnPair, Pair};
use crate::compat::finding::Touches;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D021", name: "key-dropped", severity: Severity::Error, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for table in &pair.tables {
        let (old, new) = (table.base.table.primary_key(), table.head.table.primary_key());
        let kept = |name: &str| {
            let own = |c: &&Rc<ColumnPair<'_>>| {
                c.is_top && std::ptr::eq(c.table.base.table, table.base.table)
            };
            let mut columns = pair.columns.iter().filter(own);
            columns.any(|c| c.base.column.name.value == name && c.head.column.unique.is_some())
        };
        let names: Vec<&str> = old.iter().map(|c| c.name.value.as_str()).collect();
        let single = matches!(names[..], [name] if kept(name));
        if !names.is_empty() && new.is_empty() && !single {
            let message = format!("the primary key ({}) was dropped", names.join(", "));
            let at = old.first().map_or(table.base.table.name.span, |c| c.name.span);
            found.push(pair.of_table(&META, table, message).was(names.join(", "), at).effect(
                Effect::Breaking,
                Effect::Safe,
                Bump::Major,
            ));
        }
    }
    for column in &pair.columns {
        let head = column.head.column;
        let key = column.table.head.table.primary_key();
        let is_key = column.is_top && matches!(key[..], [only] if std::ptr::eq(only, head));
        if column.base.column.unique.is_some() && head.unique.is_none() && !is_key {
            let table = column.table.base.table.name.value.clone();
            let touches = if column.is_top { column.touches() } else { Touches::Table(table) };
            found.push(
                pair.of_column(&META, column, "unique", "values of the column may repeat now")
                    .was("unique".to_owned(), column.base.span("unique"))
                    .effect(Effect::Breaking, Effect::Safe, Bump::Major)
                    .touching(touches),
            );
        }
    }
}
