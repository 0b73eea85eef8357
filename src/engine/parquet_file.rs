//! Parquet files whose footer has been read, and the columns that their path adds.

use std::ops::Range;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::common::ScalarValue;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, RowSelection};

use crate::contract::model::Table;
use crate::contract::types::{common, declared, plain, sql_type, valueless, words};
use crate::error::{Error, Result};

use super::bytes::FileBytes;
use super::damage::contained;
use super::deleted_rows::DeletedRows;
use super::digits::Digits;
use super::files::InputFile;
use super::logged::Logged;
use super::nulls::Nulls;
use super::unparsed::UNPARSED;
use super::widths::Widths;
use super::{footer, int96, one_document, text, wide_integers};

/// A Parquet file whose footer has been read.
#[derive(Debug, Clone)]
pub struct ParquetFile {
    /// The file.
    pub input: InputFile,
    /// Footer and Arrow schema of the file itself.
    pub metadata: ArrowReaderMetadata,
    /// The file's columns, then those of its path.
    schema: SchemaRef,
    /// Columns of the path, each with the one value of all rows.
    constants: Vec<ScalarValue>,
}

impl ParquetFile {
    /// Reads the footer.
    ///
    /// # Errors
    /// In words for a report: why the file is not readable as Parquet.
    pub fn open(input: &InputFile) -> Result<Self, String> {
        if let Some(reason) = &input.unreadable {
            return Err(reason.clone());
        }
        if input.size == 0 {
            return Err("the file is empty (0 bytes)".to_owned());
        }
        let file = input.bytes().map_err(|e| e.message().to_owned())?;
        footer::refuse(&file)?;
        // A hostile footer must yield a verdict, not end the run.
        let read = contained(|| load(&file, input.logged.as_deref()));
        let metadata = match read {
            Some(Ok(metadata)) => metadata,
            Some(Err(error)) => return Err(unreadable(&file, &error.to_string())),
            None => return Err(unknown(&file)),
        };
        let metadata = contained(|| int96::exactly(metadata, &file, input.logged.is_some()))
            .unwrap_or_else(|| Err("a page cannot be decoded".to_owned()))?;
        let row_groups = metadata.metadata().row_groups();
        let rows = row_groups.iter().map(|g| i128::from(g.num_rows())).sum::<i128>();
        if rows != i128::from(metadata.metadata().file_metadata().num_rows()) {
            return Err("the footer counts other rows than its row groups".to_owned());
        }
        let deleted = input.logged.as_ref().and_then(|logged| logged.deleted.last());
        if let Some(last) = deleted.filter(|last| i128::from(*last) >= rows) {
            return Err(format!(
                "the table's log deletes row {last}, and the file has {rows} rows"
            ));
        }
        let schema = Arc::clone(metadata.schema());
        // The name is ours: in a delivery it would prevent tests of its column.
        let reserved = schema.fields().iter().find(|f| f.name().starts_with(UNPARSED));
        if let (Some(field), None) = (reserved, input.parsed) {
            return Err(format!("column '{}' has a name that is reserved", field.name()));
        }
        Ok(Self { input: input.clone(), metadata, schema, constants: Vec::new() })
    }

    /// Adds the declared columns that the file lacks and its path holds.
    ///
    /// # Errors
    /// In words for a report: a value of the path that is not of the column's type.
    pub fn with_partitions(mut self, table: &Table) -> Result<Self, String> {
        if self.input.logged.is_some() {
            return self.with_logged_columns();
        }
        let mut fields: Vec<Field> =
            self.schema.fields().iter().map(|f| f.as_ref().clone()).collect();
        for (name, value) in &self.input.partitions {
            let column = table.stored_columns().find(|c| c.physical() == name);
            let Some(column) = column.filter(|_| fields.iter().all(|f| f.name() != name)) else {
                continue;
            };
            let data_type = declared(column);
            let parsed = text::parse(value.as_deref(), column, &data_type).ok_or_else(|| {
                let value = value.as_deref().unwrap_or_default();
                let shown = if column.classification.is_some() { "…" } else { value };
                let format = column.options.text("format").filter(|_| data_type.is_temporal());
                let format = format.map(|f| format!(" in the format {f}")).unwrap_or_default();
                let found = sql_type(&data_type);
                let remedy = Digits::lost_of(value).remedy().filter(|_| data_type.is_floating());
                let remedy = remedy.map(|remedy| format!(", which keeps fewer digits: {remedy}"));
                let remedy = remedy.unwrap_or_default();
                format!("{name}={shown} in the path is not of type {found}{format}{remedy}")
            })?;
            fields.push(Field::new(name, data_type, true));
            self.constants.push(parsed);
        }
        self.schema = Arc::new(Schema::new_with_metadata(fields, self.schema.metadata().clone()));
        Ok(self)
    }

