//! ## What it does
//! Reports bounds that cannot be read: text for a number, an invalid date, an unknown time zone.
//!
//! ## Why it matters
//! A bound that cannot be read cannot be kept.
//!
//! ## Example
//! ```yaml
//! logicalType: date
//! logicalTypeOptions: {minimum: 01/02/2020}
//! ```
//!
//! ## What to do instead
//! Write numbers as numbers, dates as `2020-02-01`, timestamps as `2020-02-01T00:00:00Z`.

use crate::contract::decimal::Decimal;
use crate::contract::lint::all_columns;
use crate::contract::model::{Column, Contract, LogicalType};
use crate::contract::temporal;
use crate::contract::types::{Kept, kept};
use crate::contract::yaml::{Node, Value};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L015", name: "bad-bound", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for column in all_columns(contract) {
        let Some(logical) = column.logical_type.as_ref().map(|t| t.value) else { continue };
        for key in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] {
            let Some(node) = column.options.get(key) else { continue };
            if kept(column) == Some(Kept::Epoch) {
                found.push(of_epoch(contract, column, key, node));
                continue;
            }
            if is_infinite(node) {
                let message = format!("{key} of column '{}' is infinite", column.name.value);
                let new = Diagnostic::new(&META, &contract.source, node.span, message);
                found
                    .push(new.severity(Severity::Warning).hint("remove it: it excludes no number"));
                continue;
            }
            if let Err(expected) = readable(logical, column.open_moment, node) {
                let message = format!(
                    "{key} of {} column '{}' cannot be read",
                    logical.word(),
                    column.name.value
                );
                found.push(
                    Diagnostic::new(&META, &contract.source, node.span, message).hint(expected),
                );
            }
        }
        if let Some(node) = column.options.get("defaultTimezone")
            && node.as_str().is_none_or(|zone| temporal::zone(zone).is_none())
        {
            let message = "defaultTimezone is not a time zone";
            found.push(
                Diagnostic::new(&META, &contract.source, node.span, message)
                    .hint("an IANA name such as Europe/Berlin, or an offset such as +02:00"),
            );
        }
    }
}

fn is_infinite(node: &Node) -> bool {
    let number = |text: &str| text.parse::<f64>().is_ok_and(f64::is_infinite);
    matches!(&node.value, Value::Number(text) if number(text) && text.parse::<Decimal>().is_err())
}

/// A bound of a column that counts from an epoch.
fn of_epoch(contract: &Contract, column: &Column, key: &str, node: &Node) -> Diagnostic {
    let message = format!(
        "{key} of column '{}' is not executed: files keep numbers that count from an epoch, and \
         nothing says in which unit",
        column.name.value
    );
    Diagnostic::new(&META, &contract.source, node.span, message)
        .severity(Severity::Warning)
        .hint("write logicalType: integer and the bound as a number")
}

fn readable(logical: LogicalType, is_open: bool, node: &Node) -> Result<(), &'static str> {
    let text = node.scalar_text().unwrap_or_default();
    let ok = match logical {
        LogicalType::Integer | LogicalType::Number => {
            matches!(node.value, Value::Number(_)) && text.parse::<Decimal>().is_ok()
        }
        LogicalType::Date if is_open => temporal::timestamp(&text).is_some(),
        LogicalType::Date => temporal::date(&text).is_some(),
        LogicalType::Timestamp => temporal::timestamp(&text).is_some(),
        LogicalType::Time => temporal::time(&text).is_some(),
        _ => true,
    };
    match logical {
        _ if ok => Ok(()),
        LogicalType::Date => Err("write dates as '2020-12-31'"),
        LogicalType::Timestamp => Err("write timestamps as '2020-12-31T23:59:59Z'"),
        LogicalType::Time => Err("write times as '23:59:59'"),
        _ => Err("write a number, without quotes"),
    }
}
