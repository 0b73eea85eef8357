//! The pages of a column chunk, by their headers alone: what they claim, and how they are encoded.
//!
//! The Parquet reader reserves what a page header claims before it reads the page. Headers are
//! walked first, so that a file of a few bytes cannot ask for gigabytes; and a footer's encodings
//! are not believed where a page shows them.

use parquet::basic::{Encoding, PageType};
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};

use super::bytes::FileBytes;
use super::inflation::{Described, refuse};
use super::thrift::{Compact, FALSE, I32, LONGEST, STRUCT, Stop};

/// Bytes that hold nearly every page header.
const WINDOW: usize = 256;

/// The claims of one column chunk's headers.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Pages {
    /// Whether every data page is encoded by the chunk's dictionary.
    pub all_dictionary: bool,
    /// Values in data pages, NULLs included.
    pub values: u64,
    /// Whether the chunk has a dictionary.
    pub dictionary: bool,
    /// Bytes of the largest data page.
    pub largest: u64,
    /// Bytes per value, averaged over a page, of the page with the most: of pages that hold values
    /// and not indices.
    pub widest: u64,
    /// Whether values repeat the beginning of their predecessor, so that each may be as long as a
    /// page.
    pub shares_beginnings: bool,
}

/// Walks every column chunk of a row group.
///
/// # Errors
/// In words for a report: a claim that cannot be true, or is too large to follow.
pub fn walk_row_group(
    file: &FileBytes,
    row_group: &RowGroupMetaData,
    most_bytes: usize,
) -> Result<Vec<Pages>, String> {
    let rows = u64::try_from(row_group.num_rows()).map_err(|_| "a negative number of rows")?;
    row_group
        .columns()
        .iter()
        .map(|chunk| {
            let name = chunk.column_path().string();
            let pages = walk(file, chunk, most_bytes).map_err(|e| format!("column {name}: {e}"))?;
            let flat = chunk.column_descr().max_rep_level() == 0;
            if flat && pages.values != rows {
                return Err(format!(
                    "column {name}: the footer promises {rows} rows, the pages hold {}",
                    pages.values
                ));
            }
            Ok(pages)
        })
        .collect()
}

/// Walks one column chunk.
pub(super) fn walk(
    file: &FileBytes,
    chunk: &ColumnChunkMetaData,
    most_bytes: usize,
) -> Result<Pages, String> {
    let first = chunk.dictionary_page_offset().unwrap_or_else(|| chunk.data_page_offset());
    let mut at = u64::try_from(first).map_err(|_| "a negative offset")?;
    let length = u64::try_from(chunk.compressed_size()).map_err(|_| "a negative size")?;
    let end = at.checked_add(length).ok_or("a size beyond every file")?;
    let total = u64::try_from(chunk.uncompressed_size()).map_err(|_| "a negative size")?;
    let mut pages = Pages { all_dictionary: true, ..Pages::default() };
    while at < end {
        let (header, header_bytes) = read_header(file, at, end)?;
        let claimed = u64::try_from(header.uncompressed).map_err(|_| "a negative page size")?;
        let stored = u64::try_from(header.compressed).map_err(|_| "a negative page size")?;
        if claimed > total || claimed > most_bytes as u64 {
            return Err(format!(
                "a page claims {claimed} bytes; its column chunk has {total}, and at most \
                 {most_bytes} are read"
            ));
        }
        let start = at + header_bytes as u64;
        at = start + stored;
        if at > end {
            return Err("a page ends beyond its column chunk".to_owned());
        }
        let page = Described {
            at: start,
            stored,
            claimed,
            levels: header.levels,
            is_compressed: !header.stored,
        };
        refuse(file, chunk.compression(), &page, most_bytes)?;
        if header.page_type == PageType::DATA_PAGE as i32
            || header.page_type == PageType::DATA_PAGE_V2 as i32
        {
            pages.all_dictionary &= header.is_dictionary_encoded();
            let values = u64::try_from(header.values).map_err(|_| "a negative count of values")?;
            if chunk.column_descr().max_rep_level() > 0 && values > most_bytes as u64 / 16 {
                return Err(format!("a page claims {values} values"));
            }
            pages.values += values;
            pages.largest = pages.largest.max(claimed);
            if !header.is_dictionary_encoded() {
                pages.widest = pages.widest.max(claimed.div_ceil(values.max(1)));
                pages.shares_beginnings |= header.encoding == Encoding::DELTA_BYTE_ARRAY as i32;
            }
            continue;
        }
        pages.dictionary = true;
        if header.values < 0 || header.values > header.uncompressed {
            return Err("a dictionary with more values than its bytes can hold".to_owned());
        }
    }
    if i64::try_from(pages.values) != Ok(chunk.num_values()) {
        return Err(format!(
            "the footer promises {} values, the pages hold {}",
            chunk.num_values(),
            pages.values
        ));
    }
    Ok(pages)
}

