//! ## What it does
//! Reports options that the logical type does not have, and options without a logical type; warns of
//! a `format` that is not a width of an integer or a number.
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
use crate::contract::model::{Column, Contract, LogicalType};
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
        found.extend(no_width(contract, column, logical.value));
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

/// A format of an integer or a number that says no width: it binds nothing.
fn no_width(contract: &Contract, column: &Column, logical: LogicalType) -> Option<Diagnostic> {
    let widths: &[&str] = match logical {
        LogicalType::Integer => {
            &["i8", "i16", "i32", "i64", "i128", "u8", "u16", "u32", "u64", "u128"]
        }
        LogicalType::Number => &["f32", "f64"],
        _ => return None,
    };
    let node = column.options.get("format")?;
    let format = node.as_str().filter(|format| !widths.contains(format))?;
    // The common spelling of a width that the standard abbreviates.
    let short =
        format.to_lowercase().replace("uint", "u").replace("int", "i").replace("float", "f");
    let meant = widths.iter().find(|width| **width == short);
    let hint = match meant {
        Some(width) => format!("write format: {width}"),
        None => format!("one of {}; database types go into physicalType", widths.join(", ")),
    };
    let message =
        format!("format '{format}' is not a width of {} and binds nothing", article(logical));
    let new = Diagnostic::new(&META, &contract.source, node.span, message);
    Some(new.severity(Severity::Warning).hint(hint))
}

fn article(logical: LogicalType) -> &'static str {
    if logical == LogicalType::Integer { "an integer" } else { "a number" }
}
