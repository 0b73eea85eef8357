//! The writer: one table as sorted Parquet files that break only between two keys.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, new_null_array};
use arrow::datatypes::{Field, SchemaRef};
use datafusion::common::ScalarValue;
use futures::StreamExt;
use parquet::arrow::arrow_writer::{ArrowWriter, ArrowWriterOptions};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::check::Options;
use crate::contract::model::{Column, Table};
use crate::contract::names::quote;
use crate::engine::Session;
use crate::engine::blocks::Hashing;
use crate::engine::damage::watched;
use crate::engine::parquet_file::ParquetFile;
use crate::engine::parquet_table::{ParquetTable, TableColumn};
use crate::engine::portions::portions;
use crate::engine::reader::{Wanted, batches};
use crate::engine::sql;
use crate::error::{Error, Result};
use crate::warehouse::{
    ContractFolder, DataFile, create_folder, file_statistics, record_blocks, remove_data_file,
    sync_file, sync_folder,
};

use super::checksum::Checksum;
use super::convert::convert;
use super::guarantees::{Guaranteed, Guarantees};
use super::staged_table::{StagedTable, delivered_type};
use super::{Request, classified};

/// Sizes of staged files.
#[derive(Debug, Clone, Copy)]
pub struct StageLimits {
    /// Bytes after which a file ends at the next change of the first sort column.
    pub file_bytes: usize,
    /// Rows of a row group.
    pub row_group_rows: usize,
}

impl Default for StageLimits {
    fn default() -> Self {
        Self { file_bytes: 256 << 20, row_group_rows: 1 << 18 }
    }
}

/// Rows of a data page, at most: what a point read decodes.
const PAGE_ROWS: usize = 8 * 1024;
/// Bytes of one row, at most: beyond twice as many, texts cannot be counted.
const MOST_ROW_BYTES: u64 = 1 << 30;
/// Bytes of a row group, at most: what the writer holds in memory.
const ROW_GROUP_BYTES: usize = 64 << 20;

/// The result of one pass over a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// Every row so far is written.
    Whole,
    /// The files written so far guarantee too much: all must be written again.
    Again,
}

/// One table being written.
pub(super) struct Writing<'a> {
    table: &'a Table,
    schema: SchemaRef,
    key: Vec<String>,
    path: String,
    folder: PathBuf,
    publish_id: &'a str,
    limits: StageLimits,
    /// Bytes that one row may have: it is held more than once while it is written.
    most_row_bytes: u64,
    classified: Vec<String>,
    guarantees: Guarantees,
    checksum: Checksum,
    writer: Option<(PathBuf, ArrowWriter<Hashing<File>>)>,
    /// The first sort column's value in the last written row.
    last: Option<ScalarValue>,
    files: Vec<DataFile>,
    /// The next file number to try.
    number: usize,
    rows: u64,
}

impl<'a> Writing<'a> {
    /// Prepares the folder of a table.
    pub fn begin(
        request: &'a Request<'_>,
        contract: &ContractFolder,
        path: &str,
        table: &'a Table,
        schema: SchemaRef,
    ) -> Result<Self> {
        let folder = contract.table(path);
        create_folder(&folder)?;
        let public = request.options.public_classifications;
        Ok(Self {
            table,
            key: table.primary_key().iter().map(|c| c.stored().to_owned()).collect(),
            path: path.to_owned(),
            folder,
            publish_id: &request.provenance.publish_id,
            limits: request.stage,
            most_row_bytes: (request.options.limits.memory as u64).min(MOST_ROW_BYTES),
            classified: classified(request.contract, &table.name.value, public),
            guarantees: Guarantees::of(table, &schema),
            checksum: Checksum::new(Arc::clone(&schema)),
            schema,
            writer: None,
            last: None,
            files: Vec::new(),
            number: 0,
            rows: 0,
        })
    }

