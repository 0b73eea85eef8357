//! ## What it does
//! Warns of options that the logical type does not have, of options without a logical type, of a
//! `format` that is not a width of an integer or a number, and of `items`, `properties` and `map`
//! beside a type that has no such parts.
//!
//! ## Why it matters
//! An option of another type is never tested: a check lists it as `not-executed`.
//!
//! ## Example
//! ```yaml
//! logicalType: boolean
//! logicalTypeOptions: {maxLength: 3}
//! ```
//!
//! ## What to do instead
//! Use an option of the type, or correct the type.

use crate::contract::lint::all_places;
use crate::contract::model::{Column, Contract, LogicalType};
use crate::contract::odcs::{is_option, options_of};
use crate::contract::unread::{self, Why};
use crate::contract::yaml::spelling_hint;
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L014", name: "option-not-of-type", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for (place, column) in all_places(contract) {
        for (key, node, why) in unread::options(column) {
            let hint = match why {
                Why::NoType => "add logicalType: the options depend on it".to_owned(),
                Why::NotOfType(logical) => other_option(logical, key),
                // Bounds have a rule of their own.
                Why::Unreadable(_) | Why::Flag => continue,
                // As do formats of numbers.
                Why::NoWidth => continue,
            };
            // A key that no type has is reported as such.
            if !is_option(key) {
                continue;
            }
            let message = match why {
                Why::NoType => {
                    format!(
                        "column '{place}' has options but no logicalType: '{key}' is not executed"
                    )
                }
                _ => format!("{}: it is not executed", why.words(key)),
            };
            let new = Diagnostic::new(&META, &contract.source, node.span, message);
            let severity = if why == Why::NoType { Severity::Error } else { META.severity };
            found.push(new.severity(severity).hint(hint));
        }
        if let Some(logical) = &column.logical_type {
            found.extend(no_width(contract, column, logical.value));
            parts(contract, &place, column, found);
        }
    }
}

fn other_option(logical: LogicalType, key: &str) -> String {
    let word = logical.word();
    let known = options_of(word);
    if known.is_empty() {
        return format!("remove it, or correct logicalType: {word} has no options");
    }
    spelling_hint(key, known.iter().copied())
        .unwrap_or_else(|| format!("{word} has {}", known.join(", ")))
}

/// What a column says is inside it, though its type has no such parts.
fn parts(contract: &Contract, place: &str, column: &Column, found: &mut Vec<Diagnostic>) {
    let Some(logical) = &column.logical_type else { return };
    let word = logical.value.word();
    for part in unread::parts(column) {
        let (of, hint) = match part {
            "items" => ("array", "write logicalType: array, or remove items"),
            "map" => ("map", "write logicalType: map, or remove map"),
            _ if logical.value == LogicalType::Array => {
                ("object", "put them inside: items: { logicalType: object, properties: [ … ] }")
            }
            _ => ("object", "write logicalType: object, or remove properties"),
        };
        let message = format!(
            "logicalType {word} has no '{part}', which are of type {of}: what column '{place}' \
             states inside is not executed"
        );
        let new = Diagnostic::new(&META, &contract.source, logical.span, message);
        found.push(new.hint(hint));
    }
}

/// A format of an integer or a number that says no width: it binds nothing.
fn no_width(contract: &Contract, column: &Column, logical: LogicalType) -> Option<Diagnostic> {
    let widths = unread::widths(logical);
    if widths.is_empty() {
        return None;
    }
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
    Some(Diagnostic::new(&META, &contract.source, node.span, message).hint(hint))
}

fn article(logical: LogicalType) -> &'static str {
    if logical == LogicalType::Integer { "an integer" } else { "a number" }
}
