//! Measures: computed by readers, in no file. What they state is listed.

use crate::check::plan::clause::{Clause, Settled};
use crate::contract::clause_id::{relationship_kind, rule_kind};
use crate::contract::model::{Column, LogicalType};

use crate::diagnostic::Span;

use super::planning::Planning;

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    for (kind, span) in stated(column) {
        out.push(Clause::settled(
            planning.table,
            Some(column),
            &kind,
            span,
            kind.clone(),
            Settled::informational("a measure is computed by readers: no file holds it"),
        ));
    }
}

/// What a column states beyond its type; options that are part of the type are answered with it.
fn stated(column: &Column) -> Vec<(String, Span)> {
    let numeric = matches!(
        column.logical_type.as_ref().map(|t| t.value),
        Some(LogicalType::Integer | LogicalType::Number)
    );
    let of_type = move |key: &str| {
        matches!(key, "timezone" | "defaultTimezone") || (numeric && key == "format")
    };
    let options = column.options.iter().filter(move |(key, _)| !of_type(key));
    let options = options.map(|(key, node)| (key.to_owned(), node.span));
    let relationships = column.relationships.iter().map(|r| (relationship_kind(r), r.span));
    let required = column.required.map(|span| ("required".to_owned(), span));
    let unique = column.unique.map(|span| ("unique".to_owned(), span));
    let allowed = column.allowed.as_ref().map(|a| ("enum".to_owned(), a.span));
    let rules = column.quality.iter().map(|rule| (rule_kind(rule), rule.node.span));
    options.chain(required).chain(unique).chain(allowed).chain(rules).chain(relationships).collect()
}
