//! Measures: computed by readers, in no file. What they state is listed.

use crate::check::plan::clause::Clause;
use crate::check::report::Verdict;
use crate::contract::model::Column;

use super::nested::stated;
use super::planning::Planning;

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    for (kind, span) in stated(column) {
        out.push(Clause::settled(
            planning.table,
            Some(column),
            &kind,
            span,
            kind.clone(),
            Verdict::Informational,
            Some("a measure is computed by readers: no file holds it".to_owned()),
        ));
    }
}
