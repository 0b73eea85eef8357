//! Items of arrays: where they lie, how they compare, and new arrays of them.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, DynComparator, ListArray, UInt64Array, make_comparator,
};
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::compute::{SortOptions, take};
use arrow::datatypes::{DataType, Field, Float32Type, Float64Type, Int32Type};
use datafusion::common::exec_datafusion_err;
use datafusion::error::Result;

/// The items of arrays, and where those of each row lie.
pub(super) struct Items {
    pub(super) values: ArrayRef,
    rows: Vec<Option<Range<usize>>>,
}

impl Items {
    /// The items of the outermost level.
    pub(super) fn of(lists: &ArrayRef) -> Self {
        let Some(lists) = lists.as_list_opt::<i32>() else {
            // Of arrays that are all NULL.
            return Self { values: Arc::clone(lists), rows: vec![None; lists.len()] };
        };
        let at = |n: i32| usize::try_from(n).unwrap_or(0);
        let pairs = lists.offsets().iter().zip(lists.offsets().iter().skip(1)).enumerate();
        let rows = pairs.map(|(row, (from, to))| lists.is_valid(row).then(|| at(*from)..at(*to)));
        Self { values: Arc::clone(lists.values()), rows: rows.collect() }
    }

    /// The items of the innermost level.
    pub(super) fn deepest(lists: &ArrayRef) -> Self {
        let mut found = Self::of(lists);
        while matches!(found.values.data_type(), DataType::List(_)) {
            let inner = found.values.as_list::<i32>();
            let offset = |n: usize| {
                inner.offsets().get(n).and_then(|n| usize::try_from(*n).ok()).unwrap_or(0)
            };
            let rows = found
                .rows
                .iter()
                .map(|row| row.as_ref().map(|row| offset(row.start)..offset(row.end)));
            found = Self { rows: rows.collect(), values: Arc::clone(inner.values()) };
        }
        found
    }

    /// The number of arrays.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The places of a row's items; `None` where the array is NULL.
    pub(super) fn row(&self, row: usize) -> Option<Range<usize>> {
        self.rows.get(row).cloned().flatten()
    }
}

/// Compares values of one type, of which neither is NULL. NaN is greater than every other number, and zero
/// has no sign.
pub(super) fn comparator(left: &ArrayRef, right: &ArrayRef) -> Result<DynComparator> {
    Ok(make_comparator(&plain(left), &plain(right), SortOptions::default())?)
}

fn plain(values: &ArrayRef) -> ArrayRef {
    match values.data_type() {
        DataType::Float64 => {
            let one = |v: f64| if v.is_nan() { f64::NAN } else { v + 0.0 };
            Arc::new(values.as_primitive::<Float64Type>().unary::<_, Float64Type>(one))
        }
        DataType::Float32 => {
            let one = |v: f32| if v.is_nan() { f32::NAN } else { v + 0.0 };
            Arc::new(values.as_primitive::<Float32Type>().unary::<_, Float32Type>(one))
        }
        _ => Arc::clone(values),
    }
}

/// Whether two values are the same, NULL beside NULL too.
pub(super) fn is_same(
    compare: &DynComparator,
    (left, a): (&ArrayRef, usize),
    (right, b): (&ArrayRef, usize),
) -> bool {
    match (left.is_null(a), right.is_null(b)) {
        (false, false) => compare(a, b) == Ordering::Equal,
        (a, b) => a == b,
    }
}

/// An integer of a row.
pub(super) fn count(counts: &ArrayRef, row: usize) -> Option<i32> {
    let counts = counts.as_primitive_opt::<Int32Type>()?;
    counts.is_valid(row).then(|| counts.value(row))
}

/// Arrays of the items of others, as they are gathered.
#[derive(Default)]
pub(super) struct Gathered {
    places: Vec<u64>,
    ends: Vec<i32>,
    valid: Vec<bool>,
}

impl Gathered {
    pub(super) fn with_capacity(rows: usize) -> Self {
        let mut ends = Vec::with_capacity(rows + 1);
        ends.push(0);
        Self { places: Vec::new(), ends, valid: Vec::with_capacity(rows) }
    }

    /// One more array, of the items in these places; NULL without places.
    pub(super) fn push(&mut self, places: Option<impl IntoIterator<Item = usize>>) -> Result<()> {
        self.valid.push(places.is_some());
        self.places.extend(places.into_iter().flatten().map(|place| place as u64));
        let end = i32::try_from(self.places.len());
        self.ends.push(end.map_err(|_| exec_datafusion_err!("arrays have too many items"))?);
        Ok(())
    }

    /// The arrays, of items in a pool.
    pub(super) fn finish(self, pool: &ArrayRef) -> Result<ArrayRef> {
        let values = take(pool, &UInt64Array::from(self.places), None)?;
        let item = Arc::new(Field::new_list_field(values.data_type().clone(), true));
        let ends = OffsetBuffer::new(ScalarBuffer::from(self.ends));
        let nulls = NullBuffer::from(self.valid);
        Ok(Arc::new(ListArray::try_new(item, ends, values, Some(nulls))?))
    }
}
