//! ## What it does
//! Reports a foreign key that the base lacks. Reader safe, writer breaking, bump minor.
//!
//! ## Why it matters
//! Files whose keys have no parent fail from this version on.
//!
//! ## Example
//! ```yaml
//! relationships: # was []
//! - {to: courses.course_id}
//! ```
//!
//! ## What to do instead
//! Backtest it: `pactum diff --backtest 10` shows which of the last releases would have failed.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D039", name: "foreign-key-added", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for key in pair.foreign_keys() {
        if key.base.is_none() && key.head.is_some() {
            found.push(key.finding(pair, &META, "a foreign key was added").effect(
                Effect::Safe,
                Effect::Breaking,
                Bump::Minor,
            ));
        }
    }
}