    /// Takes columns whose own type says nothing of their values for what the contract declares.
    #[must_use]
    pub fn with_declared_types(mut self, table: &Table) -> Self {
        let own = self.own_columns();
        let taken = |(n, field): (usize, &FieldRef)| {
            let column = table.stored_columns().find(|c| c.physical() == field.name());
            let taken = column
                .filter(|_| n < own)
                .and_then(|column| valueless(column, field.data_type(), self.has_values(n)));
            match taken {
                Some(data_type) => Arc::new(field.as_ref().clone().with_data_type(data_type)),
                None => Arc::clone(field),
            }
        };
        let fields: Vec<FieldRef> = self.schema.fields().iter().enumerate().map(taken).collect();
        self.schema = Arc::new(Schema::new_with_metadata(fields, self.schema.metadata().clone()));
        self
    }

    /// Whether a column may hold a value other than NULL, as the footer has it. (Readers of a column that
    /// was taken for another fail where the footer is wrong.)
    fn has_values(&self, index: usize) -> bool {
        match self.schema.field(index).data_type().is_nested() {
            true => self.rows() > 0,
            false => self.nulls(index) != Some(Nulls::All),
        }
    }

    /// Which values of a column are NULL, where its type, its file's footer, the writer of a rendition
    /// or the path says so.
    pub fn nulls(&self, index: usize) -> Option<Nulls> {
        if let Some(constant) = index.checked_sub(self.own_columns()) {
            let is_null = self.constants.get(constant)?.is_null();
            return Some(if is_null { Nulls::All } else { Nulls::None });
        }
        let own = self.metadata.schema().fields().get(index)?;
        if plain(own.data_type()) == DataType::Null {
            return Some(Nulls::All);
        }
        match self.input.nulls.get(own.name()) {
            Some(nulls) => Some(*nulls),
            None => self.counted_nulls(index).filter(|_| !own.data_type().is_nested()),
        }
    }

    /// What the footer counts of a column that is one leaf.
    fn counted_nulls(&self, index: usize) -> Option<Nulls> {
        let footer = self.footer();
        let leaves = footer.file_metadata().schema_descr();
        let mut own = (0..leaves.num_columns()).filter(|n| leaves.get_column_root_idx(*n) == index);
        let (Some(leaf), None) = (own.next(), own.next()) else { return None };
        let (mut nulls, mut values) = (0_u64, 0_u64);
        for group in footer.row_groups().iter().filter(|group| group.num_rows() > 0) {
            let rows = u64::try_from(group.num_rows()).ok()?;
            let counted = group.column(leaf).statistics().and_then(|s| s.null_count_opt())?;
            nulls = nulls.saturating_add(counted.min(rows));
            values = values.saturating_add(rows);
        }
        Some(Nulls::counted(nulls, values))
    }

    /// Whether a column has no value, so that it is taken for another type than its own.
    pub fn is_valueless(&self, index: usize) -> bool {
        self.own_type(index).is_some_and(|own| !own.is_nested())
    }

    /// The type that the file itself gives a column, where it is taken for another.
    pub fn own_type(&self, index: usize) -> Option<&DataType> {
        let own = self.metadata.schema().fields().get(index).map(|field| field.data_type());
        own.filter(|_| index < self.own_columns())
            .filter(|own| self.schema.field(index).data_type() != *own)
    }

