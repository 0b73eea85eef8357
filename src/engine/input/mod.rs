//! Input beyond Parquet: text, Arrow IPC and remote files become Parquet files of a temporary
//! folder, so that everything after reads one format.
//!
//! Values of text formats are parsed strictly as the contract's types. A text that does not parse
//! is NULL there, and is kept in a second column, so that the check can point to it.

mod arrow_ipc;
mod coded;
mod csv;
mod ipc_claims;
mod ndjson;
mod nested_json;
mod plain_values;
mod records;
mod remote;
mod spool;
mod uuid_bytes;

use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::datatypes::{DataType, Field, FieldRef};
use tempfile::TempDir;

use crate::contract::model::{Column, Table};
use crate::contract::types::declared;
use crate::error::{Error, Result};

use super::Limits;
use super::files::InputFile;
use super::temporary;
use spool::TextDigits;

/// The form that a file's bytes have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputFormat {
    /// Apache Parquet.
    Parquet,
    /// Comma-separated values with a header line.
    Csv,
    /// Tab-separated values with a header line.
    Tsv,
    /// One JSON object a line.
    Ndjson,
    /// Arrow IPC, as a file or as a stream.
    Arrow,
}

impl InputFormat {
    /// The format given by a name's ending; of a compressed text, by the ending before it.
    pub fn of_name(name: &str) -> Option<Self> {
        let path = Path::new(name);
        let ending = path.extension()?.to_str()?.to_lowercase();
        if matches!(ending.as_str(), "gz" | "gzip" | "zst" | "zstd") {
            let inner = Self::of_name(path.file_stem()?.to_str()?);
            return inner.filter(|format| matches!(format, Self::Csv | Self::Tsv | Self::Ndjson));
        }
        Some(match ending.as_str() {
            "parquet" | "parq" | "pq" => Self::Parquet,
            "csv" => Self::Csv,
            "tsv" | "tab" => Self::Tsv,
            "ndjson" | "jsonl" => Self::Ndjson,
            "arrow" | "arrows" | "ipc" | "feather" => Self::Arrow,
            _ => return None,
        })
    }
}

/// The columns that texts are parsed for.
pub struct Columns<'a> {
    /// The declared columns; texts of others stay texts.
    pub table: Option<&'a Table>,
}

impl Columns<'_> {
    /// The declared column of a name, and the type that it is read as.
    fn of(&self, name: &str) -> Option<(&Column, DataType)> {
        let mut stored = self.table?.stored_columns();
        let column = stored.find(|c| c.physical() == name)?;
        Some((column, open(&declared(column))))
    }
}

/// A type whose fields and items may be NULL: that one is required is another clause's matter.
fn open(data_type: &DataType) -> DataType {
    let field = |field: &FieldRef| {
        let data_type = open(field.data_type());
        Arc::new(Field::clone(field).with_data_type(data_type).with_nullable(true))
    };
    match data_type {
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(field).collect()),
        DataType::List(item) => DataType::List(field(item)),
        DataType::Map(entries, sorted) => match entries.data_type() {
            DataType::Struct(pair) => {
                // A map's keys are there.
                let pair = pair.iter().enumerate().map(|(n, part)| match n {
                    0 => Arc::clone(part),
                    _ => field(part),
                });
                let pair = DataType::Struct(pair.collect());
                DataType::Map(Arc::new(Field::clone(entries).with_data_type(pair)), *sorted)
            }
            _ => data_type.clone(),
        },
        other => other.clone(),
    }
}

/// How files that are not Parquet are read.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// What they hold, where their names do not tell.
    pub format: Option<InputFormat>,
    /// Most lines of a CSV field in quotes: an open quote would take in the rest of the file.
    pub csv_field_lines: u64,
    /// Bytes of memory that are for the whole run.
    pub memory: usize,
}

/// Most lines of a CSV field, unless a flag says otherwise.
pub const CSV_FIELD_LINES: u64 = 100;

impl Default for Reading {
    fn default() -> Self {
        Self { format: None, csv_field_lines: CSV_FIELD_LINES, memory: Limits::default().memory }
    }
}

impl Reading {
    /// The longest line, or record of several lines: it is held more than once while it is parsed.
    fn most_line_bytes(&self) -> usize {
        (self.memory / 8).clamp(1 << 20, 64 << 20)
    }
}

/// TextDigits that are parsed at a time, in bytes.
const BATCH_BYTES: usize = 8 << 20;

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
            InputFormat::Parquet => Ok(TextDigits::default()),
        };
        // Whatever the result: all of it comes from one state of the file.
        input.verify_content()?;
        let of = Some(input.clone());
        match written {
            Ok(digits) => {
                let mut made = InputFile::rendition(&path, &input.name, of, &self.folder()?)?;
                made.digits = Arc::new(digits);
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
        if !uuid_bytes::write(input, columns, &self.reading, &path)? {
            return Ok(input.clone());
        }
        input.verify_content()?;
        let of = Some(input.clone());
        let mut made = InputFile::rendition(&path, &input.name, of, &self.folder()?)?;
        made.found = input.found;
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

/// Why a rendition was not finished.
enum Stop {
    /// The input is faulty.
    Unreadable(String),
    /// The work could not be done.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}
