//! ## What it does
//! Reports a type that admits more widths of the same family than before. Reader dangerous, writer
//! safe, bump minor.
//!
//! ## Why it matters
//! Stored types follow delivered ones: typed clients may meet another width.
//!
//! ## Example
//! ```yaml
//! - {name: rank, logicalType: integer} # was integer, bigint
//! ```
//!
//! ## What to do instead
//! Keep the declared width, or raise the minor version.

use crate::compat::facts::pair::Pair;
use crate::compat::facts::types::{TypeChange, admitted, finding};
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D017", name: "type-opened", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for column in &pair.columns {
        let (change, _) = column.type_change();
        if change == TypeChange::Opened {
            let types = admitted(column.head.column);
            let message = |old: &str, new: &str| {
                format!("more types are admitted: was {old}, is {new}: {types}")
            };
            found.push(finding(pair, &META, column, message).effect(
                Effect::Dangerous,
                Effect::Safe,
                Bump::Minor,
            ));
        }
    }
}
