//! ## What it does
//! Reports a column that is classified now, or more strictly. Reader breaking, writer safe, bump major.
//! A first classification by a word of `public_classifications` withholds nothing: it is safe on both
//! sides, bump minor.
//!
//! ## Why it matters
//! Values of a classified column are withheld from those without the right to them: what was read
//! yesterday may be masked today.
//!
//! ## Example
//! ```yaml
//! - {name: email, classification: confidential} # was public
//! ```
//!
//! ## What to do instead
//! Raise the major version; make sure that the column's readers have the role.

use crate::compat::facts::classification::{ClassificationStep, is_ranked, step};
use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D042", name: "classification-raised", severity: Severity::Error, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for column in &pair.columns {
        let (old, new) = (&column.base.column.classification, &column.head.column.classification);
        let at = |words: &str| {
            pair.of_column(&META, column, "classification", words)
                .was(old.clone(), column.base.span("classification"))
                .is(new.clone(), column.head.span("classification"))
        };
        let known = is_ranked(old.as_deref()) && is_ranked(new.as_deref());
        let words = match known {
            true => "the classification was raised",
            false => "the classification changed, and the two are not ranked",
        };
        match step(old.as_deref(), new.as_deref(), pair.terms.public) {
            ClassificationStep::Raised => {
                found.push(at(words).effect(Effect::Breaking, Effect::Safe, Bump::Major));
            }
            ClassificationStep::First => {
                found.push(
                    at("the column is classified, and public_classifications still shows it")
                        .effect(Effect::Safe, Effect::Safe, Bump::Minor),
                )
            }
            ClassificationStep::Same | ClassificationStep::Lowered => {}
        }
    }
}
