//! Input beyond Parquet: text, Arrow IPC and remote files become Parquet files of a temporary
//! folder, so that everything after reads one format.
//!
//! Values of text formats are parsed strictly as the contract's types. A text that does not parse
//! is NULL there, and is kept in a second column, so that the check can point to it.

mod arrow_ipc;
mod coded;
mod csv;
mod format;
mod ipc_claims;
mod ndjson;
mod nested_json;
mod plain_values;
mod reading;
mod records;
mod remote;
mod spool;
mod unwritable;
mod uuid_bytes;

use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::TempDir;

use crate::error::{Error, Result};

use super::files::InputFile;
use super::temporary;
use reading::Stop;
use spool::Rendered;

pub use format::InputFormat;
pub use reading::{CSV_FIELD_LINES, Columns, Reading};

/// Renditions of inputs that are not local Parquet files.
#[derive(Debug, Default)]
pub struct Renditions {
    reading: Reading,
    /// Made when the first of them is.
    folder: Mutex<Option<Arc<TempDir>>>,
}

impl Renditions {
    /// Renditions of files that are read so.
    pub fn reading(reading: Reading) -> Self {
        Self { reading, folder: Mutex::default() }
    }

    /// What the files hold, where their names do not tell.
    pub fn format(&self) -> Option<InputFormat> {
        self.reading.format
    }

    /// Makes a Parquet rendition of a file that is not Parquet.
    ///
    /// A fault of the file is kept with the result, as the reason why it is unreadable.
    ///
    /// # Errors
    /// When the rendition cannot be written.
    pub fn render(
        &self,
        input: &InputFile,
        format: InputFormat,
        columns: &Columns<'_>,
    ) -> Result<InputFile> {
        if input.unreadable.is_some() {
            return Ok(input.clone());
        }
        if format == InputFormat::Parquet {
            return self.plain(input, columns);
        }
        let path = self.free("input.parquet")?;
        let bytes = input.bytes()?;
        let how = (columns, &self.reading);
        let written = match format {
            InputFormat::Csv => csv::write(&bytes, None, how, &path),
            InputFormat::Tsv => csv::write(&bytes, Some(b'\t'), how, &path),
            InputFormat::Ndjson => ndjson::write(&bytes, how, &path),
            InputFormat::Arrow => arrow_ipc::write(&bytes, how, &path),
            InputFormat::Parquet => Ok(Rendered::default()),
        };
        // Whatever the result: all of it comes from one state of the file.
        input.verify_content()?;
        let of = Some(input.clone());
        match written {
            Ok(rendered) => {
                let mut made = InputFile::rendition(&path, &input.name, of, &self.folder()?)?;
                made.digits = Arc::new(rendered.digits);
                made.nulls = Arc::new(rendered.nulls);
                made.found = input.found;
                made.parsed = (format != InputFormat::Arrow).then_some(format);
                Ok(made)
            }
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Unreadable(reason)) => Ok(InputFile::unreadable(input, reason)),
        }
    }

    /// A Parquet file whose declared UUIDs are texts: itself, where it has none as bytes.
    fn plain(&self, input: &InputFile, columns: &Columns<'_>) -> Result<InputFile> {
        if !uuid_bytes::may_change(columns) {
            return Ok(input.clone());
        }
        let path = self.free("input.parquet")?;
        let Some(rendered) = uuid_bytes::write(input, columns, &self.reading, &path)? else {
            return Ok(input.clone());
        };
        input.verify_content()?;
        let of = Some(input.clone());
        let mut made = InputFile::rendition(&path, &input.name, of, &self.folder()?)?;
        made.found = input.found;
        made.nulls = Arc::new(rendered.nulls);
        Ok(made)
    }

    /// Keeps the bytes of standard input.
    ///
    /// # Errors
    /// When it cannot be read or kept.
    pub fn standard_input(&self) -> Result<InputFile> {
        let path = self.free("stdin")?;
        let mut file = temporary::private_file(&path).map_err(|e| temporary::unusable(&path, e))?;
        let mut stdin = std::io::stdin().lock();
        loop {
            let bytes = stdin.fill_buf().map_err(|e| Error::io(Path::new("standard input"), e))?;
            if bytes.is_empty() {
                break;
            }
            file.write_all(bytes).map_err(|e| temporary::unusable(&path, e))?;
            let read = bytes.len();
            stdin.consume(read);
        }
        InputFile::rendition(&path, "standard input", None, &self.folder()?)
    }

    /// Fetches what an address names: one file, or everything below an address that ends with `/`.
    ///
    /// # Errors
    /// When the address is not read, or nothing is there.
    pub async fn fetch(&self, address: &str) -> Result<Vec<InputFile>> {
        let mut fetched = Vec::new();
        for object in remote::objects(address).await? {
            let path = self.free("remote")?;
            object.fetch(&path).await?;
            fetched.push(InputFile::rendition(&path, &object.name, None, &self.folder()?)?);
        }
        Ok(fetched)
    }

    fn folder(&self) -> Result<Arc<TempDir>> {
        let mut folder = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = &*folder {
            return Ok(Arc::clone(folder));
        }
        let made = Arc::new(temporary::place()?.folder("input-")?);
        *folder = Some(Arc::clone(&made));
        Ok(made)
    }

    /// A path in the folder that nothing has yet.
    fn free(&self, ending: &str) -> Result<std::path::PathBuf> {
        let folder = self.folder()?;
        let folder = folder.path();
        let taken = std::fs::read_dir(folder).map_err(|e| temporary::unusable(folder, e))?.count();
        Ok(folder.join(format!("{taken}-{ending}")))
    }
}

/// Whether an argument names something remote.
pub fn is_remote(argument: &str) -> bool {
    ["s3://", "http://", "https://"].iter().any(|scheme| argument.starts_with(scheme))
}
