//! Arrays of other arrays' items: longer, shorter, parts; and an item by its subscript.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, UInt64Array};
use arrow::compute::{concat, take};
use arrow::datatypes::DataType;
use datafusion::common::{exec_datafusion_err, exec_err, plan_err};
use datafusion::error::Result;

use super::items::{Gathered, Items, comparator, count};

/// The most items that one call fills arrays with, over all rows of a batch.
const MOST_FILLED: usize = 1 << 22;

/// The arrays with one more item. Of NULL comes an array of that item.
pub(super) fn extended(lists: &ArrayRef, item: &ArrayRef, at_end: bool) -> Result<ArrayRef> {
    let items = Items::of(lists);
    let pool = concat(&[items.values.as_ref(), item.as_ref()])?;
    let mut gathered = Gathered::with_capacity(lists.len());
    for row in 0..lists.len() {
        let own = items.row(row).unwrap_or_default();
        let new = items.values.len() + row;
        match at_end {
            true => gathered.push(Some(own.chain([new])))?,
            false => gathered.push(Some([new].into_iter().chain(own)))?,
        }
    }
    gathered.finish(&pool)
}

/// Two arrays, one behind the other; NULL adds nothing.
pub(super) fn joined(left: &ArrayRef, right: &ArrayRef) -> Result<ArrayRef> {
    let (first, second) = (Items::of(left), Items::of(right));
    let pool = concat(&[first.values.as_ref(), second.values.as_ref()])?;
    let behind = first.values.len();
    let mut gathered = Gathered::with_capacity(left.len());
    for row in 0..left.len() {
        let (own, other) = (first.row(row), second.row(row));
        let is_null = own.is_none() && other.is_none();
        let other = other.unwrap_or_default().map(|n| n + behind);
        let both = own.unwrap_or_default().chain(other);
        gathered.push((!is_null).then_some(both))?;
    }
    gathered.finish(&pool)
}

/// Arrays of one item, again and again.
pub(super) fn filled(item: &ArrayRef, lengths: &ArrayRef) -> Result<ArrayRef> {
    let given = Items::of(lengths);
    let mut gathered = Gathered::with_capacity(item.len());
    let mut all = 0_usize;
    for row in 0..item.len() {
        let Some(places) = given.row(row) else {
            return exec_err!("dimension array or low bound array cannot be null");
        };
        let length = match places.len() {
            0 => Some(0),
            1 => count(&given.values, places.start),
            _ => return exec_err!("array_fill of several dimensions is not supported"),
        };
        let Some(length) = length else { return exec_err!("dimension values cannot be null") };
        let length = usize::try_from(length)
            .map_err(|_| exec_datafusion_err!("array size exceeds the maximum allowed"))?;
        all = all.saturating_add(length);
        if all > MOST_FILLED {
            return exec_err!("array_fill makes more than {MOST_FILLED} items");
        }
        gathered.push(Some(std::iter::repeat_n(row, length)))?;
    }
    gathered.finish(item)
}

/// The arrays without some items at their ends.
pub(super) fn trimmed(lists: &ArrayRef, counts: &ArrayRef) -> Result<ArrayRef> {
    let items = Items::of(lists);
    let mut gathered = Gathered::with_capacity(lists.len());
    for row in 0..lists.len() {
        let (Some(places), Some(cut)) = (items.row(row), count(counts, row)) else {
            gathered.push(None::<std::ops::Range<usize>>)?;
            continue;
        };
        let kept = usize::try_from(cut).ok().and_then(|cut| places.len().checked_sub(cut));
        let Some(kept) = kept else {
            let most = places.len();
            return exec_err!("number of elements to trim must be between 0 and {most}");
        };
        gathered.push(Some(places.take(kept)))?;
    }
    gathered.finish(&items.values)
}

/// The part of arrays from a subscript to another.
pub(super) fn slice(lists: &ArrayRef, from: &ArrayRef, to: &ArrayRef) -> Result<ArrayRef> {
    let items = Items::of(lists);
    let mut gathered = Gathered::with_capacity(lists.len());
    for row in 0..lists.len() {
        let bounds = count(from, row).zip(count(to, row));
        let part = items.row(row).zip(bounds).map(|(places, (from, to))| {
            let skipped = usize::try_from(from.saturating_sub(1)).unwrap_or(0);
            let end = usize::try_from(to).unwrap_or(0);
            places.take(end).skip(skipped)
        });
        gathered.push(part)?;
    }
    gathered.finish(&items.values)
}

/// An empty array for NULL.
pub(super) fn or_empty(lists: &ArrayRef) -> Result<ArrayRef> {
    let items = Items::of(lists);
    let mut gathered = Gathered::with_capacity(lists.len());
    for row in 0..lists.len() {
        gathered.push(Some(items.row(row).unwrap_or_default()))?;
    }
    gathered.finish(&items.values)
}

/// The items in order.
pub(super) fn sorted(
    lists: &ArrayRef,
    is_descending: bool,
    has_nulls_first: bool,
) -> Result<ArrayRef> {
    let items = Items::of(lists);
    let compare = comparator(&items.values, &items.values)?;
    let order = |a: &usize, b: &usize| match (items.values.is_null(*a), items.values.is_null(*b)) {
        (false, false) if is_descending => compare(*b, *a),
        (false, false) => compare(*a, *b),
        (a, b) if has_nulls_first => b.cmp(&a),
        (a, b) => a.cmp(&b),
    };
    let mut gathered = Gathered::with_capacity(lists.len());
    for row in 0..lists.len() {
        let places = items.row(row).map(|places| {
            let mut places: Vec<usize> = places.collect();
            places.sort_by(order);
            places
        });
        gathered.push(places)?;
    }
    gathered.finish(&items.values)
}

/// The type of an item by so many subscripts.
pub(super) fn subscripted(list: &DataType, subscripts: usize) -> Result<DataType> {
    match (list, subscripts) {
        (DataType::List(item), 1) if !matches!(item.data_type(), DataType::List(_)) => {
            Ok(item.data_type().clone())
        }
        (DataType::List(item), n) if n > 1 && matches!(item.data_type(), DataType::List(_)) => {
            subscripted(item.data_type(), n - 1)
        }
        _ => plan_err!("an item of an array has as many subscripts as the array has dimensions"),
    }
}

/// The item at some subscripts; NULL where there is none.
pub(super) fn subscript(lists: &ArrayRef, subscripts: &[ArrayRef]) -> Result<ArrayRef> {
    let mut values = Arc::clone(lists);
    let mut places: Vec<Option<usize>> = (0..lists.len()).map(Some).collect();
    for subscript in subscripts {
        let items = Items::of(&values);
        for (row, place) in places.iter_mut().enumerate() {
            let range = place.and_then(|place| items.row(place));
            let at = count(subscript, row).and_then(|n| usize::try_from(n).ok()?.checked_sub(1));
            *place = range.zip(at).and_then(|(mut range, at)| range.nth(at));
        }
        values = items.values;
    }
    if matches!(values.data_type(), DataType::List(_)) {
        return exec_err!("an item of an array has as many subscripts as the array has dimensions");
    }
    let places = places.into_iter().map(|place| place.map(|n| n as u64));
    Ok(take(&values, &places.collect::<UInt64Array>(), None)?)
}
