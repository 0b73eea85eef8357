//! Batches in portions of bounded bytes, as many as their values have once they are written out.
//!
//! A batch of few bytes may expand to gigabytes: thousands of rows that name one long value of a
//! dictionary. Code that writes values out (a cast to plain text, a file's pages) takes such a
//! batch in portions.

use std::ops::Range;

use arrow::array::{
    Array, ArrayRef, AsArray, GenericListArray, GenericListViewArray, OffsetSizeTrait, RecordBatch,
};
use arrow::datatypes::{ArrowNativeType, DataType, Int16Type, Int32Type, Int64Type};

/// Bytes that a portion's values have, except for a single row that has more.
pub const PORTION_BYTES: u64 = 32 << 20;

/// What an item of a list costs besides its value: the levels that say where lists end.
const ITEM_BYTES: u64 = 4;

/// Bytes of each element, written out.
enum Widths {
    /// All have the same.
    Fixed(u64),
    /// One by one.
    Each(Vec<u64>),
}

impl Widths {
    fn of(&self, n: usize) -> u64 {
        match self {
            Self::Fixed(width) => *width,
            Self::Each(widths) => widths.get(n).copied().unwrap_or_default(),
        }
    }

    fn longest(&self) -> u64 {
        match self {
            Self::Fixed(width) => *width,
            Self::Each(widths) => widths.iter().copied().max().unwrap_or_default(),
        }
    }
}

/// The rows of some columns in portions, and the bytes of the longest row.
#[derive(Debug, PartialEq, Eq)]
pub struct Portions {
    /// The rows of each portion, in order.
    pub ranges: Vec<Range<usize>>,
    /// Bytes of the longest row; where everything fits into one portion, of all rows.
    pub longest_row: u64,
}

/// Divides rows so that the values of a portion have at most [`PORTION_BYTES`].
pub fn portions<'a>(rows: usize, columns: impl Iterator<Item = &'a ArrayRef> + Clone) -> Portions {
    let total = columns.clone().map(|c| at_most(c)).fold(0, u64::saturating_add);
    if total <= PORTION_BYTES || rows == 0 {
        return Portions { ranges: std::iter::once(0..rows).collect(), longest_row: total };
    }
    let widths: Vec<Widths> = columns.map(|c| widths(c)).collect();
    let width = |row: usize| widths.iter().map(|w| w.of(row)).fold(0, u64::saturating_add);
    let mut found = Portions { ranges: Vec::new(), longest_row: 0 };
    let (mut start, mut bytes) = (0, 0u64);
    for row in 0..rows {
        let own = width(row);
        found.longest_row = found.longest_row.max(own);
        if row > start && bytes.saturating_add(own) > PORTION_BYTES {
            found.ranges.push(start..row);
            (start, bytes) = (row, 0);
        }
        bytes = bytes.saturating_add(own);
    }
    found.ranges.push(start..rows);
    found
}

/// The portions of a batch.
pub fn divide(batch: RecordBatch) -> Vec<RecordBatch> {
    let found = portions(batch.num_rows(), batch.columns().iter());
    match found.ranges.as_slice() {
        [_] => vec![batch],
        ranges => ranges.iter().map(|r| batch.slice(r.start, r.len())).collect(),
    }
}

/// Whether values of a type may expand to more bytes than they are held in.
pub fn expands(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(..)
        | DataType::Utf8View
        | DataType::BinaryView
        | DataType::ListView(_)
        | DataType::LargeListView(_)
        | DataType::RunEndEncoded(..) => true,
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::FixedSizeList(item, _)
        | DataType::Map(item, _) => expands(item.data_type()),
        DataType::Struct(fields) => fields.iter().any(|f| expands(f.data_type())),
        _ => false,
    }
}

/// A bound of all values' bytes that is quick to compute, and close where nothing is shared.
fn at_most(array: &dyn Array) -> u64 {
    let rows = array.len() as u64;
    match array.data_type() {
        DataType::Utf8 => span(array.as_string::<i32>().value_offsets()),
        DataType::LargeUtf8 => span(array.as_string::<i64>().value_offsets()),
        DataType::Binary => span(array.as_binary::<i32>().value_offsets()),
        DataType::LargeBinary => span(array.as_binary::<i64>().value_offsets()),
        DataType::Dictionary(..) => {
            let values = array.as_any_dictionary().values();
            rows.saturating_mul(widths(values).longest())
        }
        DataType::List(_) => list_at_most(array.as_list::<i32>()),
        DataType::LargeList(_) => list_at_most(array.as_list::<i64>()),
        DataType::Struct(_) => {
            array.as_struct().columns().iter().map(|c| at_most(c)).fold(0, u64::saturating_add)
        }
        _ => match widths(array) {
            Widths::Fixed(width) => rows.saturating_mul(width),
            Widths::Each(widths) => widths.into_iter().fold(0, u64::saturating_add),
        },
    }
}

