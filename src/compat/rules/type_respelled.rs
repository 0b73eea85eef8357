//! ## What it does
//! Notes a type that is spelled differently but means the same, unless the document moves to another
//! version of the standard, which has other words. Safe on both sides, no bump.
//!
//! ## Why it matters
//! `varchar` and `text`, `decimal(10,2)` and `NUMERIC(10, 2)`, a logical type alone and with
//! the physical type that it stands for: the difference affects nobody.
//!
//! ## Example
//! ```yaml
//! - {name: title, logicalType: string, physicalType: text} # was varchar
//! ```
//!
//! ## What to do instead
//! Nothing.

use crate::compat::facts::pair::Pair;
use crate::compat::facts::types::{TypeChange, finding};
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D018", name: "type-respelled", severity: Severity::Note, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    // Another version of the standard has other words for the same types.
    if pair.base.api_version != pair.head.api_version {
        return;
    }
    for column in &pair.columns {
        let (change, _) = column.type_change();
        if change == TypeChange::Respelled {
            let message = |old: &str, new: &str| {
                format!("the type is spelled differently: was {old}, is {new}")
            };
            found.push(finding(pair, &META, column, message).effect(
                Effect::Safe,
                Effect::Safe,
                Bump::None,
            ));
        }
    }
}
