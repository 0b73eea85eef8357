//! ## What it does
//! Reports a contract whose name in SQL changed (`sqlName`, else `name`, else `id`). Reader
//! breaking, writer safe, bump major.
//!
//! ## Why it matters
//! Every consumer names the contract's tables by it.
//!
//! ## Example
//! ```yaml
//! name: learn # was learning
//! ```
//!
//! ## What to do instead
//! Keep the old name with the custom property `sqlName: learning`.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding, Touches};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D012", name: "sql-name-changed", severity: Severity::Error, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    let (old, new) = (&pair.base.sql_name, &pair.head.sql_name);
    if old.value.eq_ignore_ascii_case(&new.value) {
        return;
    }
    let message = format!("the SQL name changed from '{}' to '{}'", old.value, new.value);
    found.push(
        pair.finding(&META, "sqlName", message)
            .was(old.value.clone(), old.span)
            .is(new.value.clone(), new.span)
            .effect(Effect::Breaking, Effect::Safe, Bump::Major)
            .touching(Touches::Contract)
            .hint(format!("custom property sqlName: {} keeps the name", old.value)),
    );
}
