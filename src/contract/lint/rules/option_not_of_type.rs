//! ## What it does
//! Reports options that the logical type does not have, and options without a logical type.
//!
//! ## Why it matters
//! An option of another type is never checked.
//!
//! ## Example
//! ```yaml
//! logicalType: boolean
//! logicalTypeOptions: {maxLength: 3}
//! ```
//!
//! ## What to do instead
//! Use an option of the type, or correct the type.

use crate::contract::lint::all_columns;
use crate::contract::model::Contract;
use crate::contract::odcs::{is_option, options_of};
use crate::contract::yaml::spelling_hint;
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L014", name: "option-not-of-type", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for column in all_columns(contract) {
        let Some(span) = column.options.span else { continue };
        let Some(logical) = &column.logical_type else {
            found.push(
                Diagnostic::new(
                    &META,
                    &contract.source,
                    span,
                    format!("column '{}' has options but no logicalType", column.name.value),
                )
                .hint("add logicalType: the options depend on it"),
            );
            continue;
        };
        let word = logical.value.word();
        let known = options_of(word);
        for (key, node) in
            column.options.iter().filter(|(key, _)| !known.contains(key) && is_option(key))
        {
            let hint = if known.is_empty() {
                format!("logicalType {word} has no options")
            } else {
                spelling_hint(key, known.iter().copied())
                    .unwrap_or_else(|| format!("{word} has {}", known.join(", ")))
            };
            let message = format!("logicalType {word} has no option '{key}'");
            found.push(Diagnostic::new(&META, &contract.source, node.span, message).hint(hint));
        }
    }
}
