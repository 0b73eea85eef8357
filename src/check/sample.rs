//! Samples: failing rows with their key and value, classified values redacted.

use std::sync::Arc;

use arrow::array::{Array, BooleanArray, RecordBatch};
use serde_json::{Map, Value};

use crate::contract::model::{Column, Table};
use crate::engine::parquet_file::ParquetFile;

use super::declared::declared_value;
use super::report::{REDACTED, Sample};

/// A column of a batch as samples show it.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    /// The declared name.
    pub name: String,
    /// Its index in the batch.
    pub index: usize,
    /// Whether its values stay out of reports.
    pub classified: bool,
    /// What the contract says about it.
    column: Option<Arc<Column>>,
}

impl Shown {
    /// A column of a table that the batch holds under this index.
    pub fn new(table: &Table, physical: &str, index: usize, public: &[String]) -> Self {
        let column = table.columns.iter().find(|c| c.physical() == physical);
        Self {
            name: column.map_or_else(|| physical.to_owned(), |c| c.name.value.clone()),
            index,
            classified: column.is_some_and(|c| c.classified(public)),
            column: column.map(|c| Arc::new(c.clone())),
        }
    }

    fn value(&self, batch: &RecordBatch, row: usize) -> Value {
        if self.classified {
            return Value::String(REDACTED.to_owned());
        }
        declared_value(self.column.as_deref(), batch.column(self.index), row)
    }
}

/// One row as a sample.
pub(super) fn sample(
    file: &ParquetFile,
    first_row: u64,
    batch: &RecordBatch,
    row: usize,
    key: &[Shown],
    values: &[Shown],
) -> Sample {
    let value = match values {
        [] => Value::Null,
        [one] => one.value(batch, row),
        several => Value::Object(
            several.iter().map(|s| (s.name.clone(), s.value(batch, row))).collect::<Map<_, _>>(),
        ),
    };
    Sample {
        file: file.input.name.clone(),
        // As the file has it, deleted rows included.
        row: Some(file.row_number(first_row + row as u64)),
        key: key.iter().map(|s| (s.name.clone(), s.value(batch, row))).collect(),
        value,
    }
}

/// Indices of the first rows that fail, at most `limit`.
pub(super) fn failing_rows(failing: &BooleanArray, limit: usize) -> Vec<usize> {
    (0..failing.len())
        .filter(|row| failing.is_valid(*row) && failing.value(*row))
        .take(limit)
        .collect()
}
