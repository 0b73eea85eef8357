//! The Parquet rendition of an input: quick to write and to read, gone after the run.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, StringArray, new_null_array};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use crate::engine::digits::Digits;
use crate::engine::nulls::Nulls;
use crate::engine::temporary;
use crate::engine::text::parse_column;
use crate::engine::unparsed::UNPARSED;
use crate::error::{Error, Result};

use super::reading::Columns;

/// Rows of a row group.
const ROW_GROUP_ROWS: usize = 256 * 1024;

/// Bytes of a row group, which is held while it is written.
const ROW_GROUP_BYTES: usize = 64 << 20;

/// A Parquet file being written.
pub(super) struct Spool {
    writer: ArrowWriter<File>,
    path: PathBuf,
    schema: SchemaRef,
    rows: u64,
    /// NULLs of each column.
    nulls: Vec<u64>,
}

impl Spool {
    /// Creates the file.
    pub fn create(path: &Path, schema: &SchemaRef) -> Result<Self> {
        let file = temporary::private_file(path).map_err(|e| temporary::unusable(path, e))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::LZ4_RAW)
            .set_statistics_enabled(EnabledStatistics::None)
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
            .build();
        let writer = ArrowWriter::try_new(file, Arc::clone(schema), Some(properties))?;
        let nulls = vec![0; schema.fields().len()];
        Ok(Self { writer, path: path.to_owned(), schema: Arc::clone(schema), rows: 0, nulls })
    }

    /// Writes rows.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        for (nulls, column) in self.nulls.iter_mut().zip(batch.columns()) {
            *nulls += column.logical_null_count() as u64;
        }
        self.writer.write(batch).map_err(|e| written(&self.path, e))
    }

    /// Ends the file, and says which values of its columns are NULL: it has no statistics of them.
    pub fn finish(self) -> Result<HashMap<String, Nulls>> {
        self.writer.close().map_err(|e| written(&self.path, e))?;
        let columns = self.schema.fields().iter().zip(self.nulls);
        let one = |(field, nulls): (&FieldRef, u64)| {
            (field.name().clone(), Nulls::counted(nulls, self.rows))
        };
        Ok(columns.map(one).collect())
    }
}

/// A full disk shows itself through the Parquet writer.
fn written(path: &Path, error: ParquetError) -> Error {
    match error {
        ParquetError::External(cause) => match cause.downcast::<std::io::Error>() {
            Ok(cause) => temporary::unusable(path, *cause),
            Err(cause) => ParquetError::External(cause).into(),
        },
        error => error.into(),
    }
}

/// What a rendition does not tell of its columns.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    /// The digits that the numbers of a text file are written with, by column.
    pub digits: HashMap<String, Digits>,
    /// Which values are NULL, by column.
    pub nulls: HashMap<String, Nulls>,
}

/// Columns of texts on their way to their types.
pub(super) struct Typed {
    names: Vec<String>,
    schema: SchemaRef,
    /// The digits that numbers are written with, by column.
    digits: Vec<RefCell<Digits>>,
}

impl Typed {
    /// The declared types of these columns, each with a column for the texts that do not parse.
    ///
    /// `told` holds the types of undeclared columns; other texts stay texts.
    pub fn new(names: &[String], columns: &Columns<'_>, told: &HashMap<String, DataType>) -> Self {
        let mut fields = Vec::new();
        for name in names {
            let declared = columns.of(name).map(|(_, data_type)| data_type);
            let data_type = declared.or_else(|| told.get(name).cloned()).unwrap_or(DataType::Utf8);
            fields.push(Field::new(name, data_type, true));
        }
        let unparsed =
            names.iter().map(|n| Field::new(format!("{UNPARSED}{n}"), DataType::Utf8, true));
        fields.extend(unparsed);
        let digits = names.iter().map(|_| RefCell::default()).collect();
        Self { names: names.to_vec(), schema: Arc::new(Schema::new(fields)), digits }
    }

    /// What was found of the texts beyond their values, which the spool has taken.
    pub fn finish(self, spool: Spool) -> Result<Rendered> {
        let nulls = spool.finish()?;
        let digits = self.names.into_iter().zip(self.digits);
        let digits = digits.map(|(name, digits)| (name, digits.into_inner())).collect();
        Ok(Rendered { digits, nulls })
    }

    /// Counts the digits of a number within a column's values, which its type keeps or not.
    pub fn count(&self, column: usize, number: &str, kept: bool) {
        let mut digits = self.digits[column].borrow_mut();
        match kept {
            true => digits.keep(number),
            false => digits.lose(number),
        }
    }

    /// The schema of the spool.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The type of a column.
    pub fn data_type(&self, column: usize) -> &DataType {
        self.schema.field(column).data_type()
    }

    /// Parses a column of texts.
    pub fn parse(
        &self,
        column: usize,
        texts: &StringArray,
        columns: &Columns<'_>,
    ) -> Result<(ArrayRef, Option<StringArray>)> {
        match columns.of(&self.names[column]) {
            Some((declared, data_type)) => {
                let mut digits = self.digits[column].borrow_mut();
                parse_column(texts, declared, &data_type, &mut digits)
            }
            None => Ok((Arc::new(texts.clone()), None)),
        }
    }

    /// A batch of parsed columns, each with the texts that do not parse.
    pub fn batch(&self, parsed: Vec<(ArrayRef, Option<StringArray>)>) -> Result<RecordBatch> {
        let rows = parsed.first().map_or(0, |(values, _)| values.len());
        let (values, unparsed): (Vec<ArrayRef>, Vec<Option<StringArray>>) =
            parsed.into_iter().unzip();
        let unparsed = unparsed.into_iter().map(|texts| match texts {
            Some(texts) => Arc::new(texts) as ArrayRef,
            None => new_null_array(&DataType::Utf8, rows),
        });
        let all = values.into_iter().chain(unparsed).collect();
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), all)?)
    }
}
