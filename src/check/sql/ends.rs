//! The first and last values of sorted files.

use arrow::datatypes::Field;
use datafusion::common::ScalarValue;

use crate::engine::parquet_file::ParquetFile;
use crate::engine::reader::{Wanted, batches};
use crate::error::Result;

/// The first and last value of a column in each file that is sorted by it; `None` where one is NULL
/// or a file has no rows.
pub(super) fn bounds(
    files: &[ParquetFile],
    field: &Field,
) -> Result<Option<Vec<(ScalarValue, ScalarValue)>>> {
    let mut found = Vec::new();
    for file in files {
        let (first, last) =
            (value(file, field, 0)?, value(file, field, file.rows().wrapping_sub(1))?);
        match first.zip(last) {
            Some(both) => found.push(both),
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

/// The value of a column in one row.
fn value(file: &ParquetFile, field: &Field, row: u64) -> Result<Option<ScalarValue>> {
    let Ok(column) = file.schema().index_of(field.name()) else { return Ok(None) };
    let Ok(row) = usize::try_from(row) else { return Ok(None) };
    let wanted = Wanted { columns: &[column], rows: Some((row, 1)), ..Wanted::default() };
    let Some(batch) = batches(file, &wanted)?.next() else { return Ok(None) };
    let found = ScalarValue::try_from_array(batch?.column(0), 0)?.cast_to(field.data_type())?;
    Ok((!found.is_null()).then_some(found))
}
