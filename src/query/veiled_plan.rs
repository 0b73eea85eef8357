//! Explained plans without the places of files: a plan is an answer, and no answer tells where files lie.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::DataType;
use datafusion::logical_expr::LogicalPlan;

use crate::error::{Result, in_sql};

/// Whether a plan's rows are plans.
pub(super) fn explains(plan: &LogicalPlan) -> bool {
    matches!(plan, LogicalPlan::Explain(_) | LogicalPlan::Analyze(_))
}

/// Rows of an explained plan, as readers see them.
///
/// # Errors
/// When the rows cannot be put together again.
pub(super) fn veiled(batch: &RecordBatch) -> Result<RecordBatch> {
    let columns = batch.columns().iter().map(|column| match column.data_type() {
        DataType::Utf8 => {
            let texts = column.as_string::<i32>().iter().map(|text| text.map(shown));
            Arc::new(texts.collect::<StringArray>()) as ArrayRef
        }
        _ => Arc::clone(column),
    });
    Ok(RecordBatch::try_new(batch.schema(), columns.collect())?)
}

/// A plan's text: how many files are read, and not which ones; literals as SQL writes them.
fn shown(plan: &str) -> String {
    let lines: Vec<String> = plan.split('\n').map(|line| in_sql(&without_files(line))).collect();
    lines.join("\n")
}

/// How the engine begins its list of files.
const FILES: &str = "file_groups={";

/// How it ends.
const END: &str = "]}";

/// One operator, without its files.
fn without_files(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    while let Some((before, list)) = rest.split_once(FILES) {
        let count = list.split(':').next().unwrap_or_default();
        let Some((_, after)) = list.split_once(END) else { return named(line) };
        kept.push_str(&format!("{before}{FILES}{count}}}"));
        rest = after;
    }
    kept.push_str(rest);
    // A folder may be named so that it looks like the end of the list.
    match kept.contains(".parquet") || kept.contains("://") {
        true => named(line),
        false => kept,
    }
}

/// The operator alone.
fn named(line: &str) -> String {
    line.split(':').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_tells_how_many_files_are_read_and_not_where_they_lie() {
        let line = "  DataSourceExec: file_groups={2 groups: [[srv/w/a.parquet:0..9, srv/w/b.parquet], \
                    [srv/w/c.parquet]]}, projection=[id], predicate=id@0 > 1";
        assert_eq!(
            shown(line),
            "  DataSourceExec: file_groups={2 groups}, projection=[id], predicate=id@0 > 1"
        );
        let odd =
            "DataSourceExec: file_groups={1 group: [[srv/w]}, x/a.parquet]]}, projection=[id]";
        assert_eq!(shown(odd), "DataSourceExec");
        assert_eq!(
            shown("Filter: t.a > Int64(1)\n  TableScan: t"),
            "Filter: t.a > 1\n  TableScan: t"
        );
    }
}
