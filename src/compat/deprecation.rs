//! Deprecation before removal: how long an element has been marked, by its contract and by releases.

use chrono::{DateTime, NaiveDate, Utc};

use crate::contract::model::custom_property;
use crate::contract::odcs::{deprecation_mark, is_deprecated};
use crate::contract::temporal;
use crate::contract::yaml::Node;
use crate::contract::{Contract, Parsed};
use crate::error::Result;
use crate::project::Deprecation;
use crate::warehouse::{Ledger, Warehouse};

/// A contract as one release had it.
pub struct Released {
    /// When it was released.
    pub time: DateTime<Utc>,
    /// The contract.
    pub contract: Contract,
}

/// The contracts of every release of an id up to a major: major after major, oldest first. Releases
/// of a greater major say nothing about it.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn history(warehouse: &Warehouse, id: &str, major: u64) -> Result<Vec<Released>> {
    let ledger = Ledger::read(&warehouse.contract(id)).await?;
    let entries = ledger.entries()?.into_iter().filter(|e| e.is_published());
    let mut released: Vec<Released> = entries
        .filter_map(|entry| {
            let text = entry.contract?;
            let source = std::sync::Arc::new(crate::diagnostic::Source::new("release", text));
            let Parsed { contract, .. } = crate::contract::parse(&source);
            Some(Released { time: entry.time, contract: contract? })
        })
        .filter(|r| r.contract.version.major <= major)
        .collect();
    // Releases of one major are in order already.
    released.sort_by_key(|r| r.contract.version.major);
    Ok(released)
}

/// An element of a contract, by the names of the base.
#[derive(Debug, Clone, Copy)]
pub enum Element<'a> {
    /// The contract itself.
    Contract,
    /// A table.
    Table(&'a str),
    /// A column of a table.
    Column(&'a str, &'a str),
    /// A field inside a column: its table, and the path `table.column.field`.
    Inside(&'a str, &'a str),
}

/// Why an element may not be removed yet, and what to do; `None` where it may.
pub fn missing(
    base: &Contract,
    element: Element<'_>,
    window: Deprecation,
    history: &[Released],
    today: NaiveDate,
) -> Option<(String, String)> {
    if !marked(base, element) {
        let mark = match element {
            Element::Contract => "status: deprecated",
            _ => deprecation_mark(base.api_version),
        };
        let hint = format!("mark it {mark}, publish, and remove it when its time is over");
        return Some(("it was never deprecated".to_owned(), hint));
    }
    // The last run of releases in which it was marked without a break.
    let mut run: Vec<&Released> =
        history.iter().rev().take_while(|r| marked(&r.contract, element)).collect();
    run.reverse();
    let since = declared_since(base, element).or_else(|| Some(run.first()?.time.date_naive()));
    let days = since.map(|since| (today - since).num_days());
    match days {
        None if window.days > 0 => {
            return Some((
                "the day of its deprecation is unknown: no release has it, and it has \
                 no custom property deprecatedSince"
                    .to_owned(),
                "write the day: customProperties: [{property: deprecatedSince, value: 2026-01-31}]"
                    .to_owned(),
            ));
        }
        Some(days) if days < window.days => {
            let left = chrono::Duration::try_days(window.days - days);
            let day = left.and_then(|left| today.checked_add_signed(left));
            let when =
                day.map_or_else(|| "in the distant future".to_owned(), |day| format!("from {day}"));
            return Some((
                format!(
                    "it has been deprecated for {days} days; the policy requires {}",
                    window.days
                ),
                format!("it may be removed {when}"),
            ));
        }
        _ => {}
    }
    let mut versions: Vec<&str> = run.iter().map(|r| r.contract.version_text.as_str()).collect();
    versions.push(&base.version_text);
    versions.sort_unstable();
    versions.dedup();
    (versions.len() < window.versions).then(|| {
        let (had, due) = (versions.len(), window.versions);
        (
            format!("it has been deprecated in {had} versions; the policy requires {due}"),
            format!("publish it with that mark in {} more", due - had),
        )
    })
}

/// Whether an element, its table or its contract is deprecated.
fn marked(contract: &Contract, element: Element<'_>) -> bool {
    let whole = matches!(contract.status.as_deref(), Some("deprecated" | "retired"));
    whole || nodes(contract, element).into_iter().any(is_deprecated)
}

/// `deprecatedSince` of an element, its table or its contract.
fn declared_since(contract: &Contract, element: Element<'_>) -> Option<NaiveDate> {
    let own = nodes(contract, element).into_iter().chain([contract.tree.as_ref()]);
    let texts = own.filter_map(|n| custom_property(n, "deprecatedSince")?.scalar_text());
    texts.filter_map(|text| temporal::date(&text)).next()
}

/// The nodes of an element and of its parents.
fn nodes<'a>(contract: &'a Contract, element: Element<'_>) -> Vec<&'a Node> {
    let named = |list: &'a Node, name: &str| {
        let same = |n: &&Node| {
            n.get("name").and_then(Node::as_str).is_some_and(|n| n.eq_ignore_ascii_case(name))
        };
        list.items().iter().find(same)
    };
    let schema = contract.tree.get("schema");
    match element {
        Element::Contract => Vec::new(),
        Element::Table(table) => schema.and_then(|s| named(s, table)).into_iter().collect(),
        Element::Inside(table, way) => {
            let Some(table) = schema.and_then(|s| named(s, table)) else { return Vec::new() };
            let mut nodes = vec![table];
            for step in way.split('.').skip(1) {
                let name = step.split(['[', '{']).next().unwrap_or_default();
                let last = nodes.last().copied();
                let Some(mut node) = last.and_then(|n| named(n.get("properties")?, name)) else {
                    break;
                };
                for _ in step.matches("[]") {
                    node = node.get("items").unwrap_or(node);
                }
                nodes.push(node);
            }
            nodes.reverse();
            nodes
        }
        Element::Column(table, column) => {
            let table = schema.and_then(|s| named(s, table));
            let column = table.and_then(|t| named(t.get("properties")?, column));
            column.into_iter().chain(table).collect()
        }
    }
}
