//! Files of quarantined rows.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::contract::model::Table;
use crate::contract::names::path_segment;
use crate::engine::parquet_file::ParquetFile;
use crate::engine::temporary;
use crate::error::{Error, Result};

/// One file of rows; the first row creates it.
pub(super) struct Output<'a> {
    path: PathBuf,
    schema: SchemaRef,
    writer: Option<ArrowWriter<File>>,
    written: &'a Mutex<Vec<PathBuf>>,
}

impl<'a> Output<'a> {
    pub fn new(
        folder: &Path,
        (table, n, file): (&Table, usize, &ParquetFile),
        schema: SchemaRef,
        written: &'a Mutex<Vec<PathBuf>>,
    ) -> Self {
        let name = Path::new(&file.input.name).file_stem();
        let name = name.map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let path = folder.join(path_segment(table.physical())).join(format!("{n}-{name}.parquet"));
        Self { path, schema, writer: None, written }
    }

    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => {
                if let Some(folder) = self.path.parent() {
                    temporary::private_folder(folder).map_err(|e| Error::io(folder, e))?;
                }
                let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
                written.push(self.path.clone());
                // Rows of a delivery, classified columns included: only for the user who runs this.
                let file = temporary::private_file(&self.path);
                let file = file.map_err(|e| Error::io(&self.path, e))?;
                let level = ZstdLevel::default();
                let properties =
                    WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
                let schema = Arc::clone(&self.schema);
                self.writer.insert(ArrowWriter::try_new(file, schema, Some(properties))?)
            }
        };
        Ok(writer.write(batch)?)
    }

    pub fn finish(mut self) -> Result<()> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        writer.finish()?;
        self.writer = None;
        Ok(())
    }
}

impl Drop for Output<'_> {
    /// An incomplete result leaves no file behind.
    fn drop(&mut self) {
        if self.writer.is_some() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
