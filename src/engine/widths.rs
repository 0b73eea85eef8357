//! How many bytes rows of a Parquet file will have once decoded.
//!
//! A dictionary's values are written out for every row that names them: a page of a few bytes may
//! expand to gigabytes of text, or to more than a batch of text can count.

use parquet::arrow::arrow_reader::RowGroups;
use parquet::basic::Type;
use parquet::column::page::Page;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

use super::bytes::FileBytes;
use super::guarded_pages::GuardedRowGroup;
use super::pages::walk;
use super::portions::PORTION_BYTES;

/// Bytes of an index into a dictionary, or of the levels of an item.
const INDEX_BYTES: u64 = 4;

/// Some columns of one row group.
pub(super) struct Widths<'a> {
    /// The file.
    pub file: &'a FileBytes,
    /// Its footer.
    pub footer: &'a std::sync::Arc<ParquetMetaData>,
    /// The row group.
    pub row_group: usize,
}

impl Widths<'_> {
    /// The most bytes to expect of a row: for a flat column never too few, except for uneven values
    /// of plain pages, whose bytes exist already; for a list, by its average length.
    ///
    /// # Errors
    /// In words: pages that are not what their headers say.
    pub fn row_bytes(
        &self,
        leaves: impl Iterator<Item = usize>,
        as_dictionary: impl Fn(usize) -> bool,
    ) -> Result<u64, String> {
        let row_group = self.footer.row_group(self.row_group);
        let rows = u64::try_from(row_group.num_rows()).unwrap_or_default().max(1);
        let mut sum = 0u64;
        for leaf in leaves {
            let chunk = row_group.column(leaf);
            let own = self.value_bytes(chunk, leaf, as_dictionary(leaf))?;
            let values = u64::try_from(chunk.num_values()).unwrap_or_default();
            let bytes = match chunk.column_descr().max_rep_level() {
                0 => own,
                _ => own.saturating_add(INDEX_BYTES).saturating_mul(values.div_ceil(rows)),
            };
            sum = sum.saturating_add(bytes);
        }
        Ok(sum)
    }

    fn value_bytes(
        &self,
        chunk: &ColumnChunkMetaData,
        leaf: usize,
        as_dictionary: bool,
    ) -> Result<u64, String> {
        let descriptor = chunk.column_descr();
        Ok(match descriptor.physical_type() {
            Type::BOOLEAN => 1,
            Type::INT32 | Type::FLOAT => 4,
            Type::INT64 | Type::DOUBLE => 8,
            Type::INT96 => 12,
            Type::FIXED_LEN_BYTE_ARRAY => {
                u64::try_from(descriptor.type_length()).unwrap_or_default()
            }
            Type::BYTE_ARRAY => {
                let pages = walk(self.file, chunk, usize::MAX)?;
                if as_dictionary && pages.all_dictionary {
                    return Ok(INDEX_BYTES);
                }
                let mut longest = pages.widest;
                if pages.shares_beginnings {
                    longest = longest.max(pages.largest);
                }
                if pages.dictionary {
                    longest = longest.max(self.longest_of_dictionary(leaf)?);
                }
                longest
            }
        })
    }

    fn longest_of_dictionary(&self, leaf: usize) -> Result<u64, String> {
        let pages = GuardedRowGroup::new(self.file.clone(), self.footer, self.row_group);
        let words = |e: parquet::errors::ParquetError| e.to_string();
        let mut chunks = pages.column_chunks(leaf).map_err(words)?;
        let Some(chunk) = chunks.next() else { return Ok(0) };
        let first = chunk.map_err(words)?.get_next_page().map_err(words)?;
        let Some(Page::DictionaryPage { buf, num_values, .. }) = first else { return Ok(0) };
        Ok(longest_plain(&buf, num_values))
    }
}

/// The longest of length-prefixed values; where lengths are damaged, all bytes.
fn longest_plain(mut bytes: &[u8], values: u32) -> u64 {
    let all = bytes.len() as u64;
    let mut longest = 0;
    for _ in 0..values {
        let Some((length, rest)) = bytes.split_first_chunk::<4>() else { return all };
        let length = u32::from_le_bytes(*length);
        let Some(rest) = rest.get(length as usize..) else { return all };
        longest = longest.max(u64::from(length));
        bytes = rest;
    }
    longest
}

/// Rows of so many bytes that are decoded at a time: at most `most`, at least one.
pub(super) fn rows_of(row_bytes: u64, most: usize) -> usize {
    rows_within(row_bytes, PORTION_BYTES, most)
}

/// Rows of so many bytes that a budget has room for: at most `most`, at least one.
pub(super) fn rows_within(row_bytes: u64, budget: u64, most: usize) -> usize {
    usize::try_from(budget / row_bytes.max(1)).unwrap_or(most).clamp(1, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_value_of_a_dictionary_is_told_from_its_lengths() {
        let mut bytes = Vec::new();
        for text in ["a", "longest", ""] {
            bytes.extend_from_slice(&u32::try_from(text.len()).unwrap().to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        assert_eq!(longest_plain(&bytes, 3), 7);
        assert_eq!(longest_plain(&bytes[..9], 3), 9, "a damaged one may have anything");
        assert_eq!(longest_plain(&[], 0), 0);
    }

    #[test]
    fn rows_fit_the_budget_and_are_never_none() {
        assert_eq!(rows_of(8, 16_384), 16_384);
        assert_eq!(rows_of(1 << 20, 16_384), 32);
        assert_eq!(rows_of(u64::MAX, 16_384), 1);
        assert_eq!(rows_of(0, 10), 10);
    }
}
