//! ## What it does
//! Reports patterns that are not regular expressions, and warns about those that only other engines
//! than ECMA-262's know: they are not executed.
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
use crate::contract::pattern::{BadPattern, Pattern};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L016", name: "bad-pattern", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for (pattern, span) in all_patterns(contract) {
        let (severity, message, hint) = match Pattern::compile(&pattern) {
            Ok(_) => continue,
            Err(BadPattern::Invalid(reason)) => (
                Severity::Error,
                format!("pattern '{pattern}' is not an ECMA-262 regular expression"),
                reason,
            ),
            Err(BadPattern::Elsewhere(form)) => {
                (Severity::Warning, format!("pattern '{pattern}' is not executed"), form)
            }
        };
        let diagnostic = Diagnostic::new(&META, &contract.source, span, message);
        found.push(diagnostic.severity(severity).hint(hint));
    }
}