fn list_at_most<O: OffsetSizeTrait>(list: &GenericListArray<O>) -> u64 {
    let offsets = list.value_offsets();
    let (first, last) = (offsets.first(), offsets.last());
    let first = first.map_or(0, |o| o.as_usize());
    let items = last.map_or(0, |o| o.as_usize()).saturating_sub(first);
    let own = at_most(&list.values().slice(first, items));
    own.saturating_add(ITEM_BYTES.saturating_mul(items as u64))
}

fn span<O: OffsetSizeTrait>(offsets: &[O]) -> u64 {
    let first = offsets.first().map_or(0, |o| o.as_usize());
    (offsets.last().map_or(0, |o| o.as_usize()).saturating_sub(first)) as u64
}

fn each<O: OffsetSizeTrait>(offsets: &[O]) -> Widths {
    Widths::Each(offsets.windows(2).map(span).collect())
}

fn widths(array: &dyn Array) -> Widths {
    let rows = array.len();
    match array.data_type() {
        DataType::Utf8 => each(array.as_string::<i32>().value_offsets()),
        DataType::LargeUtf8 => each(array.as_string::<i64>().value_offsets()),
        DataType::Binary => each(array.as_binary::<i32>().value_offsets()),
        DataType::LargeBinary => each(array.as_binary::<i64>().value_offsets()),
        DataType::Utf8View => views(array.as_string_view().views()),
        DataType::BinaryView => views(array.as_binary_view().views()),
        DataType::FixedSizeBinary(width) => Widths::Fixed(u64::try_from(*width).unwrap_or(0)),
        DataType::Null => Widths::Fixed(0),
        DataType::Boolean => Widths::Fixed(1),
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            if dictionary.values().is_empty() {
                return Widths::Fixed(0);
            }
            let own = widths(dictionary.values());
            Widths::Each(dictionary.normalized_keys().into_iter().map(|k| own.of(k)).collect())
        }
        DataType::List(_) => lists(array.as_list::<i32>()),
        DataType::LargeList(_) => lists(array.as_list::<i64>()),
        DataType::ListView(_) => list_views(array.as_list_view::<i32>()),
        DataType::LargeListView(_) => list_views(array.as_list_view::<i64>()),
        DataType::Map(..) => {
            let map = array.as_map();
            let sums = Sums::of(map.entries());
            let ends = map.value_offsets().windows(2);
            Widths::Each(ends.map(|w| sums.between(w[0].as_usize(), w[1].as_usize())).collect())
        }
        DataType::FixedSizeList(_, size) => {
            let list = array.as_fixed_size_list();
            let size = usize::try_from(*size).unwrap_or(0);
            let sums = Sums::of(list.values());
            Widths::Each((0..rows).map(|n| sums.between(n * size, (n + 1) * size)).collect())
        }
        DataType::Struct(_) => {
            let all: Vec<Widths> = array.as_struct().columns().iter().map(|c| widths(c)).collect();
            if let Some(fixed) = all.iter().try_fold(0, |sum, w| match w {
                Widths::Fixed(width) => Some(sum + width),
                Widths::Each(_) => None,
            }) {
                return Widths::Fixed(fixed);
            }
            Widths::Each((0..rows).map(|n| all.iter().map(|w| w.of(n)).sum()).collect())
        }
        DataType::RunEndEncoded(ends, _) => {
            let values = match ends.data_type() {
                DataType::Int16 => array.as_run_opt::<Int16Type>().map(|a| a.values()),
                DataType::Int32 => array.as_run_opt::<Int32Type>().map(|a| a.values()),
                _ => array.as_run_opt::<Int64Type>().map(|a| a.values()),
            };
            Widths::Fixed(values.map_or(0, |values| widths(values).longest()))
        }
        other => Widths::Fixed(other.primitive_width().unwrap_or(16) as u64),
    }
}

/// A view's first 32 bits are its value's length.
fn views(views: &[u128]) -> Widths {
    Widths::Each(views.iter().map(|view| (*view & 0xffff_ffff) as u64).collect())
}

fn lists<O: OffsetSizeTrait>(list: &GenericListArray<O>) -> Widths {
    let sums = Sums::of(list.values());
    let ends = list.value_offsets().windows(2);
    Widths::Each(ends.map(|w| sums.between(w[0].as_usize(), w[1].as_usize())).collect())
}

fn list_views<O: OffsetSizeTrait>(list: &GenericListViewArray<O>) -> Widths {
    let sums = Sums::of(list.values());
    let both = list.value_offsets().iter().zip(list.value_sizes());
    Widths::Each(
        both.map(|(o, s)| sums.between(o.as_usize(), o.as_usize() + s.as_usize())).collect(),
    )
}

/// Sums of items' bytes up to each item.
enum Sums {
    Fixed(u64),
    Upto(Vec<u64>),
}

