//! Columns that a delivery has and that are NULL in every row: said aloud, since values that a join or
//! an export lost look the same.
//!
//! Nothing is said where a clause has failed already, where a rule on the column's NULLs holds, where the
//! column is deprecated, and of what is too small to tell.

use crate::contract::Contract;
use crate::contract::model::{Column, Table};
use crate::contract::odcs::is_deprecated;
use crate::contract::yaml::Node;
use crate::engine::nulls::Nulls;
use crate::engine::parquet_file::ParquetFile;

use super::report::{ClauseReport, Level, Notice, TableReport, Verdict};

/// Fewer rows show nothing: one optional value may well be missing.
const LEAST_ROWS: u64 = 2;
/// Columns that have a notice each, at most.
const EACH: usize = 3;
/// Columns that are named where they share a notice.
const NAMED: usize = 8;

const HINT: &str = "required: true says that there must be values; a nullValues rule says how many \
                    may be NULL";

/// Metrics that say how many values may be missing.
const OF_NULLS: &[&str] = &["nullValues", "missingValues"];

/// A notice for each such column of a table whose files could all be read; one for all where they are
/// many.
pub(super) fn notices(
    contract: &Contract,
    table: &Table,
    files: &[ParquetFile],
    report: &TableReport,
) -> Vec<Notice> {
    if files.iter().map(ParquetFile::rows).sum::<u64>() < LEAST_ROWS {
        return Vec::new();
    }
    let columns = table.stored_columns().filter(|column| !column.not_null());
    let found: Vec<&Column> = columns
        .filter(|column| is_only_null(files, column))
        .filter(|column| !is_answered(report, column) && !is_given_up(contract, column))
        .collect();
    let notice = |column: &Column, message: String| {
        let (source, span) = (&contract.source.name, column.name.span);
        Notice {
            code: "null-column".to_owned(),
            severity: Level::Warning,
            message,
            place: format!("{source}:{}:{}", span.line, span.column),
            hint: Some(HINT.to_owned()),
        }
    };
    match found.as_slice() {
        [first, _, ..] if found.len() > EACH => vec![notice(first, together(table, &found))],
        each => each
            .iter()
            .map(|column| {
                notice(column, format!("column '{}' is NULL in every row", column.physical()))
            })
            .collect(),
    }
}

fn together(table: &Table, columns: &[&Column]) -> String {
    let names: Vec<&str> = columns.iter().take(NAMED).map(|column| column.physical()).collect();
    let more = match columns.len() - names.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "{} columns of table '{}' are NULL in every row: '{}'{more}",
        columns.len(),
        table.name.value,
        names.join("', '")
    )
}

/// Whether some file with rows has the column, and none has a value of it.
fn is_only_null(files: &[ParquetFile], column: &Column) -> bool {
    let mut having = files.iter().filter(|file| file.rows() > 0).filter_map(|file| {
        let index = file.schema().index_of(column.physical()).ok()?;
        Some(file.nulls(index) == Some(Nulls::All))
    });
    having.next() == Some(true) && having.all(|only_null| only_null)
}

/// Whether the contract says that the column will go.
fn is_given_up(contract: &Contract, column: &Column) -> bool {
    let tables = under(&contract.tree, "schema").iter();
    let mut columns = tables.flat_map(|table| under(table, "properties"));
    columns.any(|node| {
        let name = node.get("name").map(|name| name.span.start);
        name == Some(column.name.span.start) && is_deprecated(node)
    })
}

fn under<'a>(node: &'a Node, key: &str) -> &'a [Node] {
    node.get(key).map(Node::items).unwrap_or_default()
}

/// Whether a clause says it already, or a rule allows it.
fn is_answered(report: &TableReport, column: &Column) -> bool {
    let own = |clause: &&ClauseReport| clause.column.as_ref() == Some(&column.name.value);
    report.clauses.iter().filter(own).any(|clause| match clause.verdict {
        Verdict::Failed | Verdict::Waived => true,
        // It has counted the NULLs and holds.
        Verdict::Passed => {
            OF_NULLS.contains(&clause.kind.as_str()) && clause.failing_rows > Some(0)
        }
        _ => false,
    })
}
