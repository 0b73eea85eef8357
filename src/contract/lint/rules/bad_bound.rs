//! ## What it does
//! Reports bounds that cannot be read: text for a number, an unknown time zone. A text that is not a
//! date, a timestamp or a time is a warning, and so is an exclusive bound of version 3.0 without the
//! bound that it is about.
//!
//! ## Why it matters
//! A bound that cannot be read cannot be kept: a check lists it as `not-executed`.
//!
//! ## Example
//! ```yaml
//! logicalType: date
//! logicalTypeOptions: {minimum: 01/02/2020}
//! ```
//!
//! ## What to do instead
//! Write numbers as numbers, dates as `2020-02-01`, timestamps as `2020-02-01T00:00:00Z`.

use std::sync::Arc;

use crate::contract::decimal::Decimal;
use crate::contract::lint::all_places;
use crate::contract::model::{Contract, LogicalType};
use crate::contract::temporal;
use crate::contract::types::{Kept, kept};
use crate::contract::unread::{self, Why};
use crate::contract::yaml::{Node, Value};
use crate::diagnostic::{Diagnostic, Meta, Severity, Source, Span};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L015", name: "bad-bound", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for (place, column) in all_places(contract) {
        let Some(logical) = column.logical_type.as_ref().map(|t| t.value) else { continue };
        for key in unread::BOUNDS.iter().copied() {
            let Some(node) = column.options.get(key) else { continue };
            if kept(column) == Some(Kept::Epoch) {
                found.push(of_epoch(contract, &place, key, node));
                continue;
            }
            if is_infinite(node) {
                let message = format!("{key} of column '{place}' is infinite");
                let new = Diagnostic::new(&META, &contract.source, node.span, message);
                found
                    .push(new.severity(Severity::Warning).hint("remove it: it excludes no number"));
                continue;
            }
            let why = unread::option(column, key, node);
            // Told where the document was read.
            if why == Some(Why::Flag) {
                continue;
            }
            let is_unread = matches!(why, Some(Why::Unreadable(_)));
            if is_unread || !is_readable(logical, node) {
                found.push(unreadable(contract, (&place, logical), (key, node), is_unread));
            }
        }
        if let Some(node) = unread::executed(column).get("defaultTimezone")
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
fn of_epoch(contract: &Contract, place: &str, key: &str, node: &Node) -> Diagnostic {
    let message = format!(
        "{key} of column '{place}' is not executed: files keep numbers that count from an epoch, \
         in a unit that is not declared"
    );
    Diagnostic::new(&META, &contract.source, node.span, message)
        .severity(Severity::Warning)
        .hint("write logicalType: integer and the bound as a number")
}

/// A bound that cannot be read. The standard's schema takes any text as a bound of points in time.
fn unreadable(
    contract: &Contract,
    (place, logical): (&str, LogicalType),
    (key, node): (&str, &Node),
    is_unread: bool,
) -> Diagnostic {
    let word = logical.word();
    let mut message = format!("{key} of {word} column '{place}' cannot be read");
    let severity = match is_unread && node.as_str().is_some() {
        true => {
            message.push_str(": it is not executed");
            Severity::Warning
        }
        false => META.severity,
    };
    Diagnostic::new(&META, &contract.source, node.span, message)
        .severity(severity)
        .hint(form(logical))
}

/// How bounds of a type are written.
fn form(logical: LogicalType) -> &'static str {
    match logical {
        LogicalType::Date => "write dates as '2020-12-31'",
        LogicalType::Timestamp => "write timestamps as '2020-12-31T23:59:59Z'",
        LogicalType::Time => "write times as '23:59:59'",
        _ => "write a number, without quotes",
    }
}

fn is_readable(logical: LogicalType, node: &Node) -> bool {
    match (logical, &node.value) {
        (LogicalType::Integer | LogicalType::Number, Value::Number(text)) => {
            text.parse::<Decimal>().is_ok()
        }
        (LogicalType::Integer | LogicalType::Number, _) => false,
        _ => true,
    }
}

/// A flag of 3.0 that makes a bound exclusive, without the bound.
pub(in crate::contract) fn of_flag(
    source: &Arc<Source>,
    span: Span,
    flag: &str,
    bound: &str,
) -> Diagnostic {
    let message = format!("{flag}: true requires nothing without {bound}: it is not executed");
    Diagnostic::new(&META, source, span, message)
        .severity(Severity::Warning)
        .hint(format!("add {bound}, or remove {flag}"))
}
