//! How long the results of functions will be, told from their arguments before they are computed.

use arrow::array::{Array, AsArray, OffsetSizeTrait};
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::ColumnarValue;

use super::weights;

/// Bytes that a value that is not a text has at most, written as one.
const WRITTEN: usize = 40;

/// The most bytes of a function's results for these rows; `None` where it does not say.
pub(super) fn most(name: &str, arguments: &[ColumnarValue], rows: usize) -> Option<usize> {
    let all = || sum(arguments, rows);
    Some(match (name, arguments) {
        ("concat" | "||" | "array_concat" | "array_cat" | "array_append" | "array_prepend", _) => {
            all()
        }
        (
            "make_array" | "named_struct" | "struct" | "row" | "coalesce" | "nvl" | "greatest"
            | "least",
            _,
        ) => all(),
        ("concat_ws", [separator, values @ ..]) => {
            let separators = weights::of_value(separator, rows).saturating_mul(values.len());
            sum(values, rows).saturating_add(separators)
        }
        ("encode" | "lower" | "upper" | "initcap" | "reverse", [text, ..]) => {
            weights::of_value(text, rows).saturating_mul(3)
        }
        ("translate", [text, ..]) => weights::of_value(text, rows).saturating_mul(4),
        ("replace", [text, from, to]) => per_row(rows, |row| {
            let (text, from, to) = (bytes(text, row)?, bytes(from, row)?, bytes(to, row)?);
            Some(replaced(text, from, to))
        }),
        ("repeat", [text, times]) => per_row(rows, |row| {
            let times = usize::try_from(number(times, row)?).unwrap_or_default();
            Some(bytes(text, row)?.len().saturating_mul(times))
        }),
        ("lpad" | "rpad", [text, length, ..]) => per_row(rows, |row| {
            let length = usize::try_from(number(length, row)?).unwrap_or_default();
            Some(bytes(text, row)?.len().max(length.saturating_mul(4)))
        }),
        ("overlay", [text, new, ..]) => {
            weights::of_value(text, rows).saturating_add(weights::of_value(new, rows))
        }
        ("regexp_replace", [text, _, new, ..]) => per_row(rows, |row| {
            let (text, new) = (bytes(text, row)?, bytes(new, row)?);
            Some(rewritten(text.len(), new))
        }),
        (
            "array_to_string" | "list_to_string" | "list_join" | "array_join",
            [list, between @ ..],
        ) => {
            let each = between.iter().map(longest).fold(WRITTEN, usize::saturating_add);
            weights::of_value(list, rows).saturating_add(items(list, rows).saturating_mul(each))
        }
        ("array_replace" | "array_replace_all" | "array_replace_n", [list, _, new, ..]) => {
            let added = items(list, rows).saturating_mul(longest(new));
            weights::of_value(list, rows).saturating_add(added)
        }
        ("string_to_array" | "string_to_list", [text, ..]) => {
            weights::of_value(text, rows).saturating_mul(6)
        }
        _ => return None,
    })
}

fn sum(arguments: &[ColumnarValue], rows: usize) -> usize {
    let each = arguments.iter().map(|argument| weights::of_value(argument, rows));
    each.fold(0, usize::saturating_add)
}

fn per_row(rows: usize, of: impl Fn(usize) -> Option<usize>) -> usize {
    (0..rows).filter_map(of).fold(0, usize::saturating_add)
}

/// The bytes of a text with all that equals one text replaced by another.
fn replaced(text: &[u8], from: &[u8], to: &[u8]) -> usize {
    let places = text.len().checked_div(from.len()).unwrap_or(text.len() + 1);
    let most = text.len().saturating_add(places.saturating_mul(to.len()));
    if to.len() <= from.len() || most <= COUNTED_FROM {
        return most;
    }
    // Long enough to be worth counting.
    let count = match (std::str::from_utf8(text), std::str::from_utf8(from)) {
        (Ok(text), Ok(from)) if !from.is_empty() => text.matches(from).count(),
        _ => places,
    };
    text.len().saturating_add(count.saturating_mul(to.len()))
}

/// Shorter results are not counted exactly.
const COUNTED_FROM: usize = 1 << 10;

/// The most bytes of a text with what a pattern matches replaced: matches do not overlap, so that each
/// reference to a group adds the text once more at most.
fn rewritten(text: usize, new: &[u8]) -> usize {
    let references = new.iter().filter(|b| matches!(b, b'\\' | b'$' | b'&')).count();
    let added = text.saturating_add(1).saturating_mul(new.len().saturating_sub(references * 2));
    text.saturating_add(added).saturating_add(references.saturating_mul(text))
}

