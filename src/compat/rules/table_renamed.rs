//! ## What it does
//! Reports a table of the same `id` with another name. Reader breaking, bump major; the writer breaks
//! where the physical name changed with it.
//!
//! ## Why it matters
//! SQL names tables by `name`: `select … from learning.courses` no longer plans.
//!
//! ## Example
//! ```yaml
//! schema:
//! - {id: courses, name: course_catalogue} # was courses
//! ```
//!
//! ## What to do instead
//! Keep the name; put a better one into `businessName`, or rename with a new major version.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D003", name: "table-renamed", severity: Severity::Error, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for table in &pair.tables {
        let (old, new) = (&table.base.table.name, &table.head.table.name);
        if old.value.eq_ignore_ascii_case(&new.value) {
            continue;
        }
        let moved = table.base.table.physical() != table.head.table.physical();
        let writer = if moved { Effect::Breaking } else { Effect::Safe };
        let message = format!("table '{}' was renamed to '{}'", old.value, new.value);
        found.push(
            pair.of_table(&META, table, message)
                .was(old.value.clone(), old.span)
                .is(new.value.clone(), new.span)
                .effect(Effect::Breaking, writer, Bump::Major),
        );
    }
}
