//! Sums of values and of their squares, and the spread that they tell.

use std::collections::HashSet;
use std::mem::size_of_val;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Decimal128Type, Decimal256Type, Int64Type, i256};
use datafusion::common::{ScalarValue, exec_datafusion_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::Accumulator;
use num_bigint::BigInt;

use crate::engine::dialect::exact::Exact;

/// What is wanted of values of a scale.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub is_root: bool,
    pub is_sample: bool,
    pub scale: i8,
    /// The scale of the result.
    pub places: i8,
}

fn out_of_range() -> DataFusionError {
    exec_datafusion_err!("numeric out of range: it takes more than 38 digits")
}

fn exact(value: i256, scale: i64) -> Exact {
    Exact::new(BigInt::from_signed_bytes_le(&value.to_le_bytes()), scale)
}

impl Wanted {
    /// The spread of so many values, as PostgreSQL computes it.
    fn result(&self, sum: i256, squares: i256, count: i64) -> Result<ScalarValue> {
        let scalar = |value| ScalarValue::Decimal128(value, 38, self.places);
        if count < if self.is_sample { 2 } else { 1 } {
            return Ok(scalar(None));
        }
        let scale = i64::from(self.scale);
        let (sum, squares) = (exact(sum, scale), exact(squares, 2 * scale));
        let n = Exact::new(count, 0);
        let above = n.times(&squares).minus(&sum.times(&sum));
        if above.is_zero() || above.is_negative() {
            return Ok(scalar(Some(0)));
        }
        let below = if self.is_sample { count - 1 } else { count };
        let below = n.times(&Exact::new(below, 0));
        let places = above.places_of_quotient(&below);
        let spread = above.over(&below, places);
        let spread = if self.is_root { spread.root(places) } else { spread };
        let digits = spread.rounded(i64::from(self.places)).digits();
        let fits = |digits: &i128| digits.unsigned_abs() < 10_u128.pow(38);
        digits.filter(fits).map(|digits| scalar(Some(digits))).ok_or_else(out_of_range)
    }
}

/// Sums that grow, and shrink where a window moves on.
#[derive(Debug)]
pub(super) struct Squares {
    wanted: Wanted,
    sum: i256,
    squares: i256,
    count: i64,
}

impl Squares {
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, sum: i256::ZERO, squares: i256::ZERO, count: 0 }
    }

    fn add(&mut self, sum: i256, squares: i256, count: i64) -> Result<()> {
        self.sum = self.sum.checked_add(sum).ok_or_else(out_of_range)?;
        self.squares = self.squares.checked_add(squares).ok_or_else(out_of_range)?;
        self.count += count;
        Ok(())
    }

    fn values(array: &[ArrayRef]) -> impl Iterator<Item = i256> {
        let values = array.first().map(|array| array.as_primitive::<Decimal128Type>());
        values.into_iter().flat_map(|values| values.iter().flatten()).map(i256::from_i128)
    }
}

impl Accumulator for Squares {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for value in Self::values(values) {
            self.add(value, value.checked_mul(value).ok_or_else(out_of_range)?, 1)?;
        }
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for value in Self::values(values) {
            let square = value.checked_mul(value).ok_or_else(out_of_range)?;
            self.add(value.wrapping_neg(), square.wrapping_neg(), -1)?;
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let [sums, squares, counts] = states else {
            return Err(exec_datafusion_err!("a spread has three states"));
        };
        let sums = sums.as_primitive::<Decimal256Type>();
        let squares = squares.as_primitive::<Decimal256Type>();
        let counts = counts.as_primitive::<Int64Type>();
        for row in (0..counts.len()).filter(|row| counts.is_valid(*row)) {
            self.add(sums.value(row), squares.value(row), counts.value(row))?;
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let wide = |value| ScalarValue::Decimal256(Some(value), 76, 0);
        Ok(vec![wide(self.sum), wide(self.squares), ScalarValue::Int64(Some(self.count))])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.wanted.result(self.sum, self.squares, self.count)
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }
}

/// Each value once.
#[derive(Debug)]
pub(super) struct Distinct {
    wanted: Wanted,
    values: HashSet<i128>,
}

impl Distinct {
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, values: HashSet::new() }
    }
}

impl Accumulator for Distinct {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        if let Some(values) = values.first() {
            self.values.extend(values.as_primitive::<Decimal128Type>().iter().flatten());
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some(lists) = states.first() else { return Ok(()) };
        for list in lists.as_list::<i32>().iter().flatten() {
            self.update_batch(&[list])?;
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let data_type = DataType::Decimal128(38, self.wanted.scale);
        let value = |value: &i128| ScalarValue::Decimal128(Some(*value), 38, self.wanted.scale);
        let values: Vec<ScalarValue> = self.values.iter().map(value).collect();
        Ok(vec![ScalarValue::List(ScalarValue::new_list(&values, &data_type, true))])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let mut squares = Squares::new(self.wanted);
        for value in self.values.iter().copied().map(i256::from_i128) {
            squares.add(value, value.checked_mul(value).ok_or_else(out_of_range)?, 1)?;
        }
        squares.evaluate()
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.values.capacity() * 2 * size_of::<i128>()
    }
}