    /// Writes everything; on failure nothing is left.
    pub async fn run(
        mut self,
        table: &crate::check::CheckedTable,
        options: &Options<'_>,
    ) -> Result<StagedTable> {
        loop {
            let pass = watched(self.copy(table, options)).await;
            if matches!(pass, Ok(Pass::Whole)) {
                return Ok(StagedTable {
                    name: self.table.name.value.clone(),
                    path: self.path,
                    schema: self.schema,
                    files: self.files,
                    rows: self.rows,
                    checksum: self.checksum.finish(),
                    folder: self.folder,
                });
            }
            self.discard();
            if let Err(error) = pass {
                let is_secret = !self.classified.is_empty() && !options.show_classified;
                return Err(if is_secret { error.without_values() } else { error });
            }
        }
    }

    /// Removes what was written: nothing of it is left.
    fn discard(&mut self) {
        self.files.drain(..).for_each(|f| remove_data_file(&self.folder, &f.path));
        if let Some((path, _)) = self.writer.take() {
            remove_data_file(&self.folder, &file_name(&path));
        }
        self.checksum = Checksum::new(Arc::clone(&self.schema));
        self.last = None;
        self.rows = 0;
    }

    async fn copy(
        &mut self,
        table: &crate::check::CheckedTable,
        options: &Options<'_>,
    ) -> Result<Pass> {
        if table.sorted || self.key.is_empty() {
            for file in &table.files {
                if self.copy_file(file, options)? == Pass::Again {
                    return Ok(Pass::Again);
                }
            }
        } else if self.copy_sorted(&table.files, options).await? == Pass::Again {
            return Ok(Pass::Again);
        }
        if self.files.is_empty() && self.writer.is_none() {
            // A table without rows still has a schema.
            self.open()?;
        }
        self.close()?;
        sync_folder(&self.folder).map(|()| Pass::Whole)
    }

    /// Rows that are already in order, or need none.
    fn copy_file(&mut self, file: &ParquetFile, options: &Options<'_>) -> Result<Pass> {
        let delivered: Vec<&str> = self.table.stored_columns().map(Column::physical).collect();
        let found = delivered.iter().filter_map(|name| file.schema().index_of(name).ok());
        let mut columns: Vec<usize> = found.collect();
        columns.sort_unstable();
        for batch in batches(file, &Wanted { columns: &columns, ..Wanted::default() })? {
            let batch = batch?;
            let columns: Vec<Option<ArrayRef>> =
                delivered.iter().map(|name| batch.column_by_name(name).cloned()).collect();
            if self.write(&columns, batch.num_rows(), options)? == Pass::Again {
                return Ok(Pass::Again);
            }
            options.progress.advance(batch.num_rows() as u64);
        }
        Ok(Pass::Whole)
    }

    /// Rows out of order: DataFusion sorts them by the key and spills within the memory limit.
    async fn copy_sorted(&mut self, files: &[ParquetFile], options: &Options<'_>) -> Result<Pass> {
        let columns: Vec<TableColumn> = self
            .table
            .stored_columns()
            .map(|column| {
                let delivered = delivered_type(&self.table.name.value, column, files)?;
                Ok(TableColumn {
                    field: Field::new(column.physical(), delivered, true),
                    name: column.name.value.clone(),
                })
            })
            .collect::<Result<_>>()?;
        let session = Session::new(&options.limits, "delivery")?;
        for file in files {
            session.narrow(file.row_bytes()?, &options.limits);
        }
        let provider = ParquetTable::delivered(&columns, files, None)?;
        session.register("delivery", "rows", Arc::new(provider))?;
        let key = self.table.primary_key();
        let key: Vec<String> =
            key.iter().map(|c| quote(&c.name.value.to_ascii_lowercase())).collect();
        // By name: columns of a path come after the others.
        let names: Vec<String> =
            columns.iter().map(|c| quote(&c.name.to_ascii_lowercase())).collect();
        let query =
            format!("select {} from delivery.rows order by {}", names.join(", "), key.join(", "));
        let mut stream = sql::plan_query(session.context(), &query).await?.execute_stream().await?;
        while let Some(batch) = stream.next().await {
            let batch = batch?;
            let columns: Vec<Option<ArrayRef>> =
                batch.columns().iter().cloned().map(Some).collect();
            if self.write(&columns, batch.num_rows(), options)? == Pass::Again {
                return Ok(Pass::Again);
            }
            options.progress.advance(batch.num_rows() as u64);
        }
        Ok(Pass::Whole)
    }

