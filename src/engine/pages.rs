//! The pages of a column chunk, by their headers alone: what they claim, and how they are encoded.
//!
//! The Parquet reader reserves what a page header claims before it reads the page. Headers are
//! walked first, so that a file of a few bytes cannot ask for gigabytes; and what a footer says of
//! encodings is not believed where a page can be asked.

use std::fs::File;
use std::os::unix::fs::FileExt;

use parquet::basic::PageType;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};

/// Bytes that hold nearly every page header.
const WINDOW: usize = 256;
/// The longest header that is read: its statistics may quote two values.
const LONGEST_HEADER: usize = 1 << 24;

/// What the headers of one column chunk say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pages {
    /// Whether every data page is encoded by the chunk's dictionary.
    pub all_dictionary: bool,
    /// Values in data pages, NULLs included.
    pub values: u64,
}

/// Walks every column chunk of a row group.
///
/// # Errors
/// In words for a report: a claim that cannot be true, or that no machine should follow.
pub fn walk_row_group(
    file: &File,
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
fn walk(file: &File, chunk: &ColumnChunkMetaData, most_bytes: usize) -> Result<Pages, String> {
    let first = chunk.dictionary_page_offset().unwrap_or_else(|| chunk.data_page_offset());
    let mut at = u64::try_from(first).map_err(|_| "a negative offset")?;
    let length = u64::try_from(chunk.compressed_size()).map_err(|_| "a negative size")?;
    let end = at.checked_add(length).ok_or("a size beyond every file")?;
    let total = u64::try_from(chunk.uncompressed_size()).map_err(|_| "a negative size")?;
    let mut pages = Pages { all_dictionary: true, values: 0 };
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
        at += header_bytes as u64 + stored;
        if at > end {
            return Err("a page ends beyond its column chunk".to_owned());
        }
        if header.page_type == PageType::DATA_PAGE as i32
            || header.page_type == PageType::DATA_PAGE_V2 as i32
        {
            pages.all_dictionary &= header.is_dictionary_encoded();
            let values = u64::try_from(header.values).map_err(|_| "a negative count of values")?;
            pages.values += values;
        } else if header.values < 0 || i64::from(header.values) > i64::from(header.uncompressed) * 8
        {
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

fn read_header(file: &File, at: u64, end: u64) -> Result<(Header, usize), String> {
    let mut window = WINDOW;
    loop {
        let room = usize::try_from(end - at).unwrap_or(usize::MAX).min(window);
        let mut bytes = vec![0; room];
        file.read_exact_at(&mut bytes, at).map_err(|_| "a page lies beyond the end of the file")?;
        match Header::parse(&bytes) {
            Ok(found) => return Ok(found),
            Err(Stop::Damaged) => return Err("a page header is damaged".to_owned()),
            Err(Stop::Short) if room < window || window >= LONGEST_HEADER => {
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
}

/// Why a header could not be parsed.
#[derive(Debug, PartialEq, Eq)]
enum Stop {
    /// More bytes are needed.
    Short,
    /// No bytes would help.
    Damaged,
}

impl Header {
    /// Whether the values are indices into the dictionary: `PLAIN_DICTIONARY` or `RLE_DICTIONARY`.
    fn is_dictionary_encoded(&self) -> bool {
        matches!(self.encoding, 2 | 8)
    }

    /// Parses a header, and says how long it is.
    fn parse(bytes: &[u8]) -> Result<(Self, usize), Stop> {
        let mut reader = Compact { bytes, at: 0 };
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
                            _ => reader.skip(kind, 2)?,
                        }
                        Ok(())
                    })?;
                }
                _ => reader.skip(kind, 1)?,
            }
            Ok(())
        })?;
        Ok((header, reader.at))
    }
}

const I32: u8 = 5;
const STRUCT: u8 = 12;

/// Thrift's compact protocol, as far as headers use it.
struct Compact<'a> {
    bytes: &'a [u8],
    at: usize,
}

type OnField<'f, 'a> = dyn FnMut(&mut Compact<'a>, i16, u8) -> Result<(), Stop> + 'f;

impl<'a> Compact<'a> {
    fn byte(&mut self) -> Result<u8, Stop> {
        let byte = *self.bytes.get(self.at).ok_or(Stop::Short)?;
        self.at += 1;
        Ok(byte)
    }

    fn varint(&mut self) -> Result<u64, Stop> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Stop::Damaged)
    }

    fn int(&mut self) -> Result<i32, Stop> {
        let raw = u32::try_from(self.varint()?).map_err(|_| Stop::Damaged)?;
        Ok((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed())
    }

    fn structure(&mut self, depth: usize, on_field: &mut OnField<'_, 'a>) -> Result<(), Stop> {
        if depth > 8 {
            return Err(Stop::Damaged);
        }
        let mut id = 0i16;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Ok(());
            }
            id = match head >> 4 {
                0 => i16::try_from(self.int()?).map_err(|_| Stop::Damaged)?,
                delta => id.checked_add(delta.into()).ok_or(Stop::Damaged)?,
            };
            on_field(self, id, head & 0x0f)?;
        }
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Result<(), Stop> {
        match kind {
            // A boolean's value is its type.
            1 | 2 => Ok(()),
            3 => self.byte().map(drop),
            4..=6 => self.varint().map(drop),
            7 => self.advance(8),
            8 => {
                let length = self.varint()?;
                self.advance(length)
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
                for _ in 0..count {
                    self.skip(head & 0x0f, depth + 1)?;
                }
                Ok(())
            }
            STRUCT => self.structure(depth, &mut |reader, _, kind| reader.skip(kind, depth + 1)),
            _ => Err(Stop::Damaged),
        }
    }

    fn advance(&mut self, bytes: u64) -> Result<(), Stop> {
        if bytes > LONGEST_HEADER as u64 {
            return Err(Stop::Damaged);
        }
        self.at += usize::try_from(bytes).map_err(|_| Stop::Damaged)?;
        if self.at > self.bytes.len() { Err(Stop::Short) } else { Ok(()) }
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

    fn file(version: WriterVersion, dictionary: bool) -> File {
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
        file
    }

    #[test]
    fn headers_tell_values_and_encodings() {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            for dictionary in [true, false] {
                let file = file(version, dictionary);
                let reader = SerializedFileReader::new(file.try_clone().unwrap()).unwrap();
                let pages =
                    walk_row_group(&file, reader.metadata().row_group(0), 1 << 30).unwrap();
                assert_eq!(pages[1], Pages { all_dictionary: dictionary, values: 5_000 });
            }
        }
    }

    #[test]
    fn a_claim_beyond_the_limit_is_refused() {
        let file = file(WriterVersion::PARQUET_1_0, false);
        let reader = SerializedFileReader::new(file.try_clone().unwrap()).unwrap();
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
