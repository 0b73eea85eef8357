//! A released table as a scan of its pinned files: declared order, footer statistics, pruning.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field};

use crate::contract::model::Table;
use crate::contract::types::planned;
use crate::engine::Footers;
use crate::engine::files::InputFile;
use crate::engine::parquet_file::ParquetFile;
use crate::engine::parquet_table::{ParquetTable, TableColumn};
use crate::engine::recorded::damaged;
use crate::error::Result;
use crate::warehouse::Release;

/// The table of a release.
///
/// # Errors
/// When the release has no such table, or one of its files cannot be read.
pub async fn published_table(
    release: &Release,
    table: &Table,
    footers: &Footers,
) -> Result<Arc<ParquetTable>> {
    let released = release.table(&table.name.value).await?;
    let inputs = released.inputs()?;
    let files = inputs.iter().map(|input| open(input, footers));
    let files: Vec<ParquetFile> = files.collect::<Result<_>>()?;
    released.refuse_other_rows(files.iter().map(ParquetFile::rows).sum())?;
    let columns = columns(table, &files);
    let key = table.primary_key().iter().map(|c| c.stored().to_owned()).collect();
    Ok(Arc::new(ParquetTable::new(&columns, &files, key)?.pruned()))
}

/// Opens a file of a release. One without hashes may have been changed since: its reader notices.
fn open(input: &InputFile, footers: &Footers) -> Result<ParquetFile> {
    footers
        .open(input)
        .map_err(|reason| input.damage().unwrap_or_else(|| damaged(&input.path, &reason)))
}

/// The columns of a table with their stored types: those of the released files, else the planned.
///
/// # Errors
/// When the release's log or its first file cannot be read.
pub async fn stored_types(
    release: Option<&Release>,
    table: &Table,
    footers: &Footers,
) -> Result<Vec<(String, DataType)>> {
    let first = match release {
        Some(release) if release.entry.tables.contains_key(&table.name.value) => {
            release.table(&table.name.value).await?.first()?
        }
        _ => None,
    };
    let file = first.map(|input| open(&input, footers)).transpose()?;
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
                .and_then(|f| f.schema().field_with_name(column.stored()).ok())
                .map_or_else(|| planned(column), |f| f.data_type().clone());
            TableColumn {
                field: Field::new(column.stored(), stored, !column.not_null()),
                name: column.name.value.clone(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use datafusion::catalog::TableProvider;

    use super::*;
    use crate::contract;
    use crate::diagnostic::Source;

    #[test]
    fn the_planner_is_told_which_columns_hold_no_null() {
        let text = "apiVersion: v3.2.0\nkind: DataContract\nid: t\nname: t\nversion: 1.0.0\nstatus: active\n\
                    schema:\n- name: t\n  properties:\n\
                    \x20 - { name: id, logicalType: integer, primaryKey: true }\n\
                    \x20 - { name: must, logicalType: integer, required: true }\n\
                    \x20 - { name: may, logicalType: integer }\n";
        let contract = contract::parse(&Arc::new(Source::new("t", text))).valid().unwrap();
        let schema = planned_table(&contract.tables[0]).unwrap().schema();
        let nullable: Vec<bool> = schema.fields().iter().map(|f| f.is_nullable()).collect();
        assert_eq!(nullable, [false, false, true]);
    }
}
