//! A released table as a scan of its pinned files: declared order, footer statistics, pruning.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field};

use crate::contract::model::Table;
use crate::contract::types::planned;
use crate::engine::files::InputFile;
use crate::engine::parquet_file::ParquetFile;
use crate::engine::parquet_table::{ParquetTable, TableColumn};
use crate::error::{Error, Result};
use crate::warehouse::Release;

/// The table of a release.
///
/// # Errors
/// When the release has no such table, or one of its files cannot be read.
pub async fn published_table(release: &Release, table: &Table) -> Result<Arc<ParquetTable>> {
    let released = release.table(&table.name.value).await?;
    let files: Vec<ParquetFile> = released
        .files
        .files
        .iter()
        .map(|file| {
            let path = released.folder.join(&file.path);
            let input = InputFile::open(&path)?;
            ParquetFile::open(&input).map_err(|reason| {
                Error::try_again("damaged-release", reason)
                    .at(path.display().to_string())
                    .hint("the file of a release was changed or lost; restore it from a backup")
            })
        })
        .collect::<Result<_>>()?;
    let columns = columns(table, &files);
    let key = table.primary_key().iter().map(|c| c.physical().to_owned()).collect();
    Ok(Arc::new(ParquetTable::new(&columns, &files, key)?.pruned()))
}

/// The columns of a table with their stored types: those of the released files, else the planned.
///
/// # Errors
/// When the release's log or its first file cannot be read.
pub async fn stored_types(
    release: Option<&Release>,
    table: &Table,
) -> Result<Vec<(String, DataType)>> {
    let first = match release {
        Some(release) if release.entry.tables.contains_key(&table.name.value) => {
            let released = release.table(&table.name.value).await?;
            let first = released.files.files.first().map(|f| released.folder.join(&f.path));
            first.map(|path| InputFile::open(&path)).transpose()?
        }
        _ => None,
    };
    let file = first.and_then(|input| ParquetFile::open(&input).ok());
    let files: Vec<ParquetFile> = file.into_iter().collect();
    let columns = columns(table, &files);
    Ok(columns.into_iter().map(|c| (c.name, c.field.data_type().clone())).collect())
}

/// A table that has no rows, with the types that the contract plans.
///
/// # Errors
/// Never in practice: there is no file whose statistics could be read wrong.
pub fn planned_table(table: &Table) -> Result<Arc<ParquetTable>> {
    Ok(Arc::new(ParquetTable::new(&columns(table, &[]), &[], Vec::new())?))
}

fn columns(table: &Table, files: &[ParquetFile]) -> Vec<TableColumn> {
    table
        .stored_columns()
        .map(|column| {
            let stored = files
                .first()
                .and_then(|f| f.schema().field_with_name(column.physical()).ok())
                .map_or_else(|| planned(column), |f| f.data_type().clone());
            TableColumn {
                field: Field::new(column.physical(), stored, !column.not_null()),
                name: column.name.value.clone(),
            }
        })
        .collect()
}
