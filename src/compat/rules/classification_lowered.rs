//! ## What it does
//! Reports a column that is no longer classified, or less strictly. Reader dangerous, writer safe, bump
//! minor, and it needs an approval, of a draft and of 0.x as well: the run fails until a waiver of this
//! rule names who approved it.
//!
//! ## Why it matters
//! Values become visible to people who could not see them before; that cannot be undone.
//!
//! ## Example
//! ```yaml
//! - {name: email, classification: public} # was confidential
//! ```
//!
//! ## What to do instead
//! Have it approved: a waiver in the list `diff` of waivers.yaml with rule `classification-lowered`.

use crate::compat::facts::classification::{Step, step};
use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta = Meta {
    code: "D043",
    name: "classification-lowered",
    severity: Severity::Warning,
    since: "0.1.0",
};

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for column in &pair.columns {
        let (old, new) = (&column.base.column.classification, &column.head.column.classification);
        if step(old.as_deref(), new.as_deref(), pair.terms.public) == Step::Lowered {
            found.push(
                pair.of_column(&META, column, "classification", "the classification was lowered")
                    .was(old.clone(), column.base.span("classification"))
                    .is(new.clone(), column.head.span("classification"))
                    .effect(Effect::Dangerous, Effect::Safe, Bump::Minor)
                    .hint(
                        "it needs an approval: a waiver of classification-lowered in waivers.yaml",
                    ),
            );
        }
    }
}
