//! ## What it does
//! Reports a column that may now be NULL: it is no longer `required`, or no longer part of the
//! primary key. Reader breaking, writer safe, bump major.
//!
//! ## Why it matters
//! Consumers that count on a value get NULLs: in joins, arithmetic, and clients without optional fields.
//!
//! ## Example
//! ```yaml
//! - {name: country, required: false} # was true
//! ```
//!
//! ## What to do instead
//! Keep it required, or raise the major version.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D019", name: "required-dropped", severity: Severity::Error, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for column in &pair.columns {
        if column.base.column.not_null() && !column.head.column.not_null() {
            let message = "the column may be NULL now";
            found.push(
                pair.of_column(&META, column, "required", message)
                    .was("required".to_owned(), column.base.span("required"))
                    .is("nullable".to_owned(), column.head.span("required"))
                    .effect(Effect::Breaking, Effect::Safe, Bump::Major),
            );
        }
    }
}