    /// Writes rows that follow all before; a missing column is NULL. Rows that are long once
    /// written out go in portions.
    fn write(
        &mut self,
        columns: &[Option<ArrayRef>],
        rows: usize,
        options: &Options<'_>,
    ) -> Result<Pass> {
        let found = portions(rows, columns.iter().flatten());
        let divided = found.ranges.len() > 1 || rows == 1;
        if divided && found.longest_row > self.most_row_bytes {
            return Err(self.too_long(found.longest_row));
        }
        for range in found.ranges {
            let slice =
                |c: &Option<ArrayRef>| c.as_ref().map(|c| c.slice(range.start, range.len()));
            let part: Vec<Option<ArrayRef>> = columns.iter().map(slice).collect();
            if self.write_portion(&part, range.len(), options)? == Pass::Again {
                return Ok(Pass::Again);
            }
        }
        Ok(Pass::Whole)
    }

    fn too_long(&self, bytes: u64) -> Error {
        let message = format!(
            "a row has {} MiB, and --memory-limit lets {} MiB of one row be written",
            bytes >> 20,
            self.most_row_bytes >> 20
        );
        Error::mend("row-too-long", message)
            .at(format!("table {}", self.table.name.value))
            .hint("keep long texts elsewhere, or raise --memory-limit (1 GiB a row at most)")
    }

