//! ## What it does
//! Reports a new primary key or unique column. Reader safe, writer breaking, bump minor.
//!
//! ## Why it matters
//! Files with repeated values fail from this version on.
//!
//! ## Example
//! ```yaml
//! - {name: learner_id, unique: true} # was false
//! ```
//!
//! ## What to do instead
//! Backtest it: `pactum diff --backtest 10` shows which of the last releases would have failed.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::contract::clause_id::clause_id;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D023", name: "key-added", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for table in &pair.tables {
        let (old, new) = (table.base.table.primary_key(), table.head.table.primary_key());
        if old.is_empty() && !new.is_empty() {
            let names: Vec<&str> = new.iter().map(|c| c.name.value.as_str()).collect();
            let message = format!("a primary key was added: ({})", names.join(", "));
            found.push(
                pair.of_table(&META, table, message)
                    .is(names.join(", "), new[0].name.span)
                    .effect(Effect::Safe, Effect::Breaking, Bump::Minor)
                    .of_clause(clause_id(table.head.table, None, "primaryKey")),
            );
        }
    }
    for column in &pair.columns {
        let (base, head) = (column.base.column, column.head.column);
        let key = column.table.base.table.primary_key();
        let was_key = column.is_top && matches!(key[..], [only] if std::ptr::eq(only, base));
        if base.unique.is_none() && head.unique.is_some() && !was_key {
            let mut finding = pair
                .of_column(&META, column, "unique", "values of the column may no longer repeat")
                .is("unique".to_owned(), column.head.span("unique"))
                .effect(Effect::Safe, Effect::Breaking, Bump::Minor);
            if column.is_top {
                finding =
                    finding.of_clause(clause_id(column.table.head.table, Some(head), "unique"));
            }
            found.push(finding);
        }
    }
}
