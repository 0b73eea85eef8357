//! The second delivery: the first one with seeded defects.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch, StringArray};
use arrow::compute::{concat_batches, filter_record_batch};
use arrow::datatypes::Float64Type;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::error::{Error, Result};

use super::data::write_parquet;

/// Copies the recommendations of one delivery and spoils some rows.
pub(super) fn deliver(from: &Path, to: &Path) -> Result<()> {
    let results = read(&from.join("results.parquet"))?;
    write_parquet(&to.join("results.parquet"), &spoil(&results)?)?;
    for name in ["scores.parquet", "metadata.parquet"] {
        let target = to.join(name);
        std::fs::copy(from.join(name), &target).map_err(|e| Error::io(&target, e))?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<RecordBatch> {
    let file = File::open(path).map_err(|e| Error::io(path, e))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
    let schema = builder.schema().clone();
    let batches = builder.build()?.collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(concat_batches(&schema, &batches)?)
}

fn spoil(batch: &RecordBatch) -> Result<RecordBatch> {
    let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
    if let Ok(n) = batch.schema().index_of("score") {
        let scores = columns[n].as_primitive::<Float64Type>().iter().enumerate();
        let spoiled: Float64Array = scores
            .map(|(row, score)| match row {
                17 => Some(1.04),
                99 => Some(f64::NAN),
                _ => score,
            })
            .collect();
        columns[n] = Arc::new(spoiled);
    }
    if let Ok(n) = batch.schema().index_of("module") {
        let modules = arrow::compute::cast(&columns[n], &arrow::datatypes::DataType::Utf8)?;
        let modules = modules.as_string::<i32>().iter().enumerate();
        let spoiled: StringArray = modules
            .map(|(row, module)| if row == 140 { Some("becuase_you_viewed") } else { module })
            .collect();
        columns[n] =
            arrow::compute::cast(&(Arc::new(spoiled) as ArrayRef), columns[n].data_type())?;
    }
    let spoiled = RecordBatch::try_new(batch.schema(), columns)?;
    // One row twice.
    let rows = spoiled.num_rows();
    let only: arrow::array::BooleanArray = (0..rows).map(|row| Some(row == 60)).collect();
    let again = filter_record_batch(&spoiled, &only)?;
    Ok(concat_batches(
        &spoiled.schema(),
        &[spoiled.slice(0, 61), again, spoiled.slice(61, rows - 61)],
    )?)
}