    fn write_portion(
        &mut self,
        columns: &[Option<ArrayRef>],
        rows: usize,
        options: &Options<'_>,
    ) -> Result<Pass> {
        let arrays: Vec<ArrayRef> = self
            .table
            .stored_columns()
            .zip(self.schema.fields())
            .zip(columns)
            .map(|((column, field), array)| match array {
                Some(array) => convert(array, column, field.data_type())
                    .map_err(|error| self.shown(error, column, options)),
                None => Ok(new_null_array(field.data_type(), rows)),
            })
            .collect::<Result<_>>()?;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)?;
        let is_begun = self.writer.is_some() || !self.files.is_empty();
        if self.guarantees.see(&batch)? == Guaranteed::Less && is_begun {
            return Ok(Pass::Again);
        }
        self.checksum.add(&batch)?;
        self.rows += rows as u64;
        let full = self.writer.as_ref().is_some_and(|(_, w)| {
            w.bytes_written() + w.in_progress_size() >= self.limits.file_bytes
        });
        match if full { self.breakpoint(&batch)? } else { None } {
            Some(at) => {
                self.append(&batch.slice(0, at))?;
                self.close()?;
                self.append(&batch.slice(at, rows - at))?;
            }
            None => self.append(&batch)?,
        }
        self.last = self.first_key(&batch, rows.saturating_sub(1))?;
        Ok(Pass::Whole)
    }

    /// The value that cannot be stored, in words without classified values.
    fn shown(&self, error: Error, column: &Column, options: &Options<'_>) -> Error {
        if options.show_classified || !self.classified.iter().any(|c| c == column.stored()) {
            return error;
        }
        let name = &column.name.value;
        Error::mend("unstorable-value", format!("column '{name}': a value cannot be stored"))
            .hint("its values are classified; --show-classified shows this one, only to you")
    }

    /// The first row with another value of the first sort column: where a file may end.
    fn breakpoint(&self, batch: &RecordBatch) -> Result<Option<usize>> {
        let Some(first) = self.key.first() else { return Ok(Some(0)) };
        if self.first_key(batch, 0)? != self.last {
            return Ok(Some(0));
        }
        let column = batch.column_by_name(first).cloned();
        let Some(column) = column else { return Ok(None) };
        let ranges = arrow::compute::partition(&[column])?.ranges();
        Ok(ranges.get(1).map(|range| range.start))
    }

    fn first_key(&self, batch: &RecordBatch, row: usize) -> Result<Option<ScalarValue>> {
        let column = self.key.first().and_then(|name| batch.column_by_name(name));
        match column.filter(|c| row < c.len()) {
            Some(column) => Ok(Some(ScalarValue::try_from_array(column, row)?)),
            None => Ok(None),
        }
    }

    fn append(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        if self.writer.is_none() {
            self.open()?;
        }
        let Some((path, writer)) = &mut self.writer else { return Ok(()) };
        writer.write(batch).map_err(|e| written(path, e))
    }

    fn open(&mut self) -> Result<()> {
        let (path, file) = self.create()?;
        let options = ArrowWriterOptions::new()
            .with_properties(self.properties()?)
            // An embedded Arrow schema could contradict Delta's.
            .with_skip_arrow_metadata(true);
        let sink = Hashing::new(file);
        let writer = ArrowWriter::try_new_with_options(sink, Arc::clone(&self.schema), options)
            .map_err(|e| written(&path, e))?;
        self.writer = Some((path, writer));
        Ok(())
    }

    /// A file under the next free name: a run with this publish id may have died here before.
    fn create(&mut self) -> Result<(PathBuf, File)> {
        loop {
            let path = self.folder.join(format!("{}-{}.parquet", self.publish_id, self.number));
            self.number += 1;
            match File::create_new(&path) {
                Ok(file) => return Ok((path, file)),
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(Error::io(&path, e)),
            }
        }
    }

    fn properties(&self) -> Result<WriterProperties> {
        let mut builder = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
            .set_max_row_group_row_count(Some(self.limits.row_group_rows))
            .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
            .set_data_page_row_count_limit(PAGE_ROWS)
            .set_created_by(format!("pactum {}", env!("CARGO_PKG_VERSION")))
            .set_sorting_columns(self.sorting());
        // The first sort column is found by its order; the rest of the key by its filter. A filter
        // of floats would distinguish 0.0 from -0.0, which are equal.
        for name in self.key.iter().skip(1) {
            if self.schema.field_with_name(name)?.data_type().is_floating() {
                continue;
            }
            let column = ColumnPath::new(vec![name.clone()]);
            builder = builder.set_column_bloom_filter_enabled(column, true);
        }
        for path in self.guarantees.unmeasured(&self.schema)? {
            builder = builder.set_column_statistics_enabled(path, EnabledStatistics::None);
        }
        Ok(builder.build())
    }

    /// Leaf indices of the key, where no nested column shifts them.
    fn sorting(&self) -> Option<Vec<SortingColumn>> {
        let nested = |f: &Arc<Field>| f.data_type().is_nested();
        let columns: Option<Vec<SortingColumn>> = self
            .key
            .iter()
            .map(|name| {
                let index = self.schema.index_of(name).ok()?;
                if self.schema.fields()[..index].iter().any(nested) {
                    return None;
                }
                let column_idx = i32::try_from(index).ok()?;
                Some(SortingColumn { column_idx, descending: false, nulls_first: false })
            })
            .collect();
        columns.filter(|c| !c.is_empty())
    }

    fn close(&mut self) -> Result<()> {
        let Some((path, mut writer)) = self.writer.take() else { return Ok(()) };
        let mut finish = || -> Result<DataFile> {
            let footer = writer.finish().map_err(|e| written(&path, e))?;
            let blocks = writer.inner().blocks();
            sync_file(&path)?;
            let name = file_name(&path);
            Ok(DataFile {
                size: i64::try_from(blocks.size()).unwrap_or(i64::MAX),
                modified: chrono::Utc::now().timestamp_millis(),
                statistics: Some(file_statistics(&footer, &self.schema, &self.classified)),
                tags: record_blocks(&self.folder, &name, &blocks)?,
                path: name,
            })
        };
        match finish() {
            Ok(file) => {
                self.files.push(file);
                Ok(())
            }
            Err(error) => {
                remove_data_file(&self.folder, &file_name(&path));
                Err(error)
            }
        }
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A full disk shows itself through the Parquet writer.
fn written(path: &Path, error: parquet::errors::ParquetError) -> Error {
    Error::try_again("write-failed", error.to_string())
        .at(path.display().to_string())
        .hint("is the disk full? nothing was released")
        .caused_by(error)
}
