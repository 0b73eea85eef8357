//! Faults of a consumer that does plan.

use crate::diagnostic::{Diagnostic, Span};
use crate::engine::results::selected;
use crate::engine::sql;
use crate::project::{
    Consumer, incomparable_types, star_in_endpoint, unnamed_column, unsettled_contract_read,
};

use super::comparable::{HINT, Incomparable};
use super::consumer_plan::ConsumerPlan;
use super::gateway::Gateway;
use super::words::{place_of_word, span_of};

/// Everything found.
pub(super) fn check(
    gateway: &Gateway,
    consumer: &Consumer,
    plan: &ConsumerPlan,
) -> Vec<Diagnostic> {
    let mut found = incomparable(consumer, &plan.incomparable);
    found.extend(star(consumer));
    found.extend(unnamed(consumer, plan));
    found.extend(unsettled(gateway, consumer, plan));
    found
}

/// Comparisons of types that have nothing in common.
pub(super) fn incomparable(consumer: &Consumer, pairs: &[Incomparable]) -> Vec<Diagnostic> {
    let one = |pair: &Incomparable| {
        let text = &consumer.source.text;
        let word = pair.column.clone().unwrap_or_default();
        let span = match pair.place {
            Some(place) => span_of(text, place),
            None => place_of_word(text, &word),
        };
        Diagnostic::new(&incomparable_types::META, &consumer.source, span, pair.message())
            .hint(HINT)
    };
    pairs.iter().map(one).collect()
}

fn star(consumer: &Consumer) -> Option<Diagnostic> {
    let (line, column) = sql::selects_all(&consumer.source.text).filter(|_| consumer.endpoint)?;
    let span = Span::of_position(&consumer.source.text, line, column);
    let message = format!("endpoint '{}' returns select *", consumer.name);
    Some(
        Diagnostic::new(&star_in_endpoint::META, &consumer.source, span, message)
            .hint("list the columns: a column that a table gains would become part of the result"),
    )
}

/// What PostgreSQL calls a column that nothing names.
const NAMELESS: &[&str] = &["?column?", "array", "case", "exists", "row"];

/// Columns of an endpoint without a name of their own.
fn unnamed(consumer: &Consumer, plan: &ConsumerPlan) -> Vec<Diagnostic> {
    if !consumer.endpoint {
        return Vec::new();
    }
    let text = &consumer.source.text;
    let items = selected(text).filter(|items| items.len() == plan.outputs.len());
    let item = |n: usize| items.as_ref().and_then(|items| items.get(n));
    let mut found = Vec::new();
    for (n, column) in plan.outputs.iter().enumerate() {
        let name = column.name.as_str();
        let is_named = item(n).is_some_and(|item| item.is_named);
        let is_nameless = NAMELESS.contains(&name) && !is_named;
        let is_second = plan.outputs.iter().take(n).any(|before| before.name == name);
        let message = match (is_nameless, is_second) {
            (true, _) => format!("column {} of endpoint '{}' has no name", n + 1, consumer.name),
            (_, true) => format!("endpoint '{}' returns two columns named '{name}'", consumer.name),
            _ => continue,
        };
        let span = match item(n) {
            Some(item) => Span::of_position(text, item.place.0, item.place.1),
            None => place_of_word(text, name),
        };
        found.push(
            Diagnostic::new(&unnamed_column::META, &consumer.source, span, message)
                .hint("give it an alias: … as name"),
        );
    }
    found
}

fn unsettled(gateway: &Gateway, consumer: &Consumer, plan: &ConsumerPlan) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for table in &plan.tables {
        let Some(served) = gateway.served(&table.schema) else { continue };
        let status = served.contract.status.clone().unwrap_or_default();
        let hint = match status.as_str() {
            "draft" | "proposed" => "it may change without a new version until it is active",
            "deprecated" => "move to what replaces it before it is retired",
            "retired" => "its data are no longer maintained: read another table",
            _ => continue,
        };
        let message = format!("contract '{}', which is read here, is {status}", table.contract);
        if found.iter().any(|d| d.message == message) {
            continue;
        }
        let span = place_of_word(&consumer.source.text, &table.schema);
        let meta = &unsettled_contract_read::META;
        found.push(Diagnostic::new(meta, &consumer.source, span, message).hint(hint));
    }
    found
}
