//! `logicalType`, `physicalType` and numeric `format`: the physical schema, before any cast.

use datafusion::prelude::lit;

use crate::check::plan::clause::{Clause, RowTest, Settled, Test};
use crate::check::report::Verdict;
use crate::contract::model::{Column, LogicalType};
use crate::contract::types::{Aspect, Mismatch, admits, expected};
use crate::engine::parquet_file::UNPARSED;

use super::planning::Planning;

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    let numeric = matches!(
        column.logical_type.as_ref().map(|t| t.value),
        Some(LogicalType::Integer | LogicalType::Number)
    );
    let logical = column.logical_type.as_ref().map(|t| t.span);
    let physical = column.physical_type.as_ref().map(|p| p.span);
    let format = column.options.get("format").filter(|_| numeric).map(|n| n.span);
    let aspects = [
        ("logicalType", Aspect::Logical, logical),
        ("physicalType", Aspect::Physical, physical),
        ("format", Aspect::Format, format),
    ];
    let mut stated = false;
    for (kind, aspect, span) in aspects {
        let Some(span) = span else { continue };
        stated = true;
        let settled = settle(planning, column, aspect);
        let test = match settled.verdict {
            // Texts are read as the column's type: a row whose text is not a value of that type
            // fails here.
            Verdict::Passed if kind == "logicalType" && was_text(planning, column) => {
                let mut test = RowTest::new(column, |_, _| Ok(lit(false)));
                test.parses = true;
                Test::Rows(test)
            }
            _ => Test::Settled(settled),
        };
        let words = expected(column, aspect);
        out.push(Clause::new(planning.table, Some(column), kind, span, words, test));
    }
    if !stated && planning.is_absent(column) {
        let test = Test::Settled(absent());
        let span = column.name.span;
        let words = "any type";
        out.push(Clause::new(planning.table, Some(column), "logicalType", span, words, test));
    }
}

/// Whether a file's values were parsed from texts.
fn was_text(planning: &Planning<'_>, column: &Column) -> bool {
    let kept = format!("{UNPARSED}{}", column.physical());
    planning.inside.is_none() && planning.files.iter().any(|f| f.schema.index_of(&kept).is_ok())
}

fn settle(planning: &Planning<'_>, column: &Column, aspect: Aspect) -> Settled {
    if planning.is_absent(column) {
        return absent();
    }
    let mut failing_rows = 0;
    let mut reason = None;
    for file in planning.files {
        let Some(found) = planning.type_in(file, column) else { continue };
        if let Err(mismatch) = admits(column, &found, aspect) {
            failing_rows += file.rows;
            reason.get_or_insert_with(|| describe(&file.name, &mismatch));
        }
    }
    let verdict = if reason.is_some() { Verdict::Failed } else { Verdict::Passed };
    let failing_rows = reason.is_some().then_some(failing_rows);
    Settled { verdict, measured: None, failing_rows, reason }
}

fn describe(file: &str, mismatch: &Mismatch) -> String {
    match &mismatch.hint {
        Some(hint) => format!("{file} has {}; {hint}", mismatch.found),
        None => format!("{file} has {}", mismatch.found),
    }
}

fn absent() -> Settled {
    Settled {
        verdict: Verdict::Informational,
        measured: None,
        failing_rows: None,
        reason: Some("the column is not in the file: every value counts as NULL".to_owned()),
    }
}
