//! Texts that are not values of their column's type, beside the rows of a quarantine: there the
//! column is NULL, which says less than the text does.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, MapBuilder, MapFieldNames, RecordBatch, StringBuilder,
};
use arrow::datatypes::{DataType, Field, Schema};

use crate::engine::unparsed::UNPARSED;
use crate::error::Result;

/// The name of the column.
const NAME: &str = "pactum_texts";

/// The column of the texts, by the name of their column; `None` where a file was not read from texts.
pub(super) fn field(schema: &Schema) -> Option<Field> {
    let from_texts = schema.fields().iter().any(|f| f.name().starts_with(UNPARSED));
    from_texts.then(|| {
        let entries = DataType::Struct(
            vec![
                Field::new("key", DataType::Utf8, false),
                Field::new("value", DataType::Utf8, true),
            ]
            .into(),
        );
        let entries = Field::new("entries", entries, false);
        Field::new(NAME, DataType::Map(Arc::new(entries), false), true)
    })
}

/// The texts of some rows of a batch.
///
/// # Errors
/// When memory is short.
pub(super) fn texts(batch: &RecordBatch, rows: &[usize]) -> Result<ArrayRef> {
    let schema = batch.schema();
    let columns: Vec<(&str, &ArrayRef)> = schema
        .fields()
        .iter()
        .zip(batch.columns())
        .filter_map(|(field, array)| Some((field.name().strip_prefix(UNPARSED)?, array)))
        .collect();
    let names = MapFieldNames {
        entry: "entries".to_owned(),
        key: "key".to_owned(),
        value: "value".to_owned(),
    };
    let mut found = MapBuilder::new(Some(names), StringBuilder::new(), StringBuilder::new());
    for row in rows {
        for (name, array) in columns.iter().filter(|(_, array)| array.is_valid(*row)) {
            found.keys().append_value(name);
            found.values().append_value(array.as_string::<i32>().value(*row));
        }
        found.append(true)?;
    }
    Ok(Arc::new(found.finish()))
}
