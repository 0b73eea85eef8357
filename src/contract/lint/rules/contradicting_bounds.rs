//! ## What it does
//! Reports bounds that no value can meet: a minimum above the maximum, a negative length or number of
//! items or fields, a `multipleOf` or `dimensions` that is not above zero. Warns of a range whose two
//! bounds are one number.
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
use crate::contract::model::{Contract, LogicalType, Operator, Options};
use crate::contract::temporal;
use crate::contract::unread;
use crate::contract::yaml::{Node, Value};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L013", name: "contradicting-bounds", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for column in all_columns(contract) {
        let options = unread::executed(column);
        for (low, high, strict) in PAIRS {
            pair(contract, &options, low, high, *strict, found);
        }
        let multiple = options.get("multipleOf");
        let zero_or_less = |n: &Node| number(n).is_some_and(|d| !d.is_positive());
        if let Some(node) = multiple.filter(|n| zero_or_less(n)) {
            let message = "multipleOf must be above zero";
            found.push(Diagnostic::new(&META, &contract.source, node.span, message));
        }
        for key in COUNTS {
            let negative = |n: &Node| number(n).is_some_and(Decimal::is_negative);
            if let Some(node) = options.get(key).filter(|n| negative(n)) {
                let message = format!("{key} must not be below zero");
                found.push(Diagnostic::new(&META, &contract.source, node.span, message));
            }
        }
        let is_vector =
            column.logical_type.as_ref().is_some_and(|t| t.value == LogicalType::Vector);
        if is_vector && column.dimensions.is_some_and(|dimensions| dimensions < 1) {
            let place = column.options.get("dimensions").map_or(column.name.span, |n| n.span);
            let message = "dimensions must be above zero";
            found.push(Diagnostic::new(&META, &contract.source, place, message));
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
            } else if a
                .parse::<Decimal>()
                .is_ok_and(|low| b.parse().is_ok_and(|b: Decimal| low == b))
            {
                let (between, one) = match &operator.value {
                    Operator::MustBeBetween(..) => ("mustBeBetween", "mustBe"),
                    _ => ("mustNotBeBetween", "mustNotBe"),
                };
                let message = format!(
                    "both bounds of {between} are {a}: other tools refuse a range of one number"
                );
                found.push(
                    Diagnostic::new(&META, &contract.source, operator.span, message)
                        .severity(Severity::Warning)
                        .hint(format!("write {one}: {a}")),
                );
            }
        }
    }
}

/// Options that count something.
const COUNTS: [&str; 6] =
    ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];

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
    options: &Options,
    low: &str,
    high: &str,
    strict: bool,
    found: &mut Vec<Diagnostic>,
) {
    let (Some(a), Some(b)) = (options.get(low), options.get(high)) else { return };
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
