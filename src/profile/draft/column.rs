//! One column of a draft.

use serde_json::Value;

use arrow::datatypes::DataType;

use crate::contract::column_names::yaml_text;
use crate::contract::types::words;
use crate::profile::row_index::is_pandas;
use crate::profile::words::is_identifier;
use crate::profile::{ColumnProfile, TableProfile, TextProfile, personal};

use super::bounds::{HANDFUL, bounds};
use super::lines::{Lines, quoted};
use super::types::{logical, nested, physical};
use super::values::{enumerable, values};

/// Writes a column under a name; `key` is the table's, if it has one.
pub(super) fn column(
    (column, name): (&ColumnProfile, &str),
    table: &TableProfile,
    key: Option<&Vec<String>>,
    out: &mut Lines,
) {
    named(column, name, out);
    if is_pandas(&column.name) {
        out.comment(4, "pandas wrote its index under this name: reset_index() gives it another");
    }
    let logical = logical(&column.data_type);
    match (logical.word, &column.data_type) {
        ("", DataType::Null) => out.comment(4, "every row is NULL: the type is not known"),
        ("", other) => out.comment(4, &format!("no logical type admits {}", words(other))),
        (word, _) => out.line(4, &format!("logicalType: {word}")),
    }
    // Where gaps are filled, whole numbers become integers again.
    if let Some(physical) = physical(&column.data_type).filter(|_| !is_gapped(column)) {
        out.line(4, &format!("physicalType: {}", quoted(&physical)));
    }
    let position = key.and_then(|key| key.iter().position(|name| *name == column.name));
    if let Some(position) = position {
        out.line(4, "primaryKey: true");
        out.line(4, &format!("primaryKeyPosition: {}", position + 1));
    }
    presence(column, position.is_some(), out);
    let personal = personal(column, table);
    if let Some(personal) = &personal {
        let words = format!("classification: {} # {}", personal.classification, personal.evidence);
        out.line(4, &words);
    }
    evidence(column, out);
    nested(&column.data_type, 4, out);
    let mut options: Vec<(String, String)> =
        logical.options.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    // No value of a personal column enters the draft, nor anything that narrows one down.
    if personal.is_none() {
        range(column, out);
        let bounds = bounds(column).into_iter();
        options.extend(bounds.map(|(key, value)| (key.to_owned(), value.to_string())));
        options.extend(of_text(column, position.is_some(), out));
    }
    if !options.is_empty() {
        let list: Vec<String> = options.iter().map(|(k, v)| format!("{k}: {v}")).collect();
        out.line(4, &format!("logicalTypeOptions: {{ {} }}", list.join(", ")));
    }
    if personal.is_none() {
        values(column, position.is_some(), out);
    }
    missing(column, out);
}

/// The name, and the one that files have where it differs.
fn named(column: &ColumnProfile, name: &str, out: &mut Lines) {
    out.line(3, &format!("- name: {}", quoted(name)));
    if column.name != name {
        out.line(4, &format!("physicalName: {}", yaml_text(&column.name)));
    }
}

/// Whole numbers that are doubles because some are missing.
fn is_gapped(column: &ColumnProfile) -> bool {
    column.whole && column.data_type.is_floating()
}

fn presence(column: &ColumnProfile, is_key: bool, out: &mut Lines) {
    let is_whole = column.nulls == 0 && column.placeholders.is_empty();
    let seen = format!("no NULL in {} rows", column.rows);
    if is_whole && column.rows > 0 && stays_whole(column, is_key) {
        out.line(4, &format!("required: true # {seen}"));
    } else if is_whole && column.rows > 0 {
        out.comment(4, &format!("{seen}: `required: true` keeps it so"));
    } else if column.nulls > 0 {
        let word = if column.placeholders.is_empty() { "NULL" } else { "missing" };
        out.comment(4, &format!("{} of {} rows are {word}", column.nulls, column.rows));
    }
}

