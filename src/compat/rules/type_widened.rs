//! ## What it does
//! Reports a wider type: an integer or float of more bits, a decimal of more digits at the same scale.
//! Reader dangerous, bump minor; the writer breaks where the old width is no longer admitted.
//!
//! ## Why it matters
//! Every value fits, but typed clients bind results to the old width. A declared width is binding, so
//! files of the old integer width fail their check.
//!
//! ## Example
//! ```yaml
//! - {name: rank, logicalType: integer, physicalType: bigint} # was int4
//! ```
//!
//! ## What to do instead
//! Raise the minor version; tell clients that bind types.

use crate::compat::finding::{Bump, Effect, Finding};
use crate::compat::pair::Pair;
use crate::compat::types::{TypeChange, compare, words};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D014", name: "type-widened", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for column in &pair.columns {
        let (change, kept) = compare(column.base.column, column.head.column);
        if change == TypeChange::Widened {
            let (old, new) = (words(column.base.column), words(column.head.column));
            found.push(
                pair.of_column(
                    &META,
                    column,
                    "logicalType",
                    format!("the type is wider: {old}, now {new}"),
                )
                .was(old, column.base.span(written(column.base)))
                .is(new, column.head.span(written(column.head)))
                .effect(
                    Effect::Dangerous,
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
