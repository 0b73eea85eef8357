//! ## What it does
//! Reports a column of the same `id` with another name, where the old name is not an alias. Reader
//! breaking, bump major; the writer breaks where the name in files changed with it.
//!
//! ## Why it matters
//! SQL names columns by `name`: consumers that read the old name no longer plan.
//!
//! ## Example
//! ```yaml
//! properties:
//! - {id: score, name: relevance} # was score
//! ```
//!
//! ## What to do instead
//! Keep the old name readable with the custom property `aliases: [score]`; then a minor version is
//! enough.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::contract::yaml::flow_scalar;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D006", name: "column-renamed", severity: Severity::Error, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for column in pair.columns.iter().filter(|c| c.is_named) {
        let (old, new) = (&column.base.column.name, &column.head.column.name);
        let kept =
            column.head.column.aliases.iter().any(|a| a.value.eq_ignore_ascii_case(&old.value));
        if old.value.eq_ignore_ascii_case(&new.value) || (kept && column.is_top) {
            continue;
        }
        let moved = column.base.column.physical() != column.head.column.physical();
        let writer = if moved { Effect::Breaking } else { Effect::Safe };
        let message = format!("column '{}' was renamed to '{}'", old.value, new.value);
        found.push(
            pair.of_column(&META, column, "name", message)
                .was(old.value.clone(), old.span)
                .is(new.value.clone(), new.span)
                .effect(Effect::Breaking, writer, Bump::Major)
                .hint(format!(
                    "customProperties: [{{property: aliases, value: [{}]}}] keeps the old name readable",
                    flow_scalar(&old.value)
                )),
        );
    }
}
