//! ## What it does
//! Warns about an unknown severity; it counts as error.
//!
//! ## Why it matters
//! A misspelled `warnning` would fail deliveries that were meant to pass.
//!
//! ## Example
//! ```yaml
//! severity: hight
//! ```
//!
//! ## What to do instead
//! Use `error`, `warning` or `info`.

use crate::contract::lint::all_rules;
use crate::contract::model::Contract;
use crate::contract::yaml::spelling_hint;
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L025", name: "unknown-severity", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for (_, _, rule) in all_rules(contract) {
        let Some(severity) = &rule.severity else { continue };
        if level(&severity.value).is_none() {
            let message = format!("severity '{}' is unknown and counts as error", severity.value);
            let known = ["error", "critical", "warning", "info"];
            found.push(
                Diagnostic::new(&META, &contract.source, severity.span, message).hint(
                    spelling_hint(&severity.value, known)
                        .unwrap_or_else(|| "error, warning or info".to_owned()),
                ),
            );
        }
    }
}

/// Whether a severity fails the run (`true`) or is reported (`false`); `None` if unknown.
pub fn level(word: &str) -> Option<bool> {
    match word.to_lowercase().as_str() {
        "error" | "critical" | "high" | "major" | "blocker" => Some(true),
        "warning" | "warn" | "low" | "minor" | "info" | "trivial" => Some(false),
        _ => None,
    }
}
