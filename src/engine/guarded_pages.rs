//! One row group's pages, each looked at once it is decompressed and before it is decoded.
//!
//! The decoders reserve what a page's own bytes claim.

use std::sync::Arc;

use parquet::arrow::arrow_reader::RowGroups;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageIterator, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::properties::{ReaderProperties, ReaderPropertiesPtr};
use parquet::file::serialized_reader::SerializedPageReader;

use super::bytes::FileBytes;

/// The pages of one row group.
pub(super) struct GuardedRowGroup {
    file: Arc<FileBytes>,
    metadata: Arc<ParquetMetaData>,
    row_group: usize,
    properties: ReaderPropertiesPtr,
}

impl GuardedRowGroup {
    /// A row group of a file.
    pub fn new(file: FileBytes, metadata: &Arc<ParquetMetaData>, row_group: usize) -> Self {
        // The fallback for an old dialect of LZ4 has no limit.
        let properties = ReaderProperties::builder().set_backward_compatible_lz4(false).build();
        Self {
            file: Arc::new(file),
            metadata: Arc::clone(metadata),
            row_group,
            properties: Arc::new(properties),
        }
    }

    fn own(&self) -> &RowGroupMetaData {
        self.metadata.row_group(self.row_group)
    }
}

impl RowGroups for GuardedRowGroup {
    fn num_rows(&self) -> usize {
        usize::try_from(self.own().num_rows()).unwrap_or_default()
    }

    fn column_chunks(&self, column: usize) -> Result<Box<dyn PageIterator>> {
        let chunk = self.own().column(column);
        let reader = SerializedPageReader::new_with_properties(
            Arc::clone(&self.file),
            chunk,
            self.num_rows(),
            None,
            Arc::clone(&self.properties),
        )?;
        let descriptor = chunk.column_descr();
        let levels = (descriptor.max_rep_level() > 0, descriptor.max_def_level() > 0);
        Ok(Box::new(OneChunk(Some(Box::new(GuardedPages { reader, levels })))))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(std::iter::once(self.own()))
    }

    fn metadata(&self) -> &ParquetMetaData {
        &self.metadata
    }
}

/// The one chunk that a column has in a row group.
struct OneChunk(Option<Box<dyn PageReader>>);

impl Iterator for OneChunk {
    type Item = Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take().map(Ok)
    }
}

impl PageIterator for OneChunk {}

struct GuardedPages {
    reader: SerializedPageReader<FileBytes>,
    /// Whether pages hold repetition levels, and definition levels.
    levels: (bool, bool),
}

impl Iterator for GuardedPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for GuardedPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.reader.get_next_page()?;
        match page.as_ref().and_then(|page| fault(page, self.levels)) {
            Some(words) => Err(ParquetError::General(words.to_owned())),
            None => Ok(page),
        }
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.reader.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.reader.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.reader.at_record_boundary()
    }
}

/// What a decoder would trip over.
fn fault(page: &Page, levels: (bool, bool)) -> Option<&'static str> {
    match page {
        Page::DictionaryPage { buf, num_values, .. } => {
            let more = *num_values as usize > buf.len();
            let none = *num_values == 0 && !buf.is_empty();
            (more || none).then_some("a dictionary with another number of values than it says")
        }
        Page::DataPage { buf, num_values, encoding, .. } => {
            let mut at = 0;
            for _ in 0..u8::from(levels.0) + u8::from(levels.1) {
                let length = buf.get(at..at + 4)?;
                let length = u32::from_le_bytes([length[0], length[1], length[2], length[3]]);
                at = at.checked_add(4 + length as usize)?;
            }
            deltas(buf.get(at..)?, *num_values, *encoding)
        }
        Page::DataPageV2 {
            buf,
            num_values,
            encoding,
            def_levels_byte_len,
            rep_levels_byte_len,
            ..
        } => {
            let levels = *def_levels_byte_len as usize + *rep_levels_byte_len as usize;
            match buf.get(levels..) {
                Some(values) => deltas(values, *num_values, *encoding),
                None => Some("levels that are longer than their page"),
            }
        }
    }
}

/// The count of values at the beginning of a run of deltas.
fn deltas(values: &[u8], most: u32, encoding: Encoding) -> Option<&'static str> {
    let delta = matches!(
        encoding,
        Encoding::DELTA_BINARY_PACKED
            | Encoding::DELTA_LENGTH_BYTE_ARRAY
            | Encoding::DELTA_BYTE_ARRAY
    );
    if !delta {
        return None;
    }
    let mut rest = values;
    let (_block, _miniblocks) = (varint(&mut rest)?, varint(&mut rest)?);
    let count = varint(&mut rest)?;
    (count > u64::from(most)).then_some("deltas of more values than their page holds")
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
