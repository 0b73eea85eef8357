//! Statements about what is inside an object, list or map.
//!
//! Their types are compared with the column's; what else they state is listed, so that nothing is
//! passed over in silence.

use crate::check::clause::Clause;
use crate::check::report::Verdict;
use crate::contract::clause_id::{relationship_kind, rule_kind};
use crate::contract::model::{Column, LogicalType};

use super::Planning;

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    let mut path = vec![column.element().to_owned()];
    children(planning, column, column, &mut path, out);
}

fn children(
    planning: &Planning<'_>,
    root: &Column,
    parent: &Column,
    path: &mut Vec<String>,
    out: &mut Vec<Clause>,
) {
    let items = parent.items.iter().map(|item| ("items".to_owned(), item.as_ref()));
    let fields = parent.properties.iter().map(|c| (c.element().to_owned(), c));
    let entries = parent
        .map
        .iter()
        .flat_map(|map| [("key".to_owned(), &map.0), ("value".to_owned(), &map.1)]);
    for (name, child) in items.chain(fields).chain(entries) {
        path.push(name);
        for (kind, span) in stated(child) {
            let mut clause = Clause::settled(
                planning.table,
                Some(root),
                &kind,
                span,
                kind.clone(),
                Verdict::NotExecuted,
                Some("statements inside nested values are not tested yet".to_owned()),
            );
            clause.id = format!("{}/{}/{kind}", planning.table.element(), path.join("."));
            out.push(clause);
        }
        children(planning, root, child, path, out);
        path.pop();
    }
}

/// What a column states beyond its type; options that are part of the type are answered with it.
pub(super) fn stated(column: &Column) -> Vec<(String, crate::diagnostic::Span)> {
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
