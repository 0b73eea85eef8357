//! ## What it does
//! Reports a foreign key that points elsewhere. Breaking on both sides, bump major.
//!
//! ## Why it matters
//! A join along it meets other rows; keys of old files have no parent.
//!
//! ## Example
//! ```yaml
//! relationships:
//! - {to: lessons.lesson_id} # was courses.course_id
//! ```
//!
//! ## What to do instead
//! Add a column with the new key beside the old one.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta = Meta {
    code: "D040",
    name: "foreign-key-retargeted",
    severity: Severity::Error,
    since: "0.1.0",
};

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for key in pair.foreign_keys() {
        if key.retargeted() {
            found.push(key.finding(pair, &META, "the foreign key points elsewhere").effect(
                Effect::Breaking,
                Effect::Breaking,
                Bump::Major,
            ));
        }
    }
}
