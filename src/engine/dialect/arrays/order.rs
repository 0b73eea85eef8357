//! The order of arrays, and a value beside each item of one: `= ANY`, `> ALL`.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, DynComparator};
use arrow::compute::kernels::zip::zip;
use datafusion::common::exec_err;
use datafusion::error::Result;

use super::items::{Items, comparator};

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in super::super) enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Comparison {
    fn is_met(self, found: Ordering) -> bool {
        match self {
            Self::Equal => found.is_eq(),
            Self::Unequal => found.is_ne(),
            Self::Less => found.is_lt(),
            Self::AtMost => found.is_le(),
            Self::More => found.is_gt(),
            Self::AtLeast => found.is_ge(),
        }
    }
}

/// Whether a comparison is met with any item of an array, or with all: NULL where only NULLs could decide.
pub(super) fn any(
    comparison: Comparison,
    item: &ArrayRef,
    lists: &ArrayRef,
    is_any: bool,
) -> Result<ArrayRef> {
    let items = Items::deepest(lists);
    let compare = comparator(item, &items.values)?;
    let one = |row: usize| {
        let places = items.row(row)?;
        if places.is_empty() {
            return Some(!is_any);
        }
        if item.is_null(row) {
            return None;
        }
        let mut has_null = false;
        for n in places {
            if items.values.is_null(n) {
                has_null = true;
            } else if comparison.is_met(compare(row, n)) == is_any {
                return Some(is_any);
            }
        }
        (!has_null).then_some(!is_any)
    };
    Ok(Arc::new((0..lists.len()).map(one).collect::<BooleanArray>()))
}

/// Two arrays: by the first items that differ, of which NULL is the greatest, then by their lengths.
pub(super) fn compared(
    comparison: Comparison,
    left: &ArrayRef,
    right: &ArrayRef,
) -> Result<ArrayRef> {
    let (left, right) = (Items::deepest(left), Items::deepest(right));
    let compare = comparator(&left.values, &right.values)?;
    let rows = left.len();
    let one = |row: usize| {
        let found = ordered(&left, &right, row, &compare)?;
        Some(comparison.is_met(found))
    };
    Ok(Arc::new((0..rows).map(one).collect::<BooleanArray>()))
}

/// The greatest array of each row, or the least; NULL counts where there is nothing else.
pub(super) fn extreme(lists: &[ArrayRef], wanted: Ordering) -> Result<ArrayRef> {
    let Some((first, others)) = lists.split_first() else {
        return exec_err!("there is no array to choose from");
    };
    let better = |best: ArrayRef, other: &ArrayRef| -> Result<ArrayRef> {
        let (own, others) = (Items::deepest(&best), Items::deepest(other));
        let compare = comparator(&others.values, &own.values)?;
        let one = |row: usize| match ordered(&others, &own, row, &compare) {
            Some(found) => found == wanted,
            None => best.is_null(row),
        };
        let takes: BooleanArray = (0..best.len()).map(|row| Some(one(row))).collect();
        Ok(zip(&takes, other, &best)?)
    };
    others.iter().try_fold(Arc::clone(first), better)
}

fn ordered(left: &Items, right: &Items, row: usize, compare: &DynComparator) -> Option<Ordering> {
    let (own, others) = (left.row(row)?, right.row(row)?);
    let lengths = own.len().cmp(&others.len());
    for (a, b) in own.zip(others) {
        let found = match (left.values.is_null(a), right.values.is_null(b)) {
            (false, false) => compare(a, b),
            (a, b) => a.cmp(&b),
        };
        if found.is_ne() {
            return Some(found);
        }
    }
    Some(lengths)
}
