//! ## What it does
//! Reports bounds that no value can meet: a minimum above the maximum, a negative length, a `multipleOf` that is not above zero.
//!
//! ## Why it matters
//! Every delivery would fail.
//!
//! ## Example
//! ```yaml
//! logicalTypeOptions: {minimum: 10, maximum: 1}
//! ```
//!
//! ## What to do instead
//! Correct one of the two.

use crate::contract::decimal::Decimal;
use crate::contract::lint::{all_columns, all_rules};
use crate::contract::model::{Column, Contract, Operator};
use crate::contract::temporal;
use crate::contract::yaml::{Node, Value};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L013", name: "contradicting-bounds", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for column in all_columns(contract) {
        for (low, high, strict) in PAIRS {
            pair(contract, column, low, high, *strict, found);
        }
        let multiple = column.options.get("multipleOf");
        let zero_or_less = |n: &Node| number(n).is_some_and(|d| !d.is_positive());
        if let Some(node) = multiple.filter(|n| zero_or_less(n)) {
            let message = "multipleOf must be above zero";
            found.push(Diagnostic::new(&META, &contract.source, node.span, message));
        }
        for key in ["minLength", "maxLength", "minItems", "maxItems"] {
            let negative = |n: &Node| number(n).is_some_and(Decimal::is_negative);
            if let Some(node) = column.options.get(key).filter(|n| negative(n)) {
                let message = format!("{key} must not be below zero");
                found.push(Diagnostic::new(&META, &contract.source, node.span, message));
            }
        }
    }
    for (_, _, rule) in all_rules(contract) {
        for operator in &rule.operators {
            let (Operator::MustBeBetween(a, b) | Operator::MustNotBeBetween(a, b)) =
                &operator.value
            else {
                continue;
            };
            if let (Ok(low), Ok(high)) = (a.parse::<Decimal>(), b.parse::<Decimal>())
                && low > high
            {
                found.push(
                    Diagnostic::new(
                        &META,
                        &contract.source,
                        operator.span,
                        format!("[{a}, {b}] is not a range: the smaller number comes first"),
                    )
                    .hint(format!("[{b}, {a}]")),
                );
            }
        }
    }
}

/// Low key, high key, and whether equal values contradict too.
const PAIRS: &[(&str, &str, bool)] = &[
    ("minimum", "maximum", false),
    ("minimum", "exclusiveMaximum", true),
    ("exclusiveMinimum", "maximum", true),
    ("exclusiveMinimum", "exclusiveMaximum", true),
    ("minLength", "maxLength", false),
    ("minItems", "maxItems", false),
    ("minProperties", "maxProperties", false),
];

fn pair(
    contract: &Contract,
    column: &Column,
    low: &str,
    high: &str,
    strict: bool,
    found: &mut Vec<Diagnostic>,
) {
    let (Some(a), Some(b)) = (column.options.get(low), column.options.get(high)) else { return };
    let order = match (number(a), number(b), a.as_str(), b.as_str()) {
        (Some(x), Some(y), ..) => x.cmp(&y),
        (_, _, Some(x), Some(y)) => match (instant(x), instant(y)) {
            (Some(x), Some(y)) => x.cmp(&y),
            _ => return,
        },
        _ => return,
    };
    if order.is_gt() || (strict && order.is_eq()) {
        let text = |n: &Node| n.scalar_text().unwrap_or_default();
        let message = format!("{low} {} leaves no value under {high} {}", text(a), text(b));
        found.push(
            Diagnostic::new(&META, &contract.source, a.span, message)
                .hint(format!("{high} is at line {}", b.span.line)),
        );
    }
}

/// A date, a timestamp or a time as one comparable number.
fn instant(text: &str) -> Option<i128> {
    use chrono::Timelike;
    let timestamp = temporal::timestamp(text).and_then(|t| t.nanoseconds(None));
    timestamp.or_else(|| {
        let time = temporal::time(text)?;
        let seconds = i128::from(time.num_seconds_from_midnight());
        Some(seconds * 1_000_000_000 + i128::from(time.nanosecond()))
    })
}

fn number(node: &Node) -> Option<Decimal> {
    match &node.value {
        Value::Number(text) => text.parse().ok(),
        _ => None,
    }
}
