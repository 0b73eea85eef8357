//! ## What it does
//! Reports a column of the same `id` with another name, where the old name is kept in `aliases`. Reader
//! dangerous, bump minor; the writer breaks where the name in files changed with it.
//!
//! ## Why it matters
//! SQL that uses the old name still works; `select *` shows the new name.
//!
//! ## Example
//! ```yaml
//! properties:
//! - id: score
//!   name: relevance # was score
//!   customProperties: [{property: aliases, value: [score]}]
//! ```
//!
//! ## What to do instead
//! Nothing: raise the minor version, and drop the alias with the next major one.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta = Meta {
    code: "D007",
    name: "column-renamed-with-alias",
    severity: Severity::Warning,
    since: "0.1.0",
};

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for column in pair.columns.iter().filter(|c| c.is_top) {
        let (old, new) = (&column.base.column.name, &column.head.column.name);
        let kept =
            column.head.column.aliases.iter().any(|a| a.value.eq_ignore_ascii_case(&old.value));
        if old.value.eq_ignore_ascii_case(&new.value) || !kept {
            continue;
        }
        let moved = column.base.column.physical() != column.head.column.physical();
        let writer = if moved { Effect::Breaking } else { Effect::Safe };
        let message = format!(
            "column '{}' was renamed to '{}', the old name is an alias",
            old.value, new.value
        );
        let mut finding = pair
            .of_column(&META, column, "name", message)
            .was(old.value.clone(), old.span)
            .is(new.value.clone(), new.span)
            .effect(Effect::Dangerous, writer, Bump::Minor);
        if moved {
            let kept = column.base.column.physical();
            finding =
                finding.hint(format!("physicalName: {kept} lets deliveries keep the old name"));
        }
        found.push(finding);
    }
}
