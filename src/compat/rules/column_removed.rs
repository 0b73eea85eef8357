//! ## What it does
//! Reports a column, or a field inside one, that the head lacks. Reader breaking, bump major; the
//! writer breaks where undeclared columns are forbidden (`additionalColumns: forbid`, the default).
//!
//! ## Why it matters
//! Consumers that name the column no longer plan; a file that still holds it fails its check.
//!
//! ## Example
//! ```yaml
//! properties: # was [learner_id, country]
//! - {name: learner_id}
//! ```
//!
//! ## What to do instead
//! Deprecate the column first (`deprecated: true`), and remove it with a new major version.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::contract::model::AdditionalColumns;
use crate::contract::odcs::deprecation_mark;
use crate::contract::yaml::flow_scalar;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D005", name: "column-removed", severity: Severity::Error, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for list in &pair.lists {
        let forbid = list.table.head.table.additional_columns.value == AdditionalColumns::Forbid;
        for side in &list.removed {
            let name = &side.column.name;
            let measure = side.column.measure;
            let writer = match forbid && !measure {
                true => Effect::Breaking,
                false => Effect::Safe,
            };
            let message = format!("column '{}' was removed", name.value);
            found.push(
                pair.finding(&META, format!("{}.{}", list.path, name.value), message)
                    .was(name.value.clone(), name.span)
                    .is(None, list.table.head.table.name.span)
                    .effect(Effect::Breaking, writer, Bump::Major)
                    .touching(list.touches(side.column))
                    .hint(format!(
                        "deprecate it first, by {}, and remove it with the next major version; if it was \
                         renamed, an alias of the new column keeps the old name readable: \
                         customProperties: [{{property: aliases, value: [{}]}}]",
                        deprecation_mark(pair.head.api_version),
                        flow_scalar(&name.value)
                    )),
            );
        }
    }
}