fn read_header(file: &FileBytes, at: u64, end: u64) -> Result<(Header, usize), String> {
    let mut window = WINDOW;
    loop {
        let room = usize::try_from(end - at).unwrap_or(usize::MAX).min(window);
        let mut bytes = vec![0; room];
        file.read_exact_at(&mut bytes, at).map_err(|_| "a page lies beyond the end of the file")?;
        match Header::parse(&bytes) {
            Ok(found) => return Ok(found),
            Err(Stop::Damaged) => return Err("a page header is damaged".to_owned()),
            Err(Stop::Short) if room < window || window >= LONGEST => {
                return Err("a page header is cut short".to_owned());
            }
            Err(Stop::Short) => window *= 16,
        }
    }
}

/// What a page header says, of a data page of either version or of a dictionary.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Header {
    page_type: i32,
    uncompressed: i32,
    compressed: i32,
    values: i32,
    encoding: i32,
    /// Bytes of levels before the compressed part: of a data page of version 2.
    levels: [i32; 2],
    /// Whether nothing is compressed though the chunk is: of a data page of version 2.
    stored: bool,
}

impl Header {
    /// Whether the values are indices into the dictionary: `PLAIN_DICTIONARY` or `RLE_DICTIONARY`.
    fn is_dictionary_encoded(&self) -> bool {
        matches!(self.encoding, 2 | 8)
    }

    /// Parses a header, and says how long it is.
    fn parse(bytes: &[u8]) -> Result<(Self, usize), Stop> {
        let mut reader = Compact::new(bytes);
        let mut header = Self::default();
        reader.structure(0, &mut |reader, id, kind| {
            match (id, kind) {
                (1, I32) => header.page_type = reader.int()?,
                (2, I32) => header.uncompressed = reader.int()?,
                (3, I32) => header.compressed = reader.int()?,
                (5 | 7 | 8, STRUCT) => {
                    // The encoding is field 2, but of a data page of version 2 it is field 4.
                    let encoding = if id == 8 { 4 } else { 2 };
                    reader.structure(1, &mut |reader, inner, kind| {
                        match (inner, kind) {
                            (1, I32) => header.values = reader.int()?,
                            (n, I32) if n == encoding => header.encoding = reader.int()?,
                            (5 | 6, I32) if id == 8 => {
                                header.levels[usize::from(inner == 6)] = reader.int()?;
                            }
                            // A boolean's value is its type.
                            (7, FALSE) if id == 8 => header.stored = true,
                            _ => reader.skip(kind, 2)?,
                        }
                        Ok(())
                    })?;
                }
                _ => reader.skip(kind, 1)?,
            }
            Ok(())
        })?;
        Ok((header, reader.position()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
    use parquet::arrow::ArrowWriter;
    use parquet::file::properties::{WriterProperties, WriterVersion};
    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::*;

    fn file(version: WriterVersion, dictionary: bool) -> FileBytes {
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..5_000));
        let words: ArrayRef =
            Arc::new(StringArray::from_iter_values((0..5_000).map(|n| format!("w{}", n % 7))));
        let batch = RecordBatch::try_from_iter([("n", numbers), ("w", words)]).unwrap();
        let properties = WriterProperties::builder()
            .set_writer_version(version)
            .set_dictionary_enabled(dictionary)
            .set_data_page_row_count_limit(700)
            .set_write_batch_size(100)
            .build();
        let file = tempfile::tempfile().unwrap();
        let mut writer =
            ArrowWriter::try_new(file.try_clone().unwrap(), batch.schema(), Some(properties))
                .unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        FileBytes::new(file).unwrap()
    }

    #[test]
    fn headers_tell_values_and_encodings() {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            for dictionary in [true, false] {
                let file = file(version, dictionary);
                let reader = SerializedFileReader::new(file.clone()).unwrap();
                let pages = walk_row_group(&file, reader.metadata().row_group(0), 1 << 30).unwrap();
                let found = (pages[1].all_dictionary, pages[1].dictionary, pages[1].values);
                assert_eq!(found, (dictionary, dictionary, 5_000));
                let shares = !dictionary && version == WriterVersion::PARQUET_2_0;
                assert_eq!(pages[1].shares_beginnings, shares);
                assert!(pages[1].largest > 0);
            }
        }
    }

    #[test]
    fn a_claim_beyond_the_limit_is_refused() {
        let file = file(WriterVersion::PARQUET_1_0, false);
        let reader = SerializedFileReader::new(file.clone()).unwrap();
        let error = walk_row_group(&file, reader.metadata().row_group(0), 100).unwrap_err();
        assert!(error.contains("claims"), "{error}");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_parsed_or_refused(
            bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300),
        ) {
            let _ = Header::parse(&bytes);
        }
    }
}
