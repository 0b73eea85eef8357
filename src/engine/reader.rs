//! Batches of a Parquet file: some of its columns, of one row group or of all, with the columns of
//! its path.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, RecordBatch, RecordBatchOptions, new_empty_array, new_null_array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::arrow::{ProjectionMask, parquet_to_arrow_field_levels};
use parquet::basic::{ConvertedType, Type};

use crate::error::{Error, Result};

use super::bytes::FileBytes;
use super::guarded_pages::GuardedRowGroup;
use super::parquet_file::ParquetFile;
use super::portions::{divide, expands};
use super::widths::{Widths, rows_of};

/// Rows that are decoded together, where they are not long.
pub const BATCH_ROWS: usize = 16 * 1024;

/// What to read of a file.
#[derive(Debug, Clone, Default)]
pub struct Wanted<'a> {
    /// Columns of the file's schema, ascending.
    pub columns: &'a [usize],
    /// The row group; all of them when absent.
    pub row_group: Option<usize>,
    /// Columns of text, by index in the file's schema, to be read as indices into the chunk's
    /// dictionary.
    pub as_dictionary: &'a [usize],
    /// The rows to read: the first and how many; all of them when absent.
    pub rows: Option<(usize, usize)>,
}

/// Batches of the wanted columns, in the order of the file's schema; each in bounded bytes.
pub struct Batches {
    decoder: Decoder,
    /// For each column of the result: its index in what the reader yields, or its one value.
    columns: Vec<Part>,
    schema: SchemaRef,
    /// Whether batches may expand to more bytes than they have, and are divided.
    divides: bool,
    /// Portions of the last batch.
    pending: VecDeque<RecordBatch>,
}

/// Where batches come from: one row group after the other.
struct Decoder {
    file: FileBytes,
    /// What is known of the file, whose deleted rows are not read.
    known: ParquetFile,
    metadata: ArrowReaderMetadata,
    mask: ProjectionMask,
    row_groups: Range<usize>,
    reader: Option<ParquetRecordBatchReader>,
}

enum Part {
    Read(usize),
    /// Text that the file does not mark as UTF-8: the reader does not check its bytes.
    Unmarked(usize),
    /// Of a type that says nothing: NULLs, or no rows.
    Valueless(usize),
    Constant(datafusion::common::ScalarValue),
}

/// The type of text that is read by its dictionary.
fn dictionary() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// Opens a file's batches.
///
/// # Errors
/// When the file is gone, or its pages are not what its footer says.
pub fn batches(file: &ParquetFile, wanted: &Wanted<'_>) -> Result<Batches> {
    let bytes = file.input.bytes()?;
    let open = bytes.clone();
    let own = file.own_columns();
    let mut roots: Vec<usize> = wanted.columns.iter().copied().filter(|n| *n < own).collect();
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    let unmarked = unmarked_text(file);
    let decoded = |n: &usize| !unmarked.contains(n) && file.own_type(*n).is_none();
    let as_dictionary: Vec<usize> = wanted.as_dictionary.iter().copied().filter(decoded).collect();
    for index in wanted.columns {
        let field = file.schema().field(*index);
        let data_type = match as_dictionary.contains(index) {
            true => dictionary(),
            false => field.data_type().clone(),
        };
        fields.push(Field::new(field.name(), data_type, true));
        columns.push(match (roots.iter().position(|n| n == index), file.constant(field.name())) {
            (None, Some(value)) => Part::Constant(value.clone()),
            (found, _) if file.own_type(*index).is_some() => {
                Part::Valueless(found.unwrap_or_default())
            }
            (found, _) if unmarked.contains(index) => Part::Unmarked(found.unwrap_or_default()),
            (found, _) => Part::Read(found.unwrap_or_default()),
        });
    }
    // Rows are counted by reading, so at least one column is read.
    if roots.is_empty() {
        roots.push(0);
    }
    let metadata = match as_dictionary.is_empty() {
        true => file.metadata.clone(),
        false => with_dictionaries(file, &as_dictionary)?,
    };
    let mask = ProjectionMask::roots(metadata.parquet_schema(), roots);
    let row_groups = match (wanted.row_group, wanted.rows) {
        (Some(n), _) => n..n + 1,
        (None, None) => 0..metadata.metadata().num_row_groups(),
        (None, Some(_)) => 0..0,
    };
    let mut decoder =
        Decoder { file: open, known: file.clone(), metadata, mask, row_groups, reader: None };
    if let (None, Some(rows)) = (wanted.row_group, wanted.rows) {
        let reader = decoder.rows(rows).map_err(|error| decoder.told(error))?;
        decoder.reader = Some(reader);
    }
    let divides = wanted
        .columns
        .iter()
        .filter(|n| !as_dictionary.contains(n))
        .any(|n| expands(file.schema().field(*n).data_type()));
    let schema = Arc::new(Schema::new(fields));
    Ok(Batches { decoder, columns, schema, divides, pending: VecDeque::new() })
}

