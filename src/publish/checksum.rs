//! A checksum of a table's content, independent of files, row groups and batches.
//!
//! Each column has a SHA-256 of its values in row order (a NULL counts as its zero value) and one
//! of its validity; the table's is that of all names, types and column hashes.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, SchemaRef};
use sha2::{Digest, Sha256};

use crate::contract::clause_id::hex;
use crate::contract::types::words;
use crate::error::{Error, Result};

/// Follows a table's rows.
pub(super) struct Checksum {
    schema: SchemaRef,
    columns: Vec<ColumnHash>,
    rows: u64,
}

#[derive(Default)]
struct ColumnHash {
    values: Sha256,
    validity: Sha256,
    children: Vec<ColumnHash>,
}

impl Checksum {
    /// Begins a table with these columns.
    pub fn new(schema: SchemaRef) -> Self {
        let columns = schema.fields().iter().map(|_| ColumnHash::default()).collect();
        Self { schema, columns, rows: 0 }
    }

    /// Adds rows.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        for (hash, array) in self.columns.iter_mut().zip(batch.columns()) {
            hash.add(array)?;
        }
        Ok(())
    }

    /// The checksum: 64 hexadecimal digits.
    pub fn finish(self) -> String {
        let mut total = Sha256::new();
        total.update(b"pactum-content-1");
        total.update(self.rows.to_le_bytes());
        for (field, column) in self.schema.fields().iter().zip(self.columns) {
            total.update(field.name().as_bytes());
            total.update([0]);
            total.update(field.data_type().to_string().as_bytes());
            total.update([0]);
            column.finish(&mut total);
        }
        hex(&total.finalize())
    }
}

impl ColumnHash {
    fn finish(self, total: &mut Sha256) {
        total.update(self.values.finalize());
        total.update(self.validity.finalize());
        total.update((self.children.len() as u64).to_le_bytes());
        for child in self.children {
            child.finish(total);
        }
    }

    fn add(&mut self, array: &ArrayRef) -> Result<()> {
        self.add_validity(array.nulls(), array.len());
        match array.data_type() {
            DataType::Utf8 => {
                let strings = array.as_string::<i32>();
                self.add_bytes(strings.iter().map(|v| v.map(str::as_bytes)));
            }
            DataType::Binary => self.add_bytes(array.as_binary::<i32>().iter()),
            DataType::Boolean => {
                let flags: Vec<u8> =
                    array.as_boolean().iter().map(|v| u8::from(v == Some(true))).collect();
                self.values.update(flags);
            }
            DataType::Struct(_) => {
                for (n, child) in array.as_struct().columns().iter().enumerate() {
                    self.child(n).add(child)?;
                }
            }
            DataType::List(_) => {
                let list = array.as_list::<i32>();
                for row in 0..list.len() {
                    let items = if list.is_null(row) { 0 } else { list.value_length(row) };
                    self.values.update(items.to_le_bytes());
                    if items > 0 {
                        self.child(0).add(&list.value(row))?;
                    }
                }
            }
            DataType::Map(..) => {
                let map = array.as_map();
                for row in 0..map.len() {
                    let items = if map.is_null(row) { 0 } else { map.value_length(row) };
                    self.values.update(items.to_le_bytes());
                    if items > 0 {
                        let entries: ArrayRef = std::sync::Arc::new(map.value(row));
                        self.child(0).add(&entries)?;
                    }
                }
            }
            _ => self.add_fixed(array)?,
        }
        Ok(())
    }

    fn child(&mut self, n: usize) -> &mut Self {
        while self.children.len() <= n {
            self.children.push(Self::default());
        }
        &mut self.children[n]
    }

    fn add_validity(&mut self, nulls: Option<&NullBuffer>, len: usize) {
        match nulls {
            Some(nulls) if nulls.null_count() > 0 => {
                let flags: Vec<u8> = nulls.iter().map(u8::from).collect();
                self.validity.update(flags);
            }
            _ => self.validity.update(vec![1_u8; len]),
        }
    }

