//! `logicalType`, `physicalType` and numeric `format`: the physical schema, before any cast.

use arrow::array::{ArrayRef, AsArray, BooleanArray};
use arrow::datatypes::DataType;
use datafusion::prelude::lit;

use crate::check::expr::function::{ValueTest, tested};
use crate::check::expr::moments::Moments;
use crate::check::plan::clause::{Clause, RowTest, Settled, Test};
use crate::check::report::Verdict;
use crate::contract::date_format::DateFormat;
use crate::contract::model::{Column, LogicalType};
use crate::contract::types::{
    Aspect, Kept, Mismatch, admits, expected, instead, kept, plain, with_zone,
};
use crate::engine::digits::{self, Digits};
use crate::engine::nulls::Nulls;
use crate::engine::unparsed::UNPARSED;

use super::placeholders;
use super::planning::{PlannedFile, Planning};

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
                if let Some(remedy) = remedy(planning, column) {
                    test = test.note(remedy, |text, _| Ok(tested(LosesDigits, text)));
                }
                let placeholders = placeholders::of_column(column);
                Test::Rows(test.explained(how_read(column)).without(placeholders))
            }
            // So does a row whose text is not a point in time, where files keep those as text.
            Verdict::Passed if kind == "logicalType" && kept(column) == Some(Kept::Text) => {
                Test::Rows(texts(column).explained(how_read(column)))
            }
            _ => Test::Settled(settled),
        };
        let words = expected(column, aspect);
        out.push(Clause::new(planning.table, Some(column), kind, span, words, test));
    }
    // Types that no contract admits fail without one being stated, too.
    let refused = || {
        let settled = settle(planning, column, Aspect::Logical);
        let told = settled.verdict == Verdict::Failed || planning.is_absent(column);
        told.then_some(settled)
    };
    let unstated = if stated { None } else { refused() };
    if let Some(settled) = unstated {
        let test = Test::Settled(settled);
        let span = column.name.span;
        let words = "any type";
        out.push(Clause::new(planning.table, Some(column), "logicalType", span, words, test));
    }
}

/// Texts that are points in time, by the column's format.
fn texts(column: &Column) -> RowTest {
    let owned = column.clone();
    RowTest::new(column, move |value, data_type| match plain(data_type) {
        DataType::Utf8 => Ok(!tested(Moments::of(&owned)?, value)),
        other => Err(instead(&other, "text")),
    })
}

/// What keeps the digits of a column's numbers, where its type does not.
fn remedy(planning: &Planning<'_>, column: &Column) -> Option<String> {
    let found = planning.files.iter().filter_map(|f| f.digits.get(column.physical()).copied());
    let remedy = found.reduce(Digits::and)?.remedy()?;
    Some(format!("with more digits than their type keeps: {remedy}"))
}

/// Texts of numbers, or of what holds some, that have too many digits.
#[derive(Debug, PartialEq, Eq, Hash)]
struct LosesDigits;

impl ValueTest for LosesDigits {
    const NAME: &'static str = "pactum_loses_digits";

    fn test(&self, texts: &ArrayRef) -> datafusion::error::Result<BooleanArray> {
        let texts = texts.as_string::<i32>().iter();
        Ok(texts.map(|text| Some(text.is_some_and(digits::are_lost))).collect())
    }
}

/// Whether a file's values were parsed from texts.
fn was_text(planning: &Planning<'_>, column: &Column) -> bool {
    let kept = format!("{UNPARSED}{}", column.physical());
    planning.inside.is_none() && planning.files.iter().any(|f| f.schema.index_of(&kept).is_ok())
}

/// How texts of a date or a time are read, where one cannot be.
fn how_read(column: &Column) -> Option<String> {
    let logical = column.logical_type.as_ref()?.value;
    if !logical.is_temporal() {
        return None;
    }
    let format = column.options.text("format");
    let read = format.as_deref().map(DateFormat::parse);
    let given = match (&format, &read) {
        (Some(_), Some(Err(reason))) => return Some(format!("no text can be read: {reason}")),
        (Some(format), _) => format!("texts are read in the format {format}"),
        (None, _) => format!("texts are read as ISO 8601, such as {}", example(column, logical)),
    };
    // A reading of the clock is an instant only where the contract gives it a zone.
    let offset = read.is_none_or(|read| read.is_ok_and(|format| format.content().offset));
    let instant = logical == LogicalType::Timestamp && with_zone(column);
    let zone = column.open_moment || column.options.get("defaultTimezone").is_some();
    Some(match (instant && !zone, offset) {
        (false, _) => given,
        (true, true) => format!("{given}; one without an offset needs defaultTimezone"),
        (true, false) => {
            format!("{given}, which has no offset: write defaultTimezone or timezone: false")
        }
    })
}

