//! ## What it does
//! Warns about clauses that would have the id of another: two rules without an `id` that measure the
//! same, a rule whose id or name is the kind of another clause (`required`, `unique`), a column
//! called `a.b` beside the field `b` of a column `a`. A hash of all that they state, or a number, tells
//! their clauses apart. Warns about relationships that are written twice.
//!
//! ## Why it matters
//! A clause id names one statement in every report, waiver and release. One with a hash of its
//! threshold changes when the threshold does, and one with a number when the order does.
//!
//! ## Example
//! ```yaml
//! quality:
//! - {metric: nullValues, mustBe: 0}
//! - {metric: nullValues, mustBeLessThan: 5}
//! ```
//!
//! ## What to do instead
//! Give each rule an `id` of its own.

use std::collections::HashMap;
use std::sync::Arc;

use crate::contract::clause_id::{numbered, relationship_kind, rule_kind};
use crate::contract::lint::{all_columns, all_rules};
use crate::contract::model::{Contract, QualityRule, Relationship};
use crate::contract::stated_ids;
use crate::diagnostic::{Diagnostic, Meta, Severity, Source, Span};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L024", name: "duplicate-clause", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for (_, _, rule) in all_rules(contract).filter(|(_, _, rule)| rule.twin.is_some()) {
        let kind = rule_kind(rule);
        let message = format!("another clause would have the id of this rule: it is '{kind}'");
        let new = Diagnostic::new(&META, &contract.source, rule.node.span, message);
        found.push(new.hint(of_rule(contract, rule)));
    }
    let of_tables = contract.tables.iter().flat_map(|table| &table.relationships);
    let of_columns = all_columns(contract).into_iter().flat_map(|column| &column.relationships);
    for one in of_tables.chain(of_columns).filter(|one| one.twin.is_some()) {
        let kind = relationship_kind(one);
        let message =
            format!("another clause would have the id of this relationship: it is '{kind}'");
        let new = Diagnostic::new(&META, &contract.source, one.span, message);
        found.push(new.hint(of_relationship(contract, one)));
    }
    numbers(contract, found);
}

/// What gives a rule an id that stays.
fn of_rule(contract: &Contract, rule: &QualityRule) -> &'static str {
    match (&rule.id, &rule.name) {
        (Some(_), _) => "choose another id: this one is taken by what is stated beside it",
        (None, _) if contract.api_version >= (3, 1) => {
            "give it an id, which stays when what it states changes"
        }
        (None, Some(_)) => "choose another name, which stays when what it states changes",
        (None, None) => "give it a name, which stays when what it states changes",
    }
}

/// What gives a relationship an id that stays: the standard knows one from 3.2 on.
fn of_relationship(contract: &Contract, one: &Relationship) -> &'static str {
    match &one.id {
        Some(_) => "choose another id: this one is taken by what is stated beside it",
        None if contract.api_version >= (3, 2) => "give it an id",
        None => "give the other one another id or name",
    }
}

/// Clauses that only a number tells apart.
fn numbers(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for table in &contract.tables {
        let mut seen: HashMap<String, (usize, Span)> = HashMap::new();
        let mut told: Vec<usize> = Vec::new();
        for (id, span) in stated_ids::of_table(contract, table) {
            let (count, first) = seen.entry(id.clone()).or_insert((0, span));
            *count += 1;
            // Columns of one name have a rule of their own, and each place is told once.
            if *count == 1 || *first == span || told.contains(&span.start) {
                continue;
            }
            told.push(span.start);
            let message = format!(
                "two clauses would have the id '{id}': this one is '{}'",
                numbered(&id, *count)
            );
            found.push(Diagnostic::new(&META, &contract.source, span, message).hint(format!(
                "choose another id or name here, or at line {}, where the other is stated",
                first.line
            )));
        }
    }
}

/// A relationship that repeats one of its list.
pub(in crate::contract) fn of_repeated(
    source: &Arc<Source>,
    span: Span,
    first: Span,
) -> Diagnostic {
    let message = "this relationship is written twice: one clause tests both";
    Diagnostic::new(&META, source, span, message)
        .hint(format!("remove it: the first one is at line {}", first.line))
}