    fn add_bytes<'a>(&mut self, values: impl Iterator<Item = Option<&'a [u8]>>) {
        for value in values {
            let value = value.unwrap_or_default();
            self.values.update((value.len() as u64).to_le_bytes());
            self.values.update(value);
        }
    }

    /// Values of fixed width: all bytes together, NULLs as zeros.
    fn add_fixed(&mut self, array: &ArrayRef) -> Result<()> {
        let data = array.to_data();
        let Some(width) = array.data_type().primitive_width() else {
            return Err(Error::try_again(
                "checksum",
                format!("no checksum of a {}", words(array.data_type())),
            ));
        };
        let start = data.offset() * width;
        let bytes = &data.buffers()[0].as_slice()[start..start + data.len() * width];
        match array.nulls().filter(|nulls| nulls.null_count() > 0) {
            None => self.values.update(bytes),
            Some(nulls) => {
                let zero = vec![0_u8; width];
                for (row, value) in bytes.chunks_exact(width).enumerate() {
                    self.values.update(if nulls.is_valid(row) { value } else { &zero });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{
        Int64Array, Int64Builder, ListArray, MapBuilder, StringArray, StringBuilder,
        TimestampMicrosecondArray,
    };
    use arrow::datatypes::{Field, Int32Type, Schema};
    use std::sync::Arc;

    fn batch() -> RecordBatch {
        let list = ListArray::from_iter_primitive::<Int32Type, _, _>(vec![
            Some(vec![Some(1), None]),
            None,
            Some(vec![]),
            Some(vec![Some(3)]),
        ]);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(vec![Some(1), None, Some(3), Some(4)])),
            Arc::new(StringArray::from(vec![Some("a"), Some(""), None, Some("déjà")])),
            Arc::new(list),
        ];
        let fields = columns
            .iter()
            .enumerate()
            .map(|(n, c)| Field::new(format!("c{n}"), c.data_type().clone(), true));
        RecordBatch::try_new(Arc::new(Schema::new(fields.collect::<Vec<_>>())), columns).unwrap()
    }

    fn of(parts: &[RecordBatch]) -> String {
        let mut checksum = Checksum::new(batch().schema());
        parts.iter().for_each(|part| checksum.add(part).unwrap());
        checksum.finish()
    }

    #[test]
    fn batches_do_not_matter_and_every_value_does() {
        let whole = batch();
        let one = of(std::slice::from_ref(&whole));
        assert_eq!(of(&[whole.slice(0, 1), whole.slice(1, 3)]), one);
        assert_eq!(of(&[whole.slice(0, 3), whole.slice(3, 1)]), one);
        assert_ne!(of(&[whole.slice(0, 3)]), one);
        let swapped = [whole.slice(1, 1), whole.slice(0, 1), whole.slice(2, 2)];
        assert_ne!(of(&swapped), one);
    }

    /// The checksum of a table of these columns.
    fn of_columns(columns: Vec<(&str, ArrayRef)>) -> String {
        let nullable = columns.into_iter().map(|(name, column)| (name, column, true));
        let batch = RecordBatch::try_from_iter_with_nullable(nullable).unwrap();
        let mut checksum = Checksum::new(batch.schema());
        checksum.add(&batch).unwrap();
        checksum.finish()
    }

    /// The checksum of a table of one column.
    fn of_column(column: ArrayRef) -> String {
        of_columns(vec![("a", column)])
    }

    fn longs(values: Vec<Option<i64>>) -> ArrayRef {
        Arc::new(Int64Array::from(values))
    }

    fn texts(values: Vec<Option<&str>>) -> ArrayRef {
        Arc::new(StringArray::from(values))
    }

    #[test]
    fn a_checksum_in_a_ledger_stays_that_of_its_data() {
        // Computed from the description above by another program.
        let id = longs(vec![Some(1), None, Some(-3)]);
        let word = texts(vec![Some("a"), None, Some("déjà")]);
        assert_eq!(
            of_columns(vec![("id", id), ("word", word)]),
            "7e3f8114c185b8f7e2f9b62ccadbeb64dcadd4bb0c9de89ae6d28e98c2078e51"
        );
    }

    #[test]
    fn names_and_types_of_columns_matter() {
        let one = || longs(vec![Some(1)]);
        assert_ne!(of_columns(vec![("a", one())]), of_columns(vec![("b", one())]));
        let instant: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![1]));
        assert_ne!(of_column(instant), of_column(one()));
    }

    #[test]
    fn a_null_is_neither_zero_nor_an_empty_text() {
        assert_ne!(of_column(longs(vec![None])), of_column(longs(vec![Some(0)])));
        assert_ne!(of_column(texts(vec![None])), of_column(texts(vec![Some("")])));
    }

    #[test]
    fn what_lies_under_a_null_does_not_matter() {
        let under = |value: i64| -> ArrayRef {
            let nulls = NullBuffer::from(vec![true, false]);
            Arc::new(Int64Array::new(vec![1_i64, value].into(), Some(nulls)))
        };
        assert_eq!(of_column(under(7)), of_column(under(9)));
        assert_eq!(of_column(under(7)), of_column(longs(vec![Some(1), None])));
    }

    #[test]
    fn values_do_not_run_into_each_other() {
        let lists = |rows: Vec<Vec<i32>>| -> ArrayRef {
            let rows = rows.into_iter().map(|row| Some(row.into_iter().map(Some)));
            Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(rows))
        };
        let maps = |sizes: [usize; 2]| -> ArrayRef {
            let mut maps = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
            let mut keys = ["a", "b", "c"].into_iter();
            for size in sizes {
                for key in keys.by_ref().take(size) {
                    maps.keys().append_value(key);
                    maps.values().append_value(1);
                }
                maps.append(true).unwrap();
            }
            Arc::new(maps.finish())
        };
        for (one, other) in [
            (texts(vec![Some("ab"), Some("c")]), texts(vec![Some("a"), Some("bc")])),
            (lists(vec![vec![1, 2], vec![3]]), lists(vec![vec![1], vec![2, 3]])),
            (maps([2, 1]), maps([1, 2])),
        ] {
            assert_eq!(one.data_type(), other.data_type());
            assert_ne!(of_column(one), of_column(other));
        }
    }
}
