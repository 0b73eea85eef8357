//! ## What it does
//! Reports a type that admits fewer widths than before, the one that consumers are planned with among
//! them. Reader safe, writer breaking, bump minor.
//!
//! ## Why it matters
//! A logical type without format or physical type admits every width; once one is declared, files of
//! other widths fail.
//!
//! ## Example
//! ```yaml
//! - {name: score, logicalType: number, physicalType: double} # was number alone
//! ```
//!
//! ## What to do instead
//! Nothing, if every producer delivers that type: raise the minor version.

use crate::compat::finding::{Bump, Effect, Finding};
use crate::compat::pair::Pair;
use crate::compat::types::{TypeChange, admitted, compare, words};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D016", name: "type-pinned", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for column in &pair.columns {
        let (change, kept) = compare(column.base.column, column.head.column);
        if change == TypeChange::Pinned {
            let (old, new) = (words(column.base.column), words(column.head.column));
            found.push(
                pair.of_column(
                    &META,
                    column,
                    "logicalType",
                    format!(
                        "fewer types are admitted: {old}, now {new}: {}",
                        admitted(column.head.column)
                    ),
                )
                .was(old, column.base.span(written(column.base)))
                .is(new, column.head.span(written(column.head)))
                .effect(
                    Effect::Safe,
                    if kept { Effect::Safe } else { Effect::Breaking },
                    Bump::Minor,
                ),
            );
        }
    }
}

/// The key that says most of the type.
fn written(side: crate::compat::pair::ColumnSide<'_>) -> &'static str {
    if side.node.get("physicalType").is_some() { "physicalType" } else { "logicalType" }
}
