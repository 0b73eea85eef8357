//! How files that are not Parquet are read.

use arrow::datatypes::DataType;

use crate::contract::model::{Column, Table};
use crate::contract::types::{declared, nullable};
use crate::engine::Limits;
use crate::error::Error;

use super::format::InputFormat;

/// The columns that texts are parsed for.
pub struct Columns<'a> {
    /// The declared columns; texts of others stay texts.
    pub table: Option<&'a Table>,
}

impl Columns<'_> {
    /// The declared column of a name, and the type that it is read as.
    pub(super) fn of(&self, name: &str) -> Option<(&Column, DataType)> {
        let mut stored = self.table?.stored_columns();
        let column = stored.find(|c| c.physical() == name)?;
        // What is required inside a value is a clause of its own.
        let data_type = declared(column);
        Some((column, nullable(&data_type).unwrap_or(data_type)))
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
    pub(super) fn most_line_bytes(&self) -> usize {
        (self.memory / 8).clamp(1 << 20, 64 << 20)
    }
}

/// Texts that are parsed at a time, in bytes.
pub(super) const BATCH_BYTES: usize = 8 << 20;

/// Why a rendition was not finished.
pub(super) enum Stop {
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
