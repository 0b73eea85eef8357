//! ## What it does
//! Reports a contract version that is not semantic: `major.minor.patch`.
//!
//! ## Why it matters
//! The version shows whether a change breaks readers; its major names the set of tables that
//! readers see.
//!
//! ## Example
//! ```yaml
//! version: "2024-01"
//! ```
//!
//! ## What to do instead
//! Write three numbers, such as `1.0.0`.

use crate::contract::model::{Contract, Version};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L010", name: "bad-version", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    if contract.version_text.parse::<Version>().is_ok() {
        return;
    }
    let span = contract.tree.get("version").map_or(contract.tree.span, |n| n.span);
    let message = format!("version '{}' is not semantic", contract.version_text);
    found.push(
        Diagnostic::new(&META, &contract.source, span, message)
            .hint("three numbers: major.minor.patch, such as 1.0.0"),
    );
}