/// The bytes of a text in one row.
fn bytes(value: &ColumnarValue, row: usize) -> Option<&[u8]> {
    match value {
        ColumnarValue::Scalar(
            ScalarValue::Utf8(text) | ScalarValue::LargeUtf8(text) | ScalarValue::Utf8View(text),
        ) => text.as_deref().map(str::as_bytes),
        ColumnarValue::Scalar(
            ScalarValue::Binary(bytes)
            | ScalarValue::LargeBinary(bytes)
            | ScalarValue::BinaryView(bytes),
        ) => bytes.as_deref(),
        ColumnarValue::Array(array) if row < array.len() && array.is_valid(row) => {
            Some(match array.data_type() {
                DataType::Utf8 => array.as_string::<i32>().value(row).as_bytes(),
                DataType::LargeUtf8 => array.as_string::<i64>().value(row).as_bytes(),
                DataType::Utf8View => array.as_string_view().value(row).as_bytes(),
                DataType::Binary => array.as_binary::<i32>().value(row),
                DataType::LargeBinary => array.as_binary::<i64>().value(row),
                _ => return None,
            })
        }
        _ => None,
    }
}

/// A whole number in one row.
fn number(value: &ColumnarValue, row: usize) -> Option<i64> {
    let scalar = match value {
        ColumnarValue::Scalar(scalar) => scalar.clone(),
        ColumnarValue::Array(array) if row < array.len() => {
            ScalarValue::try_from_array(array, row).ok()?
        }
        ColumnarValue::Array(_) => return None,
    };
    match scalar.cast_to(&DataType::Int64).ok()? {
        ScalarValue::Int64(number) => number,
        _ => None,
    }
}

/// The bytes of the longest value.
fn longest(value: &ColumnarValue) -> usize {
    match value {
        ColumnarValue::Scalar(scalar) => weights::of_scalar(scalar),
        ColumnarValue::Array(array) => {
            let rows = 0..array.len();
            rows.map(|row| weights::of_rows(array, row, 1)).max().unwrap_or_default()
        }
    }
}

/// How many items the lists of an argument have.
fn items(value: &ColumnarValue, rows: usize) -> usize {
    match value {
        ColumnarValue::Array(array) => leaves(array, 0, array.len()),
        ColumnarValue::Scalar(ScalarValue::List(list)) => {
            leaves(list.as_ref(), 0, list.len()).saturating_mul(rows)
        }
        ColumnarValue::Scalar(_) => rows,
    }
}

/// How many items rows have, those of lists within lists counted.
pub(super) fn leaves(array: &dyn Array, from: usize, rows: usize) -> usize {
    fn of<O: OffsetSizeTrait>(
        values: &dyn Array,
        offsets: &[O],
        from: usize,
        rows: usize,
    ) -> usize {
        let (start, end) = weights::bounds(offsets, from, rows);
        leaves(values, start, end - start)
    }
    match array.data_type() {
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            of(list.values(), list.value_offsets(), from, rows)
        }
        DataType::LargeList(_) => {
            let list = array.as_list::<i64>();
            of(list.values(), list.value_offsets(), from, rows)
        }
        DataType::FixedSizeList(_, length) => {
            let length = usize::try_from(*length).unwrap_or_default();
            let values = array.as_fixed_size_list().values();
            leaves(values, from.saturating_mul(length), rows.saturating_mul(length))
        }
        _ => rows,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, StringArray};

    use super::*;

    fn texts(values: &[&str]) -> ColumnarValue {
        ColumnarValue::Array(Arc::new(StringArray::from(values.to_vec())) as ArrayRef)
    }

    fn text(value: &str) -> ColumnarValue {
        ColumnarValue::Scalar(ScalarValue::from(value))
    }

    #[test]
    fn results_are_not_longer_than_predicted() {
        let numbers = ColumnarValue::Array(Arc::new(Int64Array::from(vec![3, 1000])) as ArrayRef);
        let long = "x".repeat(3000);
        let cases = [
            ("replace", vec![texts(&["aaa", "bab"]), text("a"), text("1234567890")], 2, 40),
            ("replace", vec![text(&long), text("y"), text(&long)], 1, 3000),
            ("replace", vec![text("abc"), text(""), text("12")], 1, 3),
            ("repeat", vec![texts(&["ab", "c"]), numbers.clone()], 2, 1006),
            ("lpad", vec![texts(&["ab", "c"]), numbers, text("é")], 2, 2006),
            ("concat_ws", vec![text("--"), text("a"), texts(&["b", "cc"])], 2, 9),
            ("regexp_replace", vec![text("aaaa"), text("(.)"), text("\\1\\1\\1-")], 1, 16),
        ];
        for (name, arguments, rows, least) in cases {
            let told = most(name, &arguments, rows).unwrap();
            assert!((least..least * 5 + 64).contains(&told), "{name}: {told}, not {least}");
        }
        // A text without what is replaced stays as it is, however long the other is.
        let told = most("replace", &[text(&long), text("y"), text(&long)], 1).unwrap();
        assert_eq!(told, 3000);
        assert_eq!(most("abs", &[], 1), None);
    }
}
