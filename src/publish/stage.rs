//! Staging: the delivery as sorted Parquet files at their final paths, synced, not yet referenced.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::check::{Checked, Released, told};
use crate::contract::Contract;
use crate::contract::model::{Column, Table};
use crate::contract::types::{common, plain, sql_type, type_to_declare, untold_as_text, with_zone};
use crate::engine::parquet_file::{ParquetFile, common_type};
use crate::error::{Error, Result};
use crate::warehouse::{ContractFolder, remove_data_file};

use super::places::Places;
use super::staged_table::StagedTable;
use super::writer::Writing;
use super::{Request, stored_type};

/// The staged tables of one publish.
pub(super) struct Staged {
    pub tables: Vec<StagedTable>,
}

/// The stored schema of each table of a delivery, in the order of the check.
///
/// # Errors
/// When a delivered type cannot be stored without loss.
pub(super) fn schemas(
    contract: &Contract,
    checked: &Checked,
    released: &Released,
) -> Result<Vec<SchemaRef>> {
    checked
        .tables
        .iter()
        .map(|table| {
            let declared = crate::check::find_table(contract, &table.name)?;
            let fields: Vec<Field> = declared
                .stored_columns()
                .map(|column| {
                    let data_type =
                        stored_as((contract, declared, column), &table.files, released)?;
                    Ok(Field::new(column.stored(), data_type, true))
                })
                .collect::<Result<_>>()?;
            Ok(Arc::new(Schema::new(fields)))
        })
        .collect()
}

/// The type that a column is stored as: what is declared, what readers know, else what is delivered.
fn stored_as(
    (contract, table, column): (&Contract, &Table, &Column),
    files: &[ParquetFile],
    released: &Released,
) -> Result<DataType> {
    let name = &table.name.value;
    let delivered = match delivered_by_values(files, column.physical()) {
        Some(told) => stored_type(name, column.physical(), &told)?,
        // No file has a value: the contract, or what readers know, says which type that is.
        None => DataType::Null,
    };
    let is_typed = column.logical_type.is_some();
    let delivered = match delivered {
        // A reading that the contract gives a zone is stored as an instant.
        DataType::Timestamp(unit, None) if is_typed && with_zone(column) => {
            DataType::Timestamp(unit, Some("UTC".into()))
        }
        other => other,
    };
    let served = released.served(contract, table, column, &delivered).map_err(|wider| {
        let (found, known) = (sql_type(&wider.delivered), sql_type(&wider.served));
        let message = format!("column '{}' is {found}, and served as {known}", column.name.value);
        Error::mend("wider-type", message)
            .at(format!("table {name}"))
            .hint(format!("declare physicalType: {}", type_to_declare(&wider.delivered)))
    })?;
    Ok(untold_as_text(&served))
}

/// The type that holds the values of every file that has values; `None` where none has.
fn delivered_by_values(files: &[ParquetFile], column: &str) -> Option<DataType> {
    let mut types = files.iter().filter_map(|file| told(file, column)).map(|t| plain(&t));
    let first = types.next()?;
    // Files whose types have nothing in common are refused before they are stored.
    types
        .try_fold(first, |known, one| common(&known, &one))
        .or_else(|| common_type(files, column).ok().flatten())
}

impl Staged {
    /// Writes every table; on a failure nothing is left.
    pub async fn write(
        request: &Request<'_>,
        folder: &ContractFolder,
        places: &Places,
        checked: &Checked,
        schemas: Vec<SchemaRef>,
    ) -> Result<Self> {
        let mut staged = Self { tables: Vec::new() };
        let contract = request.delivery.naming(request.contract);
        let rows = checked.tables.iter().flat_map(|t| &t.files).map(ParquetFile::rows).sum();
        request.options.progress.begin("writing", rows);
        for (table, schema) in checked.tables.iter().zip(schemas) {
            let declared = crate::check::find_table(&contract, &table.name)?;
            let writing =
                Writing::begin(request, folder, places.of(&table.name), declared, schema)?;
            match writing.run(table, request.options).await {
                Ok(done) => staged.tables.push(done),
                Err(error) => {
                    staged.remove();
                    return Err(error);
                }
            }
        }
        request.options.progress.end();
        Ok(staged)
    }

    /// The checksum of each table, by name.
    pub fn checksums(&self) -> BTreeMap<&str, &str> {
        self.tables.iter().map(|t| (t.name.as_str(), t.checksum.as_str())).collect()
    }

    /// Removes every staged file.
    pub fn remove(&self) {
        for table in &self.tables {
            table.files.iter().for_each(|file| remove_data_file(&table.folder, &file.path));
        }
    }
}
