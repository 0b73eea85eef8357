//! ## What it does
//! Reports a wider type: an integer or float of more bits, a decimal of more digits at the same scale,
//! a longer text. Reader dangerous, bump minor; the writer breaks where the old width is no longer
//! admitted.
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

use crate::compat::facts::pair::Pair;
use crate::compat::facts::types::{TypeChange, finding};
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D014", name: "type-widened", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for column in &pair.columns {
        let (change, kept) = column.type_change();
        if change == TypeChange::Widened {
            let message = |old: &str, new: &str| format!("the type is wider: was {old}, is {new}");
            let writer = if kept { Effect::Safe } else { Effect::Breaking };
            found.push(finding(pair, &META, column, message).effect(
                Effect::Dangerous,
                writer,
                Bump::Minor,
            ));
        }
    }
}