    /// Adds the columns that a table's log gives all rows of the file, with the log's types.
    fn with_logged_columns(mut self) -> Result<Self, String> {
        let Some(logged) = self.input.logged.clone() else { return Ok(self) };
        if let Some(fault) = &logged.fault {
            return Err(fault.clone());
        }
        let mut fields: Vec<Field> =
            self.schema.fields().iter().map(|f| f.as_ref().clone()).collect();
        for (field, value) in &logged.constants {
            fields.push(field.clone());
            self.constants.push(value.clone());
        }
        self.schema = Arc::new(Schema::new_with_metadata(fields, self.schema.metadata().clone()));
        Ok(self)
    }

    /// Adds every column of the path that the file lacks: as text, or as a table's log has them. For
    /// files without a contract.
    ///
    /// # Errors
    /// In words for a report: a value in the log that is not of the column's type.
    pub fn with_path_columns(mut self) -> Result<Self, String> {
        if self.input.logged.is_some() {
            return self.with_logged_columns();
        }
        let mut fields: Vec<Field> =
            self.schema.fields().iter().map(|f| f.as_ref().clone()).collect();
        for (name, value) in &self.input.partitions {
            if fields.iter().all(|f| f.name() != name) {
                fields.push(Field::new(name, DataType::Utf8, true));
                self.constants.push(ScalarValue::Utf8(value.clone()));
            }
        }
        self.schema = Arc::new(Schema::new_with_metadata(fields, self.schema.metadata().clone()));
        Ok(self)
    }

    /// The columns that the file holds, then those of its path.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// How many of the schema's columns are in the file itself; the rest are in its path.
    pub fn own_columns(&self) -> usize {
        self.schema.fields().len() - self.constants.len()
    }

    /// The value of a column of the path.
    pub fn constant(&self, column: &str) -> Option<&ScalarValue> {
        let index = self.schema.index_of(column).ok()?;
        self.constants.get(index.checked_sub(self.own_columns())?)
    }

    /// Rows in all row groups, without those that their table has deleted.
    pub fn rows(&self) -> u64 {
        let all = u64::try_from(self.footer().file_metadata().num_rows()).unwrap_or(0);
        self.deleted().map_or(all, |deleted| deleted.left(&(0..all)))
    }

    /// Rows of a row group, without those that their table has deleted.
    pub fn rows_of(&self, row_group: usize) -> u64 {
        match self.deleted() {
            Some(deleted) => deleted.left(&self.numbers_of(row_group)),
            None => {
                let found = self.footer().row_groups().get(row_group);
                found.map_or(0, |found| u64::try_from(found.num_rows()).unwrap_or(0))
            }
        }
    }

    /// The number in the file of a row, which is counted without the deleted ones.
    pub fn row_number(&self, row: u64) -> u64 {
        self.deleted().map_or(row, |deleted| deleted.number(row))
    }

    /// The rows to read of one row group, or of the file; `None` where that is all of them.
    pub fn selection(&self, row_group: Option<usize>) -> Option<RowSelection> {
        let deleted = self.deleted()?;
        let all = || 0..u64::try_from(self.footer().file_metadata().num_rows()).unwrap_or(0);
        Some(deleted.selection(&row_group.map_or_else(all, |n| self.numbers_of(n))))
    }

    fn deleted(&self) -> Option<&DeletedRows> {
        let logged = self.input.logged.as_ref()?;
        Some(&logged.deleted).filter(|deleted| !deleted.is_empty())
    }

    /// The numbers in the file of a row group's rows.
    fn numbers_of(&self, row_group: usize) -> Range<u64> {
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        let mut groups = self.footer().row_groups().iter().map(|group| count(group.num_rows()));
        let before = groups.by_ref().take(row_group).fold(0, u64::saturating_add);
        before..before.saturating_add(groups.next().unwrap_or(0))
    }

