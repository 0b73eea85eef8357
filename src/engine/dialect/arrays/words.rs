//! The items of arrays as one text.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringBuilder};
use arrow::datatypes::DataType;
use datafusion::error::Result;

use super::super::texts;
use super::items::Items;

/// Items with a delimiter between them. NULLs are left out, or are what a text says.
pub(super) fn joined(
    lists: &ArrayRef,
    delimiter: &ArrayRef,
    null: Option<&ArrayRef>,
) -> Result<ArrayRef> {
    let items = Items::deepest(lists);
    let is_boolean = items.values.data_type() == &DataType::Boolean;
    let words = texts::spelled(&items.values)?;
    let words = words.as_string::<i32>();
    let text = |texts: &ArrayRef, row: usize| {
        let texts = texts.as_string_opt::<i32>()?;
        texts.is_valid(row).then(|| texts.value(row).to_owned())
    };
    let mut found = StringBuilder::new();
    for row in 0..lists.len() {
        let (Some(places), Some(delimiter)) = (items.row(row), text(delimiter, row)) else {
            found.append_null();
            continue;
        };
        let null = null.and_then(|null| text(null, row));
        let word = |n: usize| match words.is_valid(n) {
            true if is_boolean => words.value(n).get(..1).map(str::to_owned),
            true => Some(words.value(n).to_owned()),
            false => null.clone(),
        };
        found.append_value(places.filter_map(word).collect::<Vec<_>>().join(&delimiter));
    }
    Ok(Arc::new(found.finish()))
}
