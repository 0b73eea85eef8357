//! ## What it does
//! Notes patterns with look-around or back-references.
//!
//! ## Why it matters
//! They run on a backtracking engine, slower, and under a step limit; every other pattern runs in linear time.
//!
//! ## Example
//! ```yaml
//! logicalTypeOptions: {pattern: "^(?!0)[0-9]+$"}
//! ```
//!
//! ## What to do instead
//! Write it without look-around where speed matters.

use crate::contract::lint::all_patterns;
use crate::contract::model::Contract;
use crate::contract::pattern::Pattern;
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L017", name: "slow-pattern", severity: Severity::Note, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for (pattern, span) in all_patterns(contract) {
        if Pattern::compile(&pattern).is_ok_and(|p| p.is_backtracking()) {
            let message = "this pattern needs a backtracking engine and runs slower";
            found.push(
                Diagnostic::new(&META, &contract.source, span, message)
                    .hint("avoid look-around and back-references where you can"),
            );
        }
    }
}
