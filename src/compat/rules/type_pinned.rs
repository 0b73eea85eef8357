//! ## What it does
//! Reports a declaration that left the width open and now names one of the widths. Reader safe,
//! writer breaking, bump minor.
//!
//! ## Why it matters
//! A logical type without format or physical type admits every width; once one is declared, files of
//! other widths fail.
//!
//! ## Example
//! ```yaml
//! - {name: score, logicalType: number, physicalType: double} # was number alone
//! ```
//!
//! ## What to do instead
//! Nothing, if every producer delivers that type: raise the minor version.

use crate::compat::facts::pair::Pair;
use crate::compat::facts::types::{TypeChange, admitted, finding};
use crate::compat::finding::{Bump, Effect, Finding};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D016", name: "type-pinned", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for column in &pair.columns {
        let (change, kept) = column.type_change();
        if change == TypeChange::Pinned {
            let types = admitted(column.head.column);
            let message = |old: &str, new: &str| {
                format!("fewer types are admitted: was {old}, is {new}: {types}")
            };
            let writer = if kept { Effect::Safe } else { Effect::Breaking };
            found.push(finding(pair, &META, column, message).effect(
                Effect::Safe,
                writer,
                Bump::Minor,
            ));
        }
    }
}
