//! ## What it does
//! Warns about service levels that are not executed: their value is not a length of time, or their
//! element, else `slaDefaultElement`, is not a column of dates or timestamps. Notes a `valueExt`,
//! which nothing reads.
//!
//! ## Why it matters
//! Latency, frequency and retention are executed where they name an element; one that cannot be
//! judged is listed as `not-executed`, and the check does not pass.
//!
//! ## Example
//! ```yaml
//! slaProperties:
//! - {property: latency, value: soon, unit: d, element: scores.computed_at}
//! ```
//!
//! ## What to do instead
//! Write a number with one of the units `ms`, `s`, `min`, `h`, `d`, `w`, `month`, `y`, both in one
//! text (`24h`), a duration of ISO 8601 (`PT24H`) or a word (`daily`), and `table.column`. In a
//! contract of one table the column alone will do.

use crate::contract::element::{Element, listed};
use crate::contract::model::{Column, Contract, LogicalType, Table};
use crate::contract::sla::{Period, Property};
use crate::contract::yaml::{Node, Value, spelling_hint};
use crate::diagnostic::{Diagnostic, Meta, Severity, Span};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L036", name: "bad-service-level", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for sla in contract.sla.iter().filter(|sla| Property::of(sla).is_some()) {
        if let Err(message) = Period::of(sla) {
            let message = format!("the service level is not executed: {message}");
            found.push(
                Diagnostic::new(&META, &contract.source, sla.span, message).hint(
                    "write a number and a unit: value: 2, unit: d; or a duration: value: P2D",
                ),
            );
        }
        let Some(element) = &sla.element else { continue };
        for name in listed(&element.value) {
            found.extend(unjudged(contract, "the service level is", name, element.span));
        }
    }
    found.extend(by_default(contract));
    found.extend(extended(contract));
}

/// The element of service levels that name none, where there are such.
fn by_default(contract: &Contract) -> Vec<Diagnostic> {
    let uses = contract.sla.iter().any(|s| Property::of(s).is_some() && s.element.is_none());
    let written = contract.sla_element.as_deref().filter(|_| uses).unwrap_or_default();
    let Some(node) = contract.tree.get("slaDefaultElement") else { return Vec::new() };
    let names = listed(written).into_iter();
    let what = "service levels without an element of their own are";
    names.filter_map(|name| unjudged(contract, what, name, node.span)).collect()
}

/// The diagnostic for an element by which the check cannot judge; readers of the contract may
/// understand it.
fn unjudged(contract: &Contract, what: &str, name: &str, span: Span) -> Option<Diagnostic> {
    let element = Element::of(contract, name);
    let (why, hint) = match element.column(name) {
        Ok(column) => (not_in_time(column)?, "name a column of dates or timestamps".to_owned()),
        Err(why) => (why, meant(contract, &element, name)),
    };
    let message = format!("{what} not executed: {why}");
    Some(Diagnostic::new(&META, &contract.source, span, message).hint(hint))
}

/// That a column is declared to hold no points in time.
fn not_in_time(column: &Column) -> Option<String> {
    let kind = column.logical_type.as_ref()?.value;
    let fits = matches!(kind, LogicalType::Date | LogicalType::Timestamp);
    let name = &column.name.value;
    (!fits).then(|| format!("column '{name}' is of type {}, not a point in time", kind.word()))
}

/// What an element that leads to no column may mean.
fn meant(contract: &Contract, element: &Element<'_>, name: &str) -> String {
    let qualified = || "an element is written as table.column".to_owned();
    match element {
        Element::NoColumn(table, missing) => {
            let columns = table.columns.iter().map(|c| c.name.value.as_str());
            spelling_hint(missing, columns.clone()).unwrap_or_else(|| some("columns", columns))
        }
        Element::NoTable(missing) => {
            let tables = contract.tables.iter().map(|t| t.name.value.as_str());
            spelling_hint(missing, tables.clone()).unwrap_or_else(|| some("tables", tables))
        }
        Element::NotQualified => {
            let has = |table: &&Table| table.column(name).is_some();
            let tables: Vec<&Table> = contract.tables.iter().filter(has).collect();
            match tables.as_slice() {
                [one] => format!("did you mean '{}.{name}'?", one.name.value),
                _ => qualified(),
            }
        }
        Element::Inside(..) => "name a column, not a field inside one".to_owned(),
        _ => qualified(),
    }
}

/// The first few names of a kind.
fn some<'a>(kind: &str, names: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 6;
    let names: Vec<&str> = names.collect();
    let shown: Vec<&str> = names.iter().take(SHOWN).copied().collect();
    let more = if names.len() > SHOWN { ", …" } else { "" };
    match names.is_empty() {
        true => format!("there are no {kind}: declare what the service level is judged by"),
        false => format!("its {kind} are {}{more}", shown.join(", ")),
    }
}

/// Extended values, to which the standard gives no meaning.
fn extended(contract: &Contract) -> Vec<Diagnostic> {
    let entries = contract.tree.get("slaProperties").map(Node::items).unwrap_or_default();
    let note = |entry: &Node| {
        let property = entry.get("property").and_then(Node::as_str)?;
        let (key, value) = entry.entries().iter().find(|(key, _)| key.text == "valueExt")?;
        let message =
            format!("valueExt of '{property}' is not used: the standard does not define it");
        let note = Diagnostic::new(&META, &contract.source, key.span, message)
            .severity(Severity::Note)
            .hint("only value and unit are read: say there what must hold");
        (!matches!(value.value, Value::Null)).then_some(note)
    };
    entries.iter().filter_map(note).collect()
}
