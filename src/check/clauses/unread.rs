//! What a column states and nothing can execute: it is listed, and not tested.

use std::borrow::Cow;

use crate::check::plan::clause::{Clause, Settled};
use crate::contract::clause_id::option_kind;
use crate::contract::model::Column;
use crate::contract::unread::{executed, options, parts};

use super::planning::Planning;

/// The column without the options that nothing can execute, as the other kinds of clauses see it.
pub(super) fn readable(column: &Column) -> Cow<'_, Column> {
    if options(column).next().is_none() {
        return Cow::Borrowed(column);
    }
    let mut readable = Column { options: executed(column), ..column.clone() };
    if options(column).any(|(key, ..)| key == "dimensions") {
        readable.dimensions = None;
    }
    Cow::Owned(readable)
}

/// The options that nothing can execute.
pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    for (key, node, why) in options(column) {
        out.push(Clause::settled(
            planning.table,
            Some(column),
            option_kind(key),
            node.span,
            node.scalar_text().unwrap_or_else(|| node.to_json().to_string()),
            Settled::not_executed(why.words(key)),
        ));
    }
}

/// Settles what is stated inside a part that the column's type does not have: no value is there.
pub(super) fn settle_part(parent: &Column, part: &str, clauses: &mut [Clause]) {
    let Some(logical) = parent.logical_type.as_ref().map(|t| t.value.word()) else { return };
    if !parts(parent).contains(&part) {
        return;
    }
    for clause in clauses {
        clause.leave_unexecuted(format!("logicalType {logical} has no '{part}'"));
    }
}
