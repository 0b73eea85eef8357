//! Faults of a consumer that does plan.

use crate::diagnostic::{Diagnostic, Span};
use crate::engine::sql;
use crate::project::{Consumer, incomparable_types, star_in_endpoint, unsettled_contract_read};

use super::comparable::HINT;
use super::consumers::{ConsumerPlan, place_of_word, span_of};
use super::gateway::Gateway;

/// Everything found.
pub(super) fn check(
    gateway: &Gateway,
    consumer: &Consumer,
    plan: &ConsumerPlan,
) -> Vec<Diagnostic> {
    let mut found = incomparable(consumer, plan);
    found.extend(star(consumer));
    found.extend(unsettled(gateway, consumer, plan));
    found
}

fn incomparable(consumer: &Consumer, plan: &ConsumerPlan) -> Vec<Diagnostic> {
    let one = |pair: &super::comparable::Incomparable| {
        let text = &consumer.source.text;
        let word = pair.column.clone().unwrap_or_default();
        let span = match pair.place {
            Some(place) => span_of(text, place),
            None => place_of_word(text, &word),
        };
        Diagnostic::new(&incomparable_types::META, &consumer.source, span, pair.message())
            .hint(HINT)
    };
    plan.incomparable.iter().map(one).collect()
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
