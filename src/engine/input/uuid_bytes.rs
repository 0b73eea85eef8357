//! Parquet files that hold UUIDs as bytes: everything after reads them as text.

use std::path::Path;

use parquet::basic::LogicalType;

use crate::contract::model::Column;
use crate::engine::damage::contained;
use crate::engine::files::InputFile;
use crate::engine::pages::walk_row_group;
use crate::engine::parquet_file::ParquetFile;
use crate::engine::reader::{Wanted, batches};
use crate::error::{Remedy, Result};

use super::plain_values::{Affected, Plainly};
use super::reading::{Columns, Reading};
use super::spool::{Rendered, Spool};

/// Whether any file may have to change.
pub(super) fn may_change(columns: &Columns<'_>) -> bool {
    columns.table.is_none_or(|table| table.columns.iter().any(declares_uuids))
}

fn declares_uuids(column: &Column) -> bool {
    let pair = column.map.as_deref().into_iter().flat_map(|(key, value)| [key, value]);
    let mut inside = column.properties.iter().chain(column.items.as_deref()).chain(pair);
    column.holds_uuids() || inside.any(declares_uuids)
}

/// Writes the file with its UUIDs as text, where it has some; a file that cannot be read is left to
/// the check, which says why.
pub(super) fn write(
    input: &InputFile,
    columns: &Columns<'_>,
    reading: &Reading,
    to: &Path,
) -> Result<Option<Rendered>> {
    let Ok(file) = ParquetFile::open(input) else { return Ok(None) };
    let uuids = uuids(&file);
    let affected = Affected { categories: false, table: columns.table, uuids: &uuids };
    if !Plainly::of(file.schema(), affected).changes() || !is_sound(&file, reading)? {
        return Ok(None);
    }
    contained(|| copy(&file, affected, to)).unwrap_or(Ok(None))
}

/// Columns of the type UUID.
fn uuids(file: &ParquetFile) -> Vec<String> {
    let roots = file.metadata.parquet_schema().root_schema().get_fields().iter();
    let is_uuid = |field: &parquet::schema::types::Type| {
        matches!(field.get_basic_info().logical_type_ref(), Some(LogicalType::Uuid))
    };
    roots.filter(|field| is_uuid(field)).map(|field| field.name().to_owned()).collect()
}

/// Whether pages claim no more than they may.
fn is_sound(file: &ParquetFile, reading: &Reading) -> Result<bool> {
    let bytes = file.input.bytes()?;
    let mut row_groups = file.footer().row_groups().iter();
    Ok(row_groups.all(|row_group| walk_row_group(&bytes, row_group, reading.memory).is_ok()))
}

fn copy(file: &ParquetFile, affected: Affected<'_>, to: &Path) -> Result<Option<Rendered>> {
    let all: Vec<usize> = (0..file.own_columns()).collect();
    // A page that cannot be decoded here cannot be decoded later.
    let Ok(read) = batches(file, &Wanted { columns: &all, ..Wanted::default() }) else {
        return Ok(None);
    };
    let plainly = Plainly::of(read.schema(), affected);
    let mut spool = match Spool::create(to, plainly.schema()) {
        Ok(spool) => spool,
        Err(error) if error.remedy() == Remedy::TryAgain => return Err(error),
        // A type beside the UUIDs that is not written.
        Err(_) => return Ok(None),
    };
    for batch in read {
        let Ok(batch) = batch else { return Ok(None) };
        spool.write(&plainly.batch(&batch)?)?;
    }
    Ok(Some(Rendered { nulls: spool.finish()?, ..Rendered::default() }))
}
