//! ## What it does
//! Reports allowed values whose type differs from the column's.
//!
//! ## Why it matters
//! A number can never equal a string: every row would fail.
//!
//! ## Example
//! ```yaml
//! logicalType: integer
//! enum:
//! - value: one
//! ```
//!
//! ## What to do instead
//! Write values of the column's type.

use crate::contract::decimal::Decimal;
use crate::contract::lint::all_columns;
use crate::contract::model::{Contract, LogicalType};
use crate::contract::temporal;
use crate::contract::yaml::{Node, Value};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L031", name: "bad-enum-value", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for column in all_columns(contract) {
        let Some(logical) = column.logical_type.as_ref().map(|t| t.value) else { continue };
        let Some(allowed) = &column.allowed else { continue };
        for node in &allowed.value {
            if !fits(logical, node) {
                let message = format!(
                    "{} is not a value of {} column '{}'",
                    node.scalar_text().unwrap_or_else(|| node.value.kind().to_owned()),
                    logical.word(),
                    column.name.value
                );
                let hint = match (&node.value, logical) {
                    (Value::Number(n), LogicalType::String) => {
                        Some(format!("write '{n}' in quotes"))
                    }
                    _ => None,
                };
                found.push(
                    Diagnostic::new(&META, &contract.source, node.span, message).maybe_hint(hint),
                );
            }
        }
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
