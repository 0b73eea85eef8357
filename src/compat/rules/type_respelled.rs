//! ## What it does
//! Notes a type that is spelled differently but means the same. Safe on both sides, no bump.
//!
//! ## Why it matters
//! `varchar(10)` and `text`, `decimal(10,2)` and `NUMERIC(10, 2)`, a logical type alone and with
//! the physical type that it stands for: the difference affects nobody.
//!
//! ## Example
//! ```yaml
//! - {name: title, logicalType: string, physicalType: text} # was varchar(10)
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
