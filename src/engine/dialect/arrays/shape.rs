//! Lengths and dimensions. An empty array has no dimensions.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int32Array, StringArray};
use arrow::datatypes::DataType;
use datafusion::error::Result;

use super::items::{Items, count};

/// The length of each dimension of a row; `None` where the array is NULL.
fn dimensions(lists: &ArrayRef, row: usize) -> Option<Vec<i32>> {
    let mut lengths = Vec::new();
    let (mut lists, mut row) = (Arc::clone(lists), row);
    loop {
        let inner = lists.as_list_opt::<i32>()?;
        if inner.is_null(row) {
            return if lengths.is_empty() { None } else { Some(lengths) };
        }
        let length = inner.value_length(row);
        if length == 0 {
            return Some(Vec::new());
        }
        lengths.push(length);
        if !matches!(inner.values().data_type(), DataType::List(_)) {
            return Some(lengths);
        }
        row = usize::try_from(inner.value_offsets().get(row).copied()?).ok()?;
        let deeper = Arc::clone(inner.values());
        lists = deeper;
    }
}

fn of_dimension(
    lists: &ArrayRef,
    dimension: &ArrayRef,
    of: impl Fn(i32) -> i32,
) -> Result<ArrayRef> {
    let one = |row: usize| {
        let place = usize::try_from(count(dimension, row)?.checked_sub(1)?).ok()?;
        dimensions(lists, row)?.get(place).map(|length| of(*length))
    };
    Ok(Arc::new((0..lists.len()).map(one).collect::<Int32Array>()))
}

/// The length of a dimension, which is its last subscript.
pub(super) fn length(lists: &ArrayRef, dimension: &ArrayRef) -> Result<ArrayRef> {
    of_dimension(lists, dimension, |length| length)
}

/// The first subscript of a dimension.
pub(super) fn lower(lists: &ArrayRef, dimension: &ArrayRef) -> Result<ArrayRef> {
    of_dimension(lists, dimension, |_| 1)
}

pub(super) fn dims(lists: &ArrayRef) -> Result<ArrayRef> {
    let one = |row: usize| {
        let lengths = dimensions(lists, row).filter(|lengths| !lengths.is_empty())?;
        Some(lengths.iter().map(|length| format!("[1:{length}]")).collect::<String>())
    };
    Ok(Arc::new((0..lists.len()).map(one).collect::<StringArray>()))
}

pub(super) fn ndims(lists: &ArrayRef) -> Result<ArrayRef> {
    let one = |row: usize| {
        let lengths = dimensions(lists, row).filter(|lengths| !lengths.is_empty())?;
        i32::try_from(lengths.len()).ok()
    };
    Ok(Arc::new((0..lists.len()).map(one).collect::<Int32Array>()))
}

/// The number of items in all dimensions.
pub(super) fn cardinality(lists: &ArrayRef) -> Result<ArrayRef> {
    let items = Items::deepest(lists);
    let one = |row: usize| items.row(row).and_then(|row| i32::try_from(row.len()).ok());
    Ok(Arc::new((0..lists.len()).map(one).collect::<Int32Array>()))
}
