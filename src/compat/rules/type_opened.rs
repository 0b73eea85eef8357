//! ## What it does
//! Reports a type that admits more widths of the same family than before. Reader dangerous, writer
//! safe, bump minor.
//!
//! ## Why it matters
//! What is stored follows what is delivered: typed clients may meet another width.
//!
//! ## Example
//! ```yaml
//! - {name: rank, logicalType: integer} # was integer, bigint
//! ```
//!
//! ## What to do instead
//! Keep the declared width, or raise the minor version.

use crate::compat::finding::{Bump, Effect, Finding};
use crate::compat::pair::Pair;
use crate::compat::types::{TypeChange, admitted, compare, words};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D017", name: "type-opened", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for column in &pair.columns {
        let (change, _) = compare(column.base.column, column.head.column);
        if change == TypeChange::Opened {
            let (old, new) = (words(column.base.column), words(column.head.column));
            found.push(
                pair.of_column(
                    &META,
                    column,
                    "logicalType",
                    format!(
                        "more types are admitted: {old}, now {new}: {}",
                        admitted(column.head.column)
                    ),
                )
                .was(old, column.base.span(written(column.base)))
                .is(new, column.head.span(written(column.head)))
                .effect(Effect::Dangerous, Effect::Safe, Bump::Minor),
            );
        }
    }
}

/// The key that says most of the type.
fn written(side: crate::compat::pair::ColumnSide<'_>) -> &'static str {
    if side.node.get("physicalType").is_some() { "physicalType" } else { "logicalType" }
}
