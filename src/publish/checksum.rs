//! A checksum of a table's content, independent of files, row groups and batches.
//!
//! Each column has a SHA-256 of its values in row order (a NULL counts as its zero value) and one
//! of its validity; the table's is that of all names, types and column hashes.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, SchemaRef};
use sha2::{Digest, Sha256};

use crate::contract::clause_id::hex;
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

    /// Values of fixed width: their bytes at once, NULLs as zeros.
    fn add_fixed(&mut self, array: &ArrayRef) -> Result<()> {
        let data = array.to_data();
        let Some(width) = array.data_type().primitive_width() else {
            return Err(Error::try_again(
                "checksum",
                format!("no checksum of {}", array.data_type()),
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
    use arrow::array::{Int64Array, ListArray, StringArray};
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
}
