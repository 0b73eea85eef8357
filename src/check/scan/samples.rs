//! Samples: failing rows with their key and value, classified values redacted.

use std::collections::BTreeSet;

use arrow::array::{Array, BooleanArray, RecordBatch};
use serde_json::{Map, Value};

use crate::check::expr::shown::Shown;
use crate::check::report::Sample;
use crate::engine::parquet_file::ParquetFile;

/// One row as a sample.
pub(in crate::check) fn sample(
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
    let shown = key.iter().chain(values);
    let texts = shown.filter(|s| s.is_text_like_number(batch, row)).map(|s| s.name.clone());
    let texts: BTreeSet<String> = texts.collect();
    Sample {
        texts: texts.into_iter().collect(),
        file: file.input.name.clone(),
        // As the file has it, deleted rows included.
        row: Some(file.row_number(first_row + row as u64)),
        key: key.iter().map(|s| (s.name.clone(), s.value(batch, row))).collect(),
        value,
    }
}

/// Indices of the first rows that fail, at most `limit`.
pub(in crate::check) fn failing_rows(failing: &BooleanArray, limit: usize) -> Vec<usize> {
    (0..failing.len())
        .filter(|row| failing.is_valid(*row) && failing.value(*row))
        .take(limit)
        .collect()
}
