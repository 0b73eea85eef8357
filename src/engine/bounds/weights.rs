//! How many bytes rows have: those of their values, not of the buffers that they share.

use arrow::array::{Array, ArrayRef, AsArray, OffsetSizeTrait, RecordBatch};
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::ColumnarValue;

/// Bytes of what says where a value begins.
const PLACE: usize = 4;

/// Bytes of the rows of a batch.
pub(super) fn of_batch(batch: &RecordBatch) -> usize {
    batch.columns().iter().map(|column| of_rows(column, 0, column.len())).sum()
}

/// Bytes of the widest row of a batch, or more.
pub(super) fn of_widest(batch: &RecordBatch) -> usize {
    let widest = |column: &ArrayRef| match column.data_type() {
        kind if fixed(kind).is_some() => fixed(kind).unwrap_or_default(),
        _ => (0..column.len()).map(|row| of_rows(column, row, 1)).max().unwrap_or_default(),
    };
    batch.columns().iter().map(widest).sum()
}

/// Bytes of an argument or a result of a function, for so many rows.
pub(super) fn of_value(value: &ColumnarValue, rows: usize) -> usize {
    match value {
        ColumnarValue::Array(array) => of_rows(array, 0, array.len()),
        ColumnarValue::Scalar(scalar) => of_scalar(scalar).saturating_mul(rows),
    }
}

/// Bytes of a value.
pub(super) fn of_scalar(scalar: &ScalarValue) -> usize {
    match scalar {
        ScalarValue::Utf8(text) | ScalarValue::LargeUtf8(text) | ScalarValue::Utf8View(text) => {
            text.as_ref().map_or(0, String::len)
        }
        ScalarValue::Binary(bytes)
        | ScalarValue::LargeBinary(bytes)
        | ScalarValue::BinaryView(bytes)
        | ScalarValue::FixedSizeBinary(_, bytes) => bytes.as_ref().map_or(0, Vec::len),
        ScalarValue::List(list) => of_rows(list.values(), 0, list.values().len()),
        ScalarValue::LargeList(list) => of_rows(list.values(), 0, list.values().len()),
        ScalarValue::Struct(row) => row.columns().iter().map(|c| of_rows(c, 0, c.len())).sum(),
        ScalarValue::Dictionary(_, value) => of_scalar(value),
        _ => PLACE,
    }
}

/// Bytes of some rows of a column.
pub(super) fn of_rows(column: &dyn Array, from: usize, rows: usize) -> usize {
    let own = match column.data_type() {
        DataType::Utf8 => between(column.as_string::<i32>().value_offsets(), from, rows),
        DataType::LargeUtf8 => between(column.as_string::<i64>().value_offsets(), from, rows),
        DataType::Binary => between(column.as_binary::<i32>().value_offsets(), from, rows),
        DataType::LargeBinary => between(column.as_binary::<i64>().value_offsets(), from, rows),
        DataType::Utf8View => {
            let views = column.as_string_view().views().iter().skip(from).take(rows);
            views.map(|view| usize::try_from(*view & LENGTH).unwrap_or_default()).sum()
        }
        DataType::List(_) => {
            let list = column.as_list::<i32>();
            within(list.values(), list.value_offsets(), from, rows)
        }
        DataType::LargeList(_) => {
            let list = column.as_list::<i64>();
            within(list.values(), list.value_offsets(), from, rows)
        }
        DataType::Map(_, _) => {
            let map = column.as_map();
            within(map.entries(), map.value_offsets(), from, rows)
        }
        DataType::Struct(_) => {
            column.as_struct().columns().iter().map(|c| of_rows(c, from, rows)).sum()
        }
        DataType::FixedSizeList(_, length) => {
            let length = usize::try_from(*length).unwrap_or_default();
            let values = column.as_fixed_size_list().values();
            of_rows(values, from.saturating_mul(length), rows.saturating_mul(length))
        }
        kind => fixed(kind).unwrap_or(PLACE).saturating_mul(rows),
    };
    match fixed(column.data_type()) {
        Some(_) => own,
        None => own.saturating_add(PLACE.saturating_mul(rows)),
    }
}

/// The part of a view that holds the value's length.
const LENGTH: u128 = 0xffff_ffff;

/// Bytes of a value of a type, where all have the same number.
fn fixed(kind: &DataType) -> Option<usize> {
    match kind {
        DataType::Null => Some(0),
        DataType::Boolean => Some(1),
        DataType::FixedSizeBinary(bytes) => usize::try_from(*bytes).ok(),
        DataType::Dictionary(key, _) => key.primitive_width(),
        other => other.primitive_width(),
    }
}

/// The difference of offsets.
fn between<O: OffsetSizeTrait>(offsets: &[O], from: usize, rows: usize) -> usize {
    let (start, end) = bounds(offsets, from, rows);
    end - start
}

/// Bytes of the items of some lists.
fn within<O: OffsetSizeTrait>(
    values: &dyn Array,
    offsets: &[O],
    from: usize,
    rows: usize,
) -> usize {
    let (start, end) = bounds(offsets, from, rows);
    of_rows(values, start, end - start)
}

/// Where the items of some rows begin and end.
pub(super) fn bounds<O: OffsetSizeTrait>(
    offsets: &[O],
    from: usize,
    rows: usize,
) -> (usize, usize) {
    let at = |place: usize| offsets.get(place).map_or(0, |offset| offset.as_usize());
    let start = at(from);
    (start, at(from.saturating_add(rows)).max(start))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, ListArray, StringArray, StringViewArray};
    use arrow::datatypes::Int64Type;

    use super::*;

    #[test]
    fn rows_weigh_what_their_own_values_do() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["a", "", "1234567890", "bc"]));
        assert_eq!(of_rows(&texts, 0, 4), 13 + 4 * PLACE);
        assert_eq!(of_rows(&texts.slice(2, 2), 0, 2), 12 + 2 * PLACE);
        let views: ArrayRef =
            Arc::new(StringViewArray::from(vec!["a", "a text that is not short"]));
        assert_eq!(of_rows(&views, 0, 2), 25 + 2 * PLACE);
        let lists = ListArray::from_iter_primitive::<Int64Type, _, _>(vec![
            Some(vec![Some(1); 5]),
            None,
            Some(vec![Some(1); 2]),
        ]);
        let lists: ArrayRef = Arc::new(lists);
        assert_eq!(of_rows(&lists, 1, 2), 16 + 2 * PLACE);
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
        let batch = RecordBatch::try_from_iter([("n", numbers), ("l", lists)]).unwrap();
        assert_eq!(of_batch(&batch), 24 + 56 + 3 * PLACE);
        assert_eq!(of_widest(&batch), 8 + 40 + PLACE);
    }
}
