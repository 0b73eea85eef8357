//! `array_key(array)`: bytes in the order of arrays. Items come first to last, NULL as the greatest; where
//! one array ends, the longer is greater.

use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryArray};
use arrow::compute::SortOptions;
use arrow::row::{RowConverter, SortField};
use datafusion::error::Result;

use super::super::floats;

pub(super) fn keys(lists: &ArrayRef) -> Result<ArrayRef> {
    let lists = floats::plain(lists);
    let ascending = SortOptions { descending: false, nulls_first: false };
    let field = SortField::new_with_options(lists.data_type().clone(), ascending);
    let rows = RowConverter::new(vec![field])?.convert_columns(&[Arc::clone(&lists)])?;
    let one = |n: usize| lists.is_valid(n).then(|| rows.row(n));
    let keys: BinaryArray = (0..lists.len()).map(one).collect();
    Ok(Arc::new(keys))
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, ListArray};
    use arrow::datatypes::{Float64Type, Int32Type};

    use super::*;

    fn are_ascending(lists: ListArray) -> bool {
        let keys = keys(&(Arc::new(lists) as ArrayRef)).unwrap();
        let keys = keys.as_any().downcast_ref::<BinaryArray>().unwrap();
        (1..keys.len()).all(|n| keys.value(n - 1) < keys.value(n))
    }

    #[test]
    fn null_is_the_greatest_item_and_longer_arrays_are_greater() {
        assert!(are_ascending(ListArray::from_iter_primitive::<Int32Type, _, _>(vec![
            Some(vec![]),
            Some(vec![Some(-1)]),
            Some(vec![Some(1)]),
            Some(vec![Some(1), Some(2)]),
            Some(vec![Some(1), Some(2), Some(i32::MIN)]),
            Some(vec![Some(1), None]),
            Some(vec![None]),
            Some(vec![None, None]),
        ])));
    }

    #[test]
    fn floats_have_one_zero_and_nan_is_the_greatest_number() {
        let lists = ListArray::from_iter_primitive::<Float64Type, _, _>(vec![
            Some(vec![Some(0.0)]),
            Some(vec![Some(-0.0)]),
        ]);
        let found = keys(&(Arc::new(lists) as ArrayRef)).unwrap();
        let found = found.as_any().downcast_ref::<BinaryArray>().unwrap();
        assert_eq!(found.value(0), found.value(1));
        assert!(are_ascending(ListArray::from_iter_primitive::<Float64Type, _, _>(vec![
            Some(vec![Some(f64::NEG_INFINITY)]),
            Some(vec![Some(-0.0)]),
            Some(vec![Some(f64::INFINITY)]),
            Some(vec![Some(-f64::NAN)]),
            Some(vec![None]),
        ])));
    }
}
