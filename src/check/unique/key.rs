//! Keys: their columns made comparable, and their hashes.

use std::hash::BuildHasher;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use datafusion::common::hash_utils::{QualityRandomState, create_hashes};

use crate::error::Result;

use super::hashes::Outbox;

/// A key of a table, wherever its columns are in a file.
pub(in crate::check) struct Key {
    /// Names of the columns in files.
    pub columns: Vec<String>,
    /// The types that can hold every file's values.
    pub types: Vec<DataType>,
    state: QualityRandomState,
}

impl Key {
    /// A key whose hashes cannot be predicted.
    pub fn new(columns: &[String], types: Vec<DataType>) -> Self {
        let seed = std::collections::hash_map::RandomState::new().hash_one(0);
        let state = QualityRandomState::with_seed(seed);
        Self { columns: columns.to_vec(), types, state }
    }

    /// Where the columns are in a batch or a file; `None` where one is missing, so that every key
    /// is partly NULL and repeats nothing.
    pub fn indices(&self, schema: &arrow::datatypes::Schema) -> Option<Vec<usize>> {
        self.columns.iter().map(|name| schema.index_of(name).ok()).collect()
    }

    /// The hash of each row whose key has no NULL, with the row's number in the batch.
    pub fn hashes(&self, arrays: &[ArrayRef], rows: usize) -> Result<Vec<(usize, u64)>> {
        let mut hashes = vec![0; rows];
        create_hashes(arrays, &self.state, &mut hashes)?;
        let nulls: Vec<_> = arrays.iter().filter_map(|a| a.logical_nulls()).collect();
        let whole = |(row, _): &(usize, u64)| nulls.iter().all(|n| n.is_valid(*row));
        Ok(hashes.into_iter().enumerate().filter(whole).collect())
    }

    /// Hashes the keys of a batch.
    pub fn hash(
        &self,
        columns: &KeyColumns,
        batch: &RecordBatch,
        outbox: &mut Outbox<'_>,
    ) -> Result<()> {
        let arrays = columns.values(batch)?;
        let hashes = self.hashes(&arrays, batch.num_rows())?;
        hashes.into_iter().try_for_each(|(_, hash)| outbox.push(hash))
    }
}

/// The columns of a key in batches of one schema, made comparable.
pub(in crate::check) struct KeyColumns {
    columns: Vec<usize>,
    types: Vec<DataType>,
}

impl KeyColumns {
    /// The key's columns, by index in the batch, as values of these types.
    pub fn new(columns: &[usize], types: &[DataType]) -> Self {
        Self { columns: columns.to_vec(), types: types.to_vec() }
    }

    /// The types of the columns.
    pub fn types(&self) -> &[DataType] {
        &self.types
    }

    /// The key's values, equal where the keys are: plain, `-0.0` as `0.0`, every NaN as one.
    pub fn values(&self, batch: &RecordBatch) -> Result<Vec<ArrayRef>> {
        let one = |(column, data_type): (&usize, &DataType)| {
            let array = batch.column(*column);
            if array.data_type() == data_type {
                return Ok(one_zero(array));
            }
            // A value beyond the type would become NULL, and NULLs repeat nothing: it is an error
            // instead.
            Ok(one_zero(&cast_with_options(array, data_type, &STRICT)?))
        };
        self.columns.iter().zip(&self.types).map(one).collect()
    }
}

const STRICT: CastOptions<'static> =
    CastOptions { safe: false, format_options: arrow::util::display::FormatOptions::new() };

/// The values with `-0.0` as `0.0` and every NaN as one, so that equal values have equal bits.
fn one_zero(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Float64 => Arc::new(
            array
                .as_primitive::<Float64Type>()
                .unary::<_, Float64Type>(|v| if v.is_nan() { f64::NAN } else { v + 0.0 }),
        ),
        DataType::Float32 => Arc::new(
            array
                .as_primitive::<Float32Type>()
                .unary::<_, Float32Type>(|v| if v.is_nan() { f32::NAN } else { v + 0.0 }),
        ),
        _ => Arc::clone(array),
    }
}