impl Decoder {
    fn next(&mut self) -> Option<Result<RecordBatch>> {
        loop {
            if let Some(batch) = self.reader.as_mut().and_then(Iterator::next) {
                return Some(batch.map_err(Error::from));
            }
            let row_group = self.row_groups.next()?;
            match self.guarded(row_group) {
                Ok(reader) => self.reader = Some(reader),
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// The damage itself, where the reader's words only mention it.
    fn told(&self, error: Error) -> Error {
        self.file.damage().unwrap_or(error)
    }

    /// The batches of one row group, whose pages are looked at before they are decoded.
    fn guarded(&self, row_group: usize) -> Result<ParquetRecordBatchReader> {
        let metadata = &self.metadata;
        let mask = self.mask.clone();
        let fields = metadata.schema().fields();
        let levels = parquet_to_arrow_field_levels(metadata.parquet_schema(), mask, Some(fields))?;
        let pages = GuardedRowGroup::new(self.file.clone(), metadata.metadata(), row_group);
        let rows = self.batch_rows(row_group)?;
        let left = self.known.selection(Some(row_group));
        Ok(ParquetRecordBatchReader::try_new_with_row_groups(&levels, &pages, rows, left)?)
    }

    /// Rows from a place on.
    fn rows(&self, (offset, limit): (usize, usize)) -> Result<ParquetRecordBatchReader> {
        let mut rows = BATCH_ROWS.min(limit.max(1));
        let mut first = 0;
        for n in 0..self.metadata.metadata().num_row_groups() {
            let end = usize::try_from(self.known.rows_of(n)).map_or(first, |rows| first + rows);
            // A single row cannot be divided.
            if rows > 1 && end > offset && first < offset.saturating_add(limit) {
                rows = rows.min(self.batch_rows(n)?);
            }
            first = end;
        }
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(
            self.file.clone(),
            self.metadata.clone(),
        );
        let mut builder = builder.with_projection(self.mask.clone()).with_batch_size(rows);
        if let Some(left) = self.known.selection(None) {
            builder = builder.with_row_selection(left);
        }
        Ok(builder.with_offset(offset).with_limit(limit).build()?)
    }

    /// How many rows of a row group are decoded together, so that their bytes are bounded.
    fn batch_rows(&self, row_group: usize) -> Result<usize> {
        let schema = self.metadata.parquet_schema();
        let leaves = (0..schema.num_columns()).filter(|leaf| self.mask.leaf_included(*leaf));
        let as_dictionary = |leaf| {
            let root = self.metadata.schema().field(schema.get_column_root_idx(leaf));
            matches!(root.data_type(), DataType::Dictionary(..))
        };
        let widths = Widths { file: &self.file, footer: self.metadata.metadata(), row_group };
        let bytes = widths
            .row_bytes(leaves, as_dictionary)
            .map_err(|reason| Error::mend("damaged-file", reason))?;
        Ok(rows_of(bytes, BATCH_ROWS))
    }
}

/// Columns that hold text whose bytes the file does not mark as UTF-8 (JSON, or an embedded Arrow
/// schema alone says so): a hostile one may hold anything.
fn unmarked_text(file: &ParquetFile) -> Vec<usize> {
    let schema = file.metadata.parquet_schema();
    let leaves = (0..schema.num_columns()).filter(|leaf| {
        let column = schema.column(*leaf);
        column.physical_type() == Type::BYTE_ARRAY && column.converted_type() != ConvertedType::UTF8
    });
    let roots = leaves.map(|leaf| schema.get_column_root_idx(leaf));
    roots.filter(|root| has_text(file.metadata.schema().field(*root).data_type())).collect()
}

fn has_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, value) => has_text(value),
        DataType::Struct(fields) => fields.iter().any(|f| has_text(f.data_type())),
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _)
        | DataType::Map(item, _) => has_text(item.data_type()),
        _ => false,
    }
}

/// The file's metadata with some columns of text read as dictionaries.
fn with_dictionaries(file: &ParquetFile, columns: &[usize]) -> Result<ArrowReaderMetadata> {
    let schema = file.metadata.schema();
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .enumerate()
        .map(|(n, field)| match columns.contains(&n) {
            true => field.as_ref().clone().with_data_type(dictionary()),
            false => field.as_ref().clone(),
        })
        .collect();
    let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
    let options = ArrowReaderOptions::new().with_schema(schema);
    Ok(ArrowReaderMetadata::try_new(Arc::clone(file.footer()), options)?)
}

impl Batches {
    /// The schema of every batch; every column may be NULL.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn complete(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let rows = batch.num_rows();
        let columns: Vec<ArrayRef> = self
            .columns
            .iter()
            .zip(self.schema.fields())
            .map(|(part, field)| match part {
                Part::Valueless(index) => taken_for(batch.column(*index), field.data_type()),
                Part::Read(index) => Ok(Arc::clone(batch.column(*index))),
                Part::Unmarked(index) => {
                    batch.column(*index).to_data().validate_full()?;
                    Ok(Arc::clone(batch.column(*index)))
                }
                Part::Constant(value) => Ok(value.to_array_of_size(rows)?),
            })
            .collect::<Result<_>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }
}

/// Values of a type that says nothing as another: they are NULL, or there are none.
fn taken_for(array: &ArrayRef, data_type: &DataType) -> Result<ArrayRef> {
    if array.is_empty() {
        return Ok(new_empty_array(data_type));
    }
    match array.data_type().is_nested() {
        true => Ok(cast(array, data_type)?),
        false if array.logical_null_count() == array.len() => {
            Ok(new_null_array(data_type, array.len()))
        }
        false => {
            let message = "the footer says that a column holds only NULL, and it has values";
            Err(Error::mend("damaged-file", message))
        }
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(portion) = self.pending.pop_front() {
            return Some(Ok(portion));
        }
        let batch = self.decoder.next()?.map_err(|error| self.decoder.told(error));
        let batch = batch.and_then(|batch| self.complete(&batch));
        match batch {
            Ok(batch) if self.divides => {
                self.pending = divide(batch).into();
                self.pending.pop_front().map(Ok)
            }
            batch => Some(batch),
        }
    }
}
