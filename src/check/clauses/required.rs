//! `required`: no NULL. A required column that no file has fails as a whole.

use serde_json::json;

use crate::check::plan::clause::{Clause, Proof, RowTest, Settled, Test};
use crate::check::report::Verdict;
use crate::contract::model::Column;

use super::planning::Planning;

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    let Some(span) = column.required else { return };
    let test = if planning.is_absent(column) {
        let rows = planning.files.iter().map(|f| f.rows).sum::<u64>();
        Test::Settled(Settled {
            verdict: Verdict::Failed,
            measured: Some(json!(rows)),
            failing_rows: Some(rows),
            reason: Some(missing(planning, column)),
        })
    } else {
        let test = RowTest::new(column, |value, _| Ok(value.clone().is_null()));
        Test::Rows(test.proven_by(Proof::NoNull))
    };
    out.push(Clause::new(planning.table, Some(column), "required", span, "no NULL", test));
}

/// Says that the column is missing, with the file's column that may have been meant.
pub(super) fn missing(planning: &Planning<'_>, column: &Column) -> String {
    let name = column.physical();
    if planning.is_headless() {
        return format!("the file has no column '{name}'");
    }
    let in_files = planning.files.iter().flat_map(|f| f.schema.fields()).map(|f| f.name().as_str());
    match crate::diagnostic::nearest(name, in_files) {
        Some(near) => format!("the file has no column '{name}'; is '{near}' meant?"),
        None => format!("the file has no column '{name}'"),
    }
}
