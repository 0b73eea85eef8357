//! ## What it does
//! Reports values of `enum`, `validValues` and `missingValues` that can never occur, because their
//! type differs from the column's, and values that `enum` lists twice. It is an error where no value of
//! an `enum` can occur.
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

use std::sync::Arc;

use crate::contract::decimal::Decimal;
use crate::contract::lint::{all_places, all_rules, place_of};
use crate::contract::model::{Column, Contract, LogicalType};
use crate::contract::temporal;
use crate::contract::types::{Kept, kept};
use crate::contract::yaml::{Node, Value};
use crate::diagnostic::{Diagnostic, Meta, Severity, Source, Span};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L031", name: "bad-enum-value", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for (place, column) in all_places(contract) {
        let Some(allowed) = &column.allowed else { continue };
        let none = !allowed.value.iter().any(|node| occurs(column, node));
        let severity = if none { Severity::Error } else { Severity::Warning };
        for node in allowed.value.iter().filter(|node| !occurs(column, node)) {
            found.push(never(contract, &place, column, node).severity(severity));
        }
        repeated(contract, &allowed.value, found);
    }
    for (_, column, rule) in all_rules(contract) {
        let (Some(column), Some(arguments)) = (column, &rule.arguments) else { continue };
        let listed = |key: &str| arguments.get(key).map(Node::items).unwrap_or_default();
        let valid = listed("validValues").iter();
        // Words such as n/a stand for missing values of every type.
        let missing = listed("missingValues").iter().filter(|n| n.as_str().is_none());
        for node in valid.chain(missing).filter(|node| !occurs(column, node)) {
            let place = place_of(contract, column);
            found.push(never(contract, &place, column, node).severity(Severity::Warning));
        }
    }
}

/// Values that a list has already.
fn repeated(contract: &Contract, values: &[Node], found: &mut Vec<Diagnostic>) {
    for (n, node) in values.iter().enumerate() {
        let Some(first) = values.iter().take(n).find(|first| same(first, node)) else { continue };
        let shown = node.scalar_text().unwrap_or_else(|| node.value.kind().to_owned());
        let message = format!("the value {shown} occurs twice in enum");
        found.push(
            Diagnostic::new(&META, &contract.source, node.span, message)
                .severity(Severity::Warning)
                .hint(format!("remove one of the two; the other is at line {}", first.span.line)),
        );
    }
}

fn same(one: &Node, other: &Node) -> bool {
    let number = |node: &Node| match &node.value {
        Value::Number(text) => text.parse::<Decimal>().ok().map(|d| d.normalized().to_string()),
        _ => None,
    };
    one.same_value(other) || number(one).is_some_and(|one| Some(one) == number(other))
}

/// An enum without values, which every row but one of NULL would fail.
pub(in crate::contract) fn of_none(source: &Arc<Source>, span: Span) -> Diagnostic {
    Diagnostic::new(&META, source, span, "enum lists no values: every value would fail")
        .hint("list the values, or remove enum")
}

fn never(contract: &Contract, place: &str, column: &Column, node: &Node) -> Diagnostic {
    let logical = column.logical_type.as_ref().map(|t| t.value);
    let word = logical.map_or("any", LogicalType::word);
    let shown = match &node.value {
        Value::String(text) => format!("'{text}'"),
        _ => node.scalar_text().unwrap_or_else(|| node.value.kind().to_owned()),
    };
    let message = format!("{shown} can never occur: it is not a value of {word} column '{place}'");
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