    /// The most bytes to expect of a row, over all row groups.
    ///
    /// # Errors
    /// When the file cannot be read, or its pages are not what their headers say.
    pub fn row_bytes(&self) -> Result<u64> {
        let file = self.input.bytes()?;
        let mut most = 0;
        for row_group in 0..self.footer().num_row_groups() {
            let widths = Widths { file: &file, footer: self.footer(), row_group };
            let leaves = 0..self.metadata.parquet_schema().num_columns();
            let bytes = widths.row_bytes(leaves, |_| false).map_err(|reason| {
                let told = || Error::mend("damaged-file", reason).at(&self.input.name);
                file.damage().unwrap_or_else(told)
            })?;
            most = most.max(bytes);
        }
        Ok(most)
    }

    /// The footer.
    pub fn footer(&self) -> &Arc<parquet::file::metadata::ParquetMetaData> {
        self.metadata.metadata()
    }
}

/// Why the reader panics at a footer: types that it does not know, or damage.
fn unknown(file: &FileBytes) -> String {
    let plain = || ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let read = contained(|| ArrowReaderMetadata::load(file, plain()).ok()).flatten();
    let told = read.and_then(|read| wide_integers::embedded(read.metadata().file_metadata()));
    told.unwrap_or_else(|| "the footer is damaged".to_owned())
}

/// Reads a footer, with the names that the table's log has for its columns.
fn load(file: &FileBytes, logged: Option<&Logged>) -> parquet::errors::Result<ArrowReaderMetadata> {
    let found = ArrowReaderMetadata::load(file, ArrowReaderOptions::new())?;
    match logged.map(|logged| logged.renamed(found.metadata())).transpose()?.flatten() {
        Some(renamed) => ArrowReaderMetadata::try_new(Arc::new(renamed), ArrowReaderOptions::new()),
        None => Ok(found),
    }
}

/// The type that holds a column's values in every file exactly; `None` where no file has it.
///
/// # Errors
/// In words: the two types that have no common type.
pub fn common_type(files: &[ParquetFile], column: &str) -> Result<Option<DataType>, String> {
    let mut found: Option<DataType> = None;
    for file in files {
        let Ok(field) = file.schema().field_with_name(column) else { continue };
        let one = plain(field.data_type());
        found = Some(match found {
            None => one,
            Some(other) => common(&other, &one).ok_or_else(|| {
                let (other, one) = told_apart(&other, &one);
                format!("column '{column}' has the type {other} in one file and {one} in another")
            })?,
        });
    }
    Ok(found)
}

/// Two types in words that differ.
fn told_apart(a: &DataType, b: &DataType) -> (String, String) {
    match (words(a), words(b)) {
        // Of what is inside an object within a list, words say nothing.
        (one, other) if one == other => (sql_type(a), sql_type(b)),
        both => both,
    }
}

/// What a file is that is one JSON document: another ending would not make it readable.
fn whole_document(file: &FileBytes) -> Option<String> {
    let length = usize::try_from(file.size().min(one_document::MOST_TEXT)).ok()?;
    one_document::told(&String::from_utf8_lossy(&file.get(0, length).ok()?), None)
}

/// The reader's words, with what the first bytes reveal.
fn unreadable(file: &FileBytes, error: &str) -> String {
    let length = file.size().min(6);
    let head = file.get(0, usize::try_from(length).unwrap_or_default()).unwrap_or_default();
    let what = match &head[..] {
        [b'P', b'A', b'R', b'1', ..] => {
            let error = error.trim_start_matches("Parquet error: ");
            return format!("a Parquet file that is cut short or damaged: {error}");
        }
        [b'P', b'K', ..] => "a zip archive (an Excel sheet?), not a Parquet file",
        [0x1f, 0x8b, ..] => "a gzip file, not a Parquet file",
        [b'A', b'R', b'R', b'O', b'W', ..] => {
            "an Arrow IPC file, not a Parquet file: name it .arrow, or give --input arrow"
        }
        [b'{' | b'[', ..] => {
            if let Some(what) = whole_document(file) {
                return what;
            }
            "JSON text, not a Parquet file: name it .ndjson, or give --input ndjson"
        }
        head if head.iter().all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace()) => {
            "text (CSV?), not a Parquet file: name it .csv, or give --input csv"
        }
        _ => "not a Parquet file",
    };
    what.to_owned()
}
