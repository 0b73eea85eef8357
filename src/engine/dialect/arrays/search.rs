//! Items that are looked for: where they are, without them, others in their place; and arrays in arrays.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Int32Array, ListArray};
use arrow::compute::concat;
use arrow::datatypes::Int32Type;
use datafusion::common::exec_err;
use datafusion::error::Result;

use super::items::{Gathered, Items, comparator, count, is_same};

/// The place of the first item that is the same, from 1, at or behind a start.
pub(super) fn position(
    lists: &ArrayRef,
    item: &ArrayRef,
    start: Option<&ArrayRef>,
) -> Result<ArrayRef> {
    let items = Items::of(lists);
    let compare = comparator(&items.values, item)?;
    let one = |row: usize| {
        let Some(places) = items.row(row) else { return Ok(None) };
        let skipped = match start.map(|start| count(start, row)) {
            Some(None) => return exec_err!("initial position must not be null"),
            Some(Some(start)) => usize::try_from(start.saturating_sub(1)).unwrap_or(0),
            None => 0,
        };
        let mut rest = places.enumerate().skip(skipped);
        let found = rest.find(|(_, n)| is_same(&compare, (&items.values, *n), (item, row)));
        Ok(found.and_then(|(n, _)| i32::try_from(n + 1).ok()))
    };
    Ok(Arc::new((0..lists.len()).map(one).collect::<Result<Int32Array>>()?))
}

/// The places of all items that are the same, from 1.
pub(super) fn positions(lists: &ArrayRef, item: &ArrayRef) -> Result<ArrayRef> {
    let items = Items::of(lists);
    let compare = comparator(&items.values, item)?;
    let one = |row: usize| {
        let places = items.row(row)?.enumerate();
        let found = places.filter(|(_, n)| is_same(&compare, (&items.values, *n), (item, row)));
        Some(found.map(|(n, _)| i32::try_from(n + 1).ok()).collect::<Vec<_>>())
    };
    let all = (0..lists.len()).map(one);
    Ok(Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(all)))
}

/// The arrays without the items that are the same.
pub(super) fn remove(lists: &ArrayRef, item: &ArrayRef) -> Result<ArrayRef> {
    let items = Items::of(lists);
    let compare = comparator(&items.values, item)?;
    let mut gathered = Gathered::with_capacity(lists.len());
    for row in 0..lists.len() {
        let differs = |n: &usize| !is_same(&compare, (&items.values, *n), (item, row));
        gathered.push(items.row(row).map(|places| places.filter(differs)))?;
    }
    gathered.finish(&items.values)
}

/// The arrays with another item in the place of each that is the same.
pub(super) fn replace(lists: &ArrayRef, from: &ArrayRef, to: &ArrayRef) -> Result<ArrayRef> {
    let items = Items::of(lists);
    let compare = comparator(&items.values, from)?;
    let pool = concat(&[items.values.as_ref(), to.as_ref()])?;
    let mut gathered = Gathered::with_capacity(lists.len());
    for row in 0..lists.len() {
        let other = items.values.len() + row;
        let replaced = |n: usize| match is_same(&compare, (&items.values, n), (from, row)) {
            true => other,
            false => n,
        };
        gathered.push(items.row(row).map(|places| places.map(replaced)))?;
    }
    gathered.finish(&pool)
}

/// Whether an array has every item of another. NULL is like nothing.
pub(super) fn contains(lists: &ArrayRef, others: &ArrayRef) -> Result<ArrayRef> {
    let (left, right) = (Items::deepest(lists), Items::deepest(others));
    let compare = comparator(&left.values, &right.values)?;
    let one = |row: usize| {
        let (own, mut wanted) = (left.row(row)?, right.row(row)?);
        let has = |n: usize| {
            right.values.is_valid(n)
                && own.clone().any(|m| left.values.is_valid(m) && compare(m, n).is_eq())
        };
        Some(wanted.all(has))
    };
    Ok(Arc::new((0..lists.len()).map(one).collect::<BooleanArray>()))
}

/// Whether two arrays have an item in common.
pub(super) fn overlaps(lists: &ArrayRef, others: &ArrayRef) -> Result<ArrayRef> {
    let (left, right) = (Items::deepest(lists), Items::deepest(others));
    let compare = comparator(&left.values, &right.values)?;
    let one = |row: usize| {
        let (mut own, wanted) = (left.row(row)?, right.row(row)?);
        let has = |m: usize| {
            left.values.is_valid(m)
                && wanted.clone().any(|n| right.values.is_valid(n) && compare(m, n).is_eq())
        };
        Some(own.any(has))
    };
    Ok(Arc::new((0..lists.len()).map(one).collect::<BooleanArray>()))
}
