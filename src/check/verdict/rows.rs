//! Failing rows that row tests do not find: by their number, or by their key.

use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;

use crate::contract::model::Table;
use crate::engine::parquet_file::ParquetFile;
use crate::engine::reader::{Wanted, batches};
use crate::error::{Error, Result};

use super::judge::Judge;
use crate::check::expr::compile::{ClauseTest, Compiler, Program};
use crate::check::expr::nested;
use crate::check::expr::shown::Shown;
use crate::check::options::shown_as_public;
use crate::check::plan::clause::{Build, Place};
use crate::check::report::Sample;
use crate::check::scan::samples::{failing_rows, sample};
use crate::check::scan::work::rows_where;
use crate::check::sql::keys::{among, has_key};
use crate::check::unique::search::Row;

impl Judge<'_> {
    /// Samples of rows with one of these keys.
    pub fn rows_with(
        &self,
        columns: &[String],
        keys: &[Vec<ScalarValue>],
        limit: usize,
    ) -> Result<Vec<Sample>> {
        let Some(failing) = has_key(columns, keys) else { return Ok(Vec::new()) };
        // A file that lacks one of the columns has no row with such a key.
        let whole = |f: &&ParquetFile| columns.iter().all(|c| f.schema().index_of(c).is_ok());
        let files: Vec<ParquetFile> = self.work.files.iter().filter(whole).cloned().collect();
        let state = self.tables.session().context().state();
        let public = shown_as_public(self.work.table, self.options);
        let compiler = Compiler { state: &state, table: self.work.table, public: &public };
        let programs: Vec<Program> = files
            .iter()
            .map(|file| compiler.locate(failing.clone(), columns, file.schema()))
            .collect::<Result<_>>()?;
        locate(&files, &programs, limit)
    }

    /// Samples of rows that hold one of these values at a place inside a column.
    pub fn rows_within(
        &self,
        place: &Place,
        keys: &[Vec<ScalarValue>],
        limit: usize,
    ) -> Result<Vec<Sample>> {
        let Some(column) = self.work.table.column(&place.column) else { return Ok(Vec::new()) };
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let name = column.physical().to_owned();
        let keys = keys.to_vec();
        let found: Build = std::sync::Arc::new(move |value, _| Ok(among(value, &keys)));
        let state = self.tables.session().context().state();
        let public = shown_as_public(self.work.table, self.options);
        let compiler = Compiler { state: &state, table: self.work.table, public: &public };
        let (mut files, mut programs) = (Vec::new(), Vec::new());
        for file in &self.work.files {
            let Ok(field) = file.schema().field_with_name(&name) else { continue };
            let value = datafusion::prelude::ident(&name);
            let path = &place.path;
            let Ok(failing) =
                nested::failing(&state, &value, field.data_type(), (path, &DataType::Null), &found)
            else {
                continue;
            };
            programs.push(compiler.locate(failing, std::slice::from_ref(&name), file.schema())?);
            files.push(file.clone());
        }
        locate(&files, &programs, limit)
    }

    /// Samples of rows by file and number.
    pub fn rows_at(&self, rows: &[Row], columns: &[String]) -> Result<Vec<Sample>> {
        let public = shown_as_public(self.work.table, self.options);
        rows.iter()
            .map(|(file, row)| {
                let file = &self.work.files[*file];
                row_at(file, *row, self.work.table, columns, &public)
            })
            .collect()
    }
}

/// The first rows that an expression is true for, file by file.
fn locate(files: &[ParquetFile], programs: &[Program], limit: usize) -> Result<Vec<Sample>> {
    let mut samples = Vec::new();
    for (parquet, program) in files.iter().zip(programs) {
        let mut first_row = 0;
        let wanted = Wanted { columns: &program.projection, ..Wanted::default() };
        for batch in batches(parquet, &wanted)? {
            let batch = batch?;
            for ClauseTest { failing, values, .. } in &program.steps {
                let failing = rows_where(failing, &batch)?;
                let room = limit - samples.len();
                for row in failing_rows(&failing, room) {
                    samples.push(sample(parquet, first_row, &batch, row, &program.key, values));
                }
            }
            if samples.len() >= limit {
                return Ok(samples);
            }
            first_row += batch.num_rows() as u64;
        }
    }
    Ok(samples)
}

/// One row of a file as a sample that shows these columns.
fn row_at(
    parquet: &ParquetFile,
    row: u64,
    table: &Table,
    columns: &[String],
    public: &[String],
) -> Result<Sample> {
    let key: Vec<String> = table.primary_key().iter().map(|c| c.physical().to_owned()).collect();
    let names = columns.iter().chain(&key);
    let mut wanted: Vec<usize> = names.filter_map(|n| parquet.schema().index_of(n).ok()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let offset = usize::try_from(row).unwrap_or(usize::MAX);
    let wanted = Wanted { columns: &wanted, rows: Some((offset, 1)), ..Wanted::default() };
    let shown = |batch: &RecordBatch, list: &[String]| -> Vec<Shown> {
        list.iter()
            .filter_map(|n| Some(Shown::new(table, n, batch.schema().index_of(n).ok()?, public)))
            .collect()
    };
    match batches(parquet, &wanted)?.next() {
        Some(batch) => {
            let batch = batch?;
            let (key, values) = (shown(&batch, &key), shown(&batch, columns));
            Ok(sample(parquet, row, &batch, 0, &key, &values))
        }
        None => {
            Err(Error::try_again("file-changed", "a row is no longer there")
                .at(&parquet.input.name))
        }
    }
}