/// Whether a column that has no gaps yet will have none: measurements and free texts get their first
/// sooner or later, however many rows had none.
fn stays_whole(column: &ColumnProfile, is_key: bool) -> bool {
    let is_listed = || enumerable(column, is_key) || is_identifier(&column.name);
    let is_of_form = |text: &TextProfile| text.format.is_some() || text.pattern.is_some();
    match &column.text {
        Some(text) => is_key || is_listed() || is_of_form(text),
        None => is_key || !column.data_type.is_floating(),
    }
}

fn evidence(column: &ColumnProfile, out: &mut Lines) {
    if column.nan + column.infinite > 0 {
        out.comment(4, &format!("{} NaN, {} infinite", column.nan, column.infinite));
    }
    if is_gapped(column) {
        // Only the nullable type of pandas holds integers beside NULL.
        let (why, data_type) = match column.nulls + column.nan + column.infinite {
            0 => ("", "int64"),
            _ => ("pandas makes doubles of integers with gaps; ", "Int64"),
        };
        let told = format!(
            "every number is whole: {why}to deliver integers, write astype('{data_type}') and declare \
             logicalType: integer"
        );
        out.comment(4, &told);
    }
    if let Some(lengths) = &column.lengths
        && let (Some(low), Some(high)) = (&lengths.min, &lengths.max)
    {
        out.comment(4, &format!("{} items", span(low, high)));
    }
}

/// What lies between, where it tells anything: not of texts, whose ends are accidental.
fn range(column: &ColumnProfile, out: &mut Lines) {
    if let (Some(min), Some(max)) = (&column.min, &column.max)
        && column.text.is_none()
        && column.data_type != DataType::Boolean
    {
        out.comment(4, &format!("from {} to {}", shown(min), shown(max)));
    }
}

fn span(low: &Value, high: &Value) -> String {
    if low == high { shown(low) } else { format!("{} to {}", shown(low), shown(high)) }
}

fn of_text(column: &ColumnProfile, is_key: bool, out: &mut Lines) -> Vec<(String, String)> {
    let Some(text) = &column.text else { return Vec::new() };
    let mut options = Vec::new();
    let many = column.distinct.is_some_and(|distinct| distinct >= HANDFUL);
    match (text.format, &text.pattern) {
        _ if !column.placeholders.is_empty() => {}
        (Some(format), _) => {
            out.comment(4, &format!("every value is a {format}"));
            options.push(("format".to_owned(), format.to_owned()));
        }
        (None, Some(pattern)) if many && text.reads_as.is_none() && !enumerable(column, is_key) => {
            out.comment(4, "every value matches the pattern");
            options.push(("pattern".to_owned(), quoted(pattern)));
        }
        _ => {}
    }
    if let Some(word) = text.reads_as {
        out.comment(4, &format!("every value reads as {word}, and is stored as text"));
    }
    let characters = span(&text.shortest.into(), &text.longest.into());
    let word = if text.longest == 1 { "character" } else { "characters" };
    out.comment(4, &format!("{characters} {word}"));
    options
}

/// Texts that stand for a missing value.
fn missing(column: &ColumnProfile, out: &mut Lines) {
    let found = &column.placeholders;
    if found.is_empty() {
        return;
    }
    out.line(4, "quality:");
    let counts: Vec<String> =
        found.iter().map(|(text, rows)| format!("{text} in {rows}")).collect();
    out.comment(5, &format!("{} of {} rows", counts.join(", "), column.rows));
    let words: Vec<String> = found.iter().map(|(text, _)| quoted(text)).collect();
    // Among values of another type they are NULL already.
    let is_text = column.data_type == DataType::Utf8;
    let rows: u64 = found.iter().map(|(_, rows)| rows).filter(|_| is_text).sum();
    out.line(5, "- metric: missingValues");
    out.line(6, &format!("arguments: {{ missingValues: [null, {}] }}", words.join(", ")));
    out.line(6, "unit: percent");
    out.line(6, &format!("mustBeLessOrEqualTo: {}", allowed(rows + column.nulls, column.rows)));
    out.line(6, "severity: warning");
}

/// A share in percent that leaves room for a file that lacks somewhat more.
fn allowed(rows: u64, all: u64) -> u64 {
    let percent = (rows * 200).div_ceil(all.max(1));
    percent.div_ceil(5).max(1).saturating_mul(5).min(100)
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
