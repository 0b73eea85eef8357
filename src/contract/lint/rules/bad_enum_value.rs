//! ## What it does
//! Reports values of `enum`, `validValues` and `missingValues` that can never occur, because their
//! type differs from the column's. It is an error where no value of an `enum` can occur.
//!
//! ## Why it matters
//! A number never equals a text: `03` without quotes is the number 3, and every row that holds the
//! text `03` would fail.
//!
//! ## Example
//! ```yaml
//! logicalType: integer
//! enum:
//! - value: one
//! ```
//!
//! ## What to do instead
//! Write values of the column's type: texts in quotes, numbers without.

use crate::contract::decimal::Decimal;
use crate::contract::lint::{all_columns, all_rules};
use crate::contract::model::{Column, Contract, LogicalType};
use crate::contract::temporal;
use crate::contract::types::{Kept, kept};
use crate::contract::yaml::{Node, Value};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L031", name: "bad-enum-value", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for column in all_columns(contract) {
        let Some(allowed) = &column.allowed else { continue };
        let none = !allowed.value.iter().any(|node| occurs(column, node));
        let severity = if none { Severity::Error } else { Severity::Warning };
        for node in allowed.value.iter().filter(|node| !occurs(column, node)) {
            found.push(never(contract, column, node).severity(severity));
        }
    }
    for (_, column, rule) in all_rules(contract) {
        let (Some(column), Some(arguments)) = (column, &rule.arguments) else { continue };
        let listed = |key: &str| arguments.get(key).map(Node::items).unwrap_or_default();
        let valid = listed("validValues").iter();
        // Words such as n/a stand for missing values of every type.
        let missing = listed("missingValues").iter().filter(|n| n.as_str().is_none());
        for node in valid.chain(missing).filter(|node| !occurs(column, node)) {
            found.push(never(contract, column, node).severity(Severity::Warning));
        }
    }
}

fn never(contract: &Contract, column: &Column, node: &Node) -> Diagnostic {
    let logical = column.logical_type.as_ref().map(|t| t.value);
    let word = logical.map_or("any", LogicalType::word);
    let shown = match &node.value {
        Value::String(text) => format!("'{text}'"),
        _ => node.scalar_text().unwrap_or_else(|| node.value.kind().to_owned()),
    };
    let name = &column.name.value;
    let message = format!("{shown} can never occur: it is not a value of {word} column '{name}'");
    let number = |text: &str| text.parse::<Decimal>().is_ok();
    let hint = match (&node.value, logical) {
        (Value::Number(text), Some(LogicalType::String)) => {
            Some(format!("write '{text}' in quotes"))
        }
        (Value::Bool(truth), Some(LogicalType::String)) => {
            Some(format!("write '{truth}' in quotes"))
        }
        (Value::String(text), Some(LogicalType::Integer | LogicalType::Number)) if number(text) => {
            Some(format!("write {text} without quotes"))
        }
        (Value::String(text), Some(LogicalType::Boolean)) if text == "true" || text == "false" => {
            Some(format!("write {text} without quotes"))
        }
        _ => None,
    };
    Diagnostic::new(&META, &contract.source, node.span, message).maybe_hint(hint)
}

/// Whether a row of the column can hold the value.
fn occurs(column: &Column, node: &Node) -> bool {
    let Some(logical) = column.logical_type.as_ref().map(|t| t.value) else { return true };
    match (kept(column), &node.value) {
        (Some(Kept::Text), _) => fits(LogicalType::String, node),
        (Some(Kept::Epoch), _) => fits(LogicalType::Number, node),
        (None, Value::String(text)) if column.open_moment && logical == LogicalType::Date => {
            temporal::timestamp(text).is_some()
        }
        (None, _) => fits(logical, node),
    }
}

fn fits(logical: LogicalType, node: &Node) -> bool {
    match (logical, &node.value) {
        (LogicalType::String, Value::String(_))
        | (LogicalType::Boolean, Value::Bool(_))
        | (LogicalType::Number, Value::Number(_))
        | (_, Value::Null) => true,
        (LogicalType::Integer, Value::Number(n)) => {
            n.parse::<Decimal>().is_ok_and(|d| d.is_whole_at(0))
        }
        (LogicalType::Date, Value::String(s)) => temporal::date(s).is_some(),
        (LogicalType::Timestamp, Value::String(s)) => temporal::timestamp(s).is_some(),
        (LogicalType::Time, Value::String(s)) => temporal::time(s).is_some(),
        _ => false,
    }
}
