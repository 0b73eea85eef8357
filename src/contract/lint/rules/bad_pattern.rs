//! ## What it does
//! Reports patterns that are not ECMA-262 regular expressions.
//!
//! ## Why it matters
//! A pattern that cannot be compiled cannot be kept.
//!
//! ## Example
//! ```yaml
//! logicalTypeOptions: {pattern: "["}
//! ```
//!
//! ## What to do instead
//! Correct the expression.

use crate::contract::lint::all_patterns;
use crate::contract::model::Contract;
use crate::contract::pattern::Pattern;
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L016", name: "bad-pattern", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for (pattern, span) in all_patterns(contract) {
        if let Err(error) = Pattern::compile(&pattern) {
            let message = format!("pattern '{pattern}' is not an ECMA-262 regular expression");
            found.push(
                Diagnostic::new(&META, &contract.source, span, message).hint(error.to_string()),
            );
        }
    }
}