fn example(column: &Column, logical: LogicalType) -> &'static str {
    match logical {
        LogicalType::Date => "2026-01-31",
        LogicalType::Time => "23:59:59",
        _ if with_zone(column) => "2026-01-31T23:59:59Z",
        _ => "2026-01-31T23:59:59",
    }
}

fn settle(planning: &Planning<'_>, column: &Column, aspect: Aspect) -> Settled {
    if planning.is_absent(column) {
        return absent();
    }
    let mut failing_rows = 0;
    let mut reason = None;
    let mut said_nothing = None;
    let mut any = false;
    for file in planning.files {
        let Some(found) = planning.own_type_in(file, column) else { continue };
        let admitted = admits(column, &found, aspect)
            .map_err(|mismatch| in_pandas(planning, file, column, &found, mismatch));
        match (plain(&found), admitted) {
            (DataType::Null, _) => {
                said_nothing =
                    Some(format!("{} has no type for it: every value is NULL", file.name));
                continue;
            }
            (_, Err(mismatch)) if file.rows == 0 => {
                said_nothing = Some(format!("{} has {}, and no rows", file.name, mismatch.found));
                continue;
            }
            (_, Err(mismatch)) if planning.is_valueless_in(file, column) => {
                let hint = mismatch.hint.as_ref().map(|hint| format!("; {hint}"));
                said_nothing = Some(format!(
                    "{} has {}, and every value is NULL{}",
                    file.name,
                    mismatch.found,
                    hint.unwrap_or_default()
                ));
                continue;
            }
            (_, Err(mismatch)) => {
                failing_rows += file.rows;
                reason.get_or_insert_with(|| describe(&file.name, &mismatch));
            }
            (_, Ok(())) => {}
        }
        any = true;
    }
    // Types that say nothing of any value are not compared.
    if !any && !planning.files.is_empty() {
        return said_nothing.map_or_else(absent, untested);
    }
    let verdict = if reason.is_some() { Verdict::Failed } else { Verdict::Passed };
    let failing_rows = reason.is_some().then_some(failing_rows);
    Settled { verdict, measured: None, failing_rows, reason }
}

/// A mismatch with how a frame of pandas delivers integers, where it delivers floats.
fn in_pandas(
    planning: &Planning<'_>,
    file: &PlannedFile,
    column: &Column,
    found: &DataType,
    mismatch: Mismatch,
) -> Mismatch {
    let logical = column.logical_type.as_ref().map(|t| t.value);
    // What is inside a value has no column of a frame.
    let is_own = planning.inside.is_none();
    if !(is_own && logical == Some(LogicalType::Integer) && plain(found).is_floating()) {
        return mismatch;
    }
    let name = column.physical().replace('\\', "\\\\").replace('\'', "\\'");
    // Only the nullable type of pandas holds integers beside NULL.
    let hint = match file.nulls.get(column.physical()) {
        Some(Nulls::None) => format!(
            "there is no NULL among its values: where they are whole, \
             df['{name}'] = df['{name}'].astype('int64')"
        ),
        _ => format!(
            "pandas turns whole numbers with gaps into float64: \
             df['{name}'] = df['{name}'].astype('Int64')"
        ),
    };
    Mismatch { hint: Some(hint), ..mismatch }
}

fn describe(file: &str, mismatch: &Mismatch) -> String {
    match &mismatch.hint {
        Some(hint) => format!("{file} has {}; {hint}", mismatch.found),
        None => format!("{file} has {}", mismatch.found),
    }
}

fn absent() -> Settled {
    untested("the column is not in the file: every value counts as NULL".to_owned())
}

fn untested(reason: String) -> Settled {
    Settled::informational(reason)
}
