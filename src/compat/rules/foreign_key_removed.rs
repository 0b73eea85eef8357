//! ## What it does
//! Reports a foreign key that the head lacks, or that nothing executes there any more. Reader dangerous,
//! writer safe, bump minor.
//!
//! ## Why it matters
//! An inner join to the parent may lose rows without any error.
//!
//! ## Example
//! ```yaml
//! relationships: [] # was [{to: courses.course_id}]
//! ```
//!
//! ## What to do instead
//! Keep the key, or check the consumers that join along it.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D038", name: "foreign-key-removed", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for key in pair.foreign_keys() {
        if key.base.is_some() && key.head.is_none() {
            let message = match key.is_unexecuted {
                true => "nothing executes the foreign key any more",
                false => "the foreign key was removed",
            };
            found.push(key.finding(pair, &META, message).effect(
                Effect::Dangerous,
                Effect::Safe,
                Bump::Minor,
            ));
        }
    }
}
