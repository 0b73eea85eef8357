//! `required`: no NULL. A required column that no file has fails as a whole; inside a column it asks
//! only of the values that are there: an absent parent has no children.

use serde_json::json;

use crate::check::plan::clause::{Clause, Proof, RowTest, Settled, Test};
use crate::check::report::Verdict;
use crate::contract::model::Column;

use super::placeholders;
use super::planning::{PlannedFile, Planning};

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    let Some(span) = column.required else { return };
    let test = if planning.inside.is_none() && planning.is_absent(column) {
        let rows = planning.files.iter().map(|f| f.rows).sum::<u64>();
        Test::Settled(Settled {
            verdict: Verdict::Failed,
            measured: Some(json!(rows)),
            failing_rows: Some(rows),
            reason: Some(missing(planning, column)),
        })
    } else {
        let test = RowTest::new(column, |value, _| Ok(value.clone().is_null()));
        let because = missing_in(planning, column).or_else(|| written_as_null(planning, column));
        let test = test.proven_by(Proof::NoNull).without(placeholders::of_column(column));
        Test::Rows(test.explained(because))
    };
    out.push(Clause::new(planning.table, Some(column), "required", span, "no NULL", test));
}

/// Says which file has no such column, or no such field in its objects.
fn missing_in(planning: &Planning<'_>, column: &Column) -> Option<String> {
    let lacks = |f: &&PlannedFile| {
        let lacks = planning.type_in(f, column).is_none();
        f.rows > 0 && lacks && planning.has_parent_in(f, column)
    };
    let file = planning.files.iter().find(lacks)?;
    let what = if planning.inside.is_some() { "field" } else { "column" };
    Some(format!("{} has no {what} '{}'", file.name, column.physical()))
}

/// What a writer writes as NULL besides NULL.
pub(super) fn written_as_null(planning: &Planning<'_>, column: &Column) -> Option<String> {
    let by_pandas = |f: &PlannedFile| f.schema.metadata().contains_key("pandas");
    let has = |f: &&PlannedFile| planning.type_in(f, column).is_some();
    let mut files = planning.files.iter().filter(has);
    files.any(by_pandas).then(|| "pandas writes NaN, NaT and None as NULL".to_owned())
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
