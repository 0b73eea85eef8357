//! A staged table, and the types that its columns were delivered in.

use std::path::PathBuf;

use arrow::datatypes::{DataType, SchemaRef};

use crate::contract::types::{planned, stored};
use crate::engine::parquet_file::{ParquetFile, common_type};
use crate::error::{Error, Result};
use crate::warehouse::DataFile;

/// One staged table.
pub(super) struct StagedTable {
    pub name: String,
    /// Folder relative to the contract's.
    pub path: String,
    pub schema: SchemaRef,
    pub files: Vec<DataFile>,
    pub rows: u64,
    pub checksum: String,
    pub folder: PathBuf,
}

/// The type that holds every file's values exactly.
pub(super) fn delivered_type(
    table: &str,
    column: &crate::contract::model::Column,
    files: &[ParquetFile],
) -> Result<DataType> {
    let found = common_type(files, column.physical()).map_err(|message| {
        Error::mend("differing-types", message)
            .at(format!("table {table}"))
            .hint("write all files of a table with one schema")
    })?;
    Ok(found.unwrap_or_else(|| stored(&planned(column)).unwrap_or(DataType::Utf8)))
}
