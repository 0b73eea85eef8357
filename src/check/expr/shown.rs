//! Columns of a batch as reports show them.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use serde_json::Value;

use crate::check::declared::declared_value;
use crate::check::report::{REDACTED, WORDS_OF_NUMBERS};
use crate::contract::model::{Column, Table};
use crate::contract::types::plain;

/// A column of a batch as samples show it.
#[derive(Debug, Clone)]
pub(in crate::check) struct Shown {
    /// The declared name.
    pub name: String,
    /// Its index in the batch.
    pub index: usize,
    /// Whether its values stay out of reports.
    pub classified: bool,
    /// What the contract says about it.
    column: Option<Arc<Column>>,
}

impl Shown {
    /// A column of a table that the batch holds under this index.
    pub fn new(table: &Table, physical: &str, index: usize, public: &[String]) -> Self {
        let column = table.columns.iter().find(|c| c.physical() == physical);
        Self {
            name: column.map_or_else(|| physical.to_owned(), |c| c.name.value.clone()),
            index,
            classified: column.is_some_and(|c| c.classified(public)),
            column: column.map(|c| Arc::new(c.clone())),
        }
    }

    /// Whether the value is a text that reads like a number that JSON has no word for.
    pub fn is_text_like_number(&self, batch: &RecordBatch, row: usize) -> bool {
        let array = batch.column(self.index);
        let is_text = plain(array.data_type()) == DataType::Utf8;
        let value = is_text.then(|| self.value(batch, row));
        value.is_some_and(|v| v.as_str().is_some_and(|text| WORDS_OF_NUMBERS.contains(&text)))
    }

    /// The value of a row, as a report may show it.
    pub fn value(&self, batch: &RecordBatch, row: usize) -> Value {
        if self.classified {
            return Value::String(REDACTED.to_owned());
        }
        declared_value(self.column.as_deref(), batch.column(self.index), row)
    }
}
