//! ## What it does
//! Reports a value that a column may hold now and might not before: in `enum`, or in `validValues` of a
//! rule. Reader dangerous, writer safe, bump minor. A consumer that lists every old value, in a
//! CASE without ELSE or in an IN, is broken.
//!
//! ## Why it matters
//! SQL that lists all values misses the new one, without any error.
//!
//! ## Example
//! ```yaml
//! enum: # was [beginner, advanced]
//! - {value: beginner}
//! - {value: advanced}
//! - {value: expert}
//! ```
//!
//! ## What to do instead
//! Raise the minor version; give CASE an ELSE.

use crate::compat::facts::allowed::added;
use crate::compat::facts::pair::Pair;
use crate::compat::finding::{AddedValues, Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D024", name: "allowed-value-added", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for list in pair.allowed() {
        let Some(values) = added(list) else { continue };
        let message = format!("the column may hold {} now", values.join(", "));
        let mut finding = pair
            .finding(&META, list.element.clone(), message)
            .was(list.old_words(), list.old.1)
            .is(list.new_words(), list.new.1)
            .touching(list.touches.clone())
            .effect(Effect::Dangerous, Effect::Safe, Bump::Minor);
        // Listing the values of a rule that only warns is a choice.
        let of = list.of.clone().filter(|_| list.binds);
        let old = list.old.0.clone();
        finding.allowed = of.map(|(base, head)| AddedValues { base, head, old, added: values });
        found.push(finding);
    }
}
