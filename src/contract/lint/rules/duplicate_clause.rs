//! ## What it does
//! Reports two clauses with one id, and warns about two rules without an `id` that measure the same:
//! a hash of all that they state tells their clauses apart.
//!
//! ## Why it matters
//! A clause id names one statement in every report, waiver and release; two equal ones would overwrite
//! each other. One with a hash of its threshold changes when the threshold does.
//!
//! ## Example
//! ```yaml
//! quality:
//! - {metric: nullValues, mustBe: 0}
//! - {metric: nullValues, mustBeLessThan: 5}
//! ```
//!
//! ## What to do instead
//! Give each rule an `id`.

use std::collections::HashMap;

use crate::contract::clause_id::{
    COLUMN_KINDS, TABLE_KINDS, clause_id, option_kind, relationship_kind, rule_kind,
};
use crate::contract::lint::all_rules;
use crate::contract::model::Contract;
use crate::diagnostic::{Diagnostic, Meta, Severity, Span};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L024", name: "duplicate-clause", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for (_, _, rule) in all_rules(contract).filter(|(_, _, rule)| rule.twin.is_some()) {
        let message =
            format!("another clause would have the id of this rule: it is '{}'", rule_kind(rule));
        found.push(
            Diagnostic::new(&META, &contract.source, rule.node.span, message)
                .severity(Severity::Warning)
                .hint("give it an id, which stays when what it states changes"),
        );
    }
    for table in &contract.tables {
        let mut seen: HashMap<String, Span> = HashMap::new();
        let mut note = |id: String, span: Span| {
            if let Some(first) = seen.insert(id.clone(), span) {
                found.push(
                    Diagnostic::new(
                        &META,
                        &contract.source,
                        span,
                        format!("two clauses have the id '{id}'"),
                    )
                    .hint(format!("give this rule an id; the other is at line {}", first.line)),
                );
            }
        };
        for kind in TABLE_KINDS {
            note(clause_id(table, None, kind), table.name.span);
        }
        for rule in &table.quality {
            note(clause_id(table, None, &rule_kind(rule)), rule.node.span);
        }
        for relationship in &table.relationships {
            note(clause_id(table, None, &relationship_kind(relationship)), relationship.span);
        }
        let mut elements: Vec<&str> = Vec::new();
        for column in &table.columns {
            // Another rule handles columns of one name or id.
            if elements.contains(&column.element()) {
                continue;
            }
            elements.push(column.element());
            for kind in COLUMN_KINDS {
                note(clause_id(table, Some(column), kind), column.name.span);
            }
            for (kind, span) in [("required", column.required), ("unique", column.unique)] {
                span.into_iter().for_each(|span| note(clause_id(table, Some(column), kind), span));
            }
            if let Some(allowed) = &column.allowed {
                note(clause_id(table, Some(column), "enum"), allowed.span);
            }
            for rule in &column.quality {
                note(clause_id(table, Some(column), &rule_kind(rule)), rule.node.span);
            }
            for relationship in &column.relationships {
                let kind = relationship_kind(relationship);
                note(clause_id(table, Some(column), &kind), relationship.span);
            }
            for (key, node) in column.options.iter() {
                note(clause_id(table, Some(column), option_kind(key)), node.span);
            }
        }
    }
}