impl Sums {
    fn of(items: &dyn Array) -> Self {
        match widths(items) {
            Widths::Fixed(width) => Self::Fixed(width),
            Widths::Each(widths) => {
                let mut sum = 0u64;
                let upto = std::iter::once(0).chain(widths.into_iter().map(|width| {
                    sum = sum.saturating_add(width);
                    sum
                }));
                Self::Upto(upto.collect())
            }
        }
    }

    fn between(&self, start: usize, end: usize) -> u64 {
        let items = end.saturating_sub(start) as u64;
        let own = match self {
            Self::Fixed(width) => items.saturating_mul(*width),
            Self::Upto(sums) => {
                let upto = |n: usize| sums.get(n).or(sums.last()).copied().unwrap_or_default();
                upto(end).saturating_sub(upto(start))
            }
        };
        own.saturating_add(ITEM_BYTES.saturating_mul(items))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        DictionaryArray, Int32Array, Int64Array, ListArray, NullArray, StringArray,
        StringViewArray, StructArray,
    };
    use arrow::buffer::OffsetBuffer;
    use arrow::datatypes::Field;

    use super::*;

    fn long() -> String {
        "x".repeat(1 << 20)
    }

    /// A hundred rows that name a text of 1 MiB, except every tenth.
    fn dictionary() -> ArrayRef {
        let keys = Int32Array::from_iter_values((0..100).map(|n| i32::from(n % 10 > 0)));
        let values = StringArray::from(vec!["a".to_owned(), long()]);
        Arc::new(DictionaryArray::new(keys, Arc::new(values)))
    }

    #[track_caller]
    fn held(array: &ArrayRef, bytes: u64, longest: u64) {
        let found = portions(array.len(), std::iter::once(array));
        assert_eq!(found.longest_row, longest);
        let least = bytes.div_ceil(PORTION_BYTES);
        let count = found.ranges.len() as u64;
        assert!((least..=2 * least).contains(&count), "{:?}", found.ranges);
        let mut next = 0;
        for range in found.ranges {
            assert_eq!(range.start, next);
            let part = array.slice(range.start, range.len());
            let widths = widths(&part);
            let bytes: u64 = (0..part.len()).map(|n| widths.of(n)).sum();
            assert!(bytes <= PORTION_BYTES || part.len() == 1, "{bytes}");
            next = range.end;
        }
        assert_eq!(next, array.len());
    }

    #[test]
    fn values_that_are_shared_count_as_often_as_they_are_named() {
        let long_one = 1 << 20;
        held(&dictionary(), 90 * long_one, long_one);
        let views: ArrayRef = Arc::new(StringViewArray::from_iter_values(
            (0..100).map(|n| if n % 10 > 0 { long() } else { "a".to_owned() }),
        ));
        held(&views, 90 * long_one, long_one);
        let one = views.slice(1, 1);
        let indices = arrow::array::UInt64Array::from(vec![0; 100]);
        held(&arrow::compute::take(&one, &indices, None).unwrap(), 104 * long_one, long_one);
        // Within lists and structures too.
        let field = Arc::new(Field::new_list_field(dictionary().data_type().clone(), true));
        let offsets = OffsetBuffer::from_lengths([10; 10]);
        let list: ArrayRef = Arc::new(ListArray::new(field, offsets, dictionary(), None));
        held(&list, 90 * long_one, 9 * long_one + 1 + 40);
        let fields = vec![Field::new("list", list.data_type().clone(), true)];
        let pair: ArrayRef = Arc::new(StructArray::new(fields.into(), vec![list], None));
        held(&pair, 90 * long_one, 9 * long_one + 1 + 40);
    }

    #[test]
    fn a_batch_that_fits_stays_whole_and_slices_count_their_own_rows() {
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..1000));
        assert!(
            portions(1000, std::iter::once(&numbers)).ranges.iter().eq(std::iter::once(&(0..1000)))
        );
        assert!(portions(0, std::iter::empty()).ranges.iter().eq(std::iter::once(&(0..0))));
        held(&dictionary().slice(5, 20), 18 << 20, 20 << 20);
        let batch = RecordBatch::try_from_iter([("d", dictionary())]).unwrap();
        let rows: usize = divide(batch).iter().map(RecordBatch::num_rows).sum();
        assert_eq!(rows, 100);
    }

    #[test]
    fn a_list_of_items_without_bytes_counts_its_items() {
        let field = Arc::new(Field::new_list_field(DataType::Null, true));
        let offsets = OffsetBuffer::from_lengths([1 << 30]);
        let list: ArrayRef =
            Arc::new(ListArray::new(field, offsets, Arc::new(NullArray::new(1 << 30)), None));
        assert_eq!(portions(1, std::iter::once(&list)).longest_row, 4 << 30);
    }
}
