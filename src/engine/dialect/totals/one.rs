//! Totals of one group: of a whole table, or of a window's frame.

use std::collections::HashSet;
use std::mem::size_of_val;

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{ScalarValue, exec_datafusion_err};
use datafusion::error::Result;
use datafusion::logical_expr::Accumulator;

use super::{Wanted, each, whole};

fn scalar(wanted: &Wanted, value: Option<i128>) -> Result<ScalarValue> {
    Ok(match &wanted.result {
        DataType::Int64 => {
            let value = value.map(i64::try_from).transpose();
            ScalarValue::Int64(value.map_err(|_| exec_datafusion_err!("bigint out of range"))?)
        }
        DataType::Decimal128(digits, scale) => ScalarValue::Decimal128(value, *digits, *scale),
        other => ScalarValue::try_from(other)?,
    })
}

fn first(values: &[ArrayRef]) -> Result<&ArrayRef> {
    values.first().ok_or_else(|| exec_datafusion_err!("a total of no column"))
}

/// Values as they come, and as they go.
#[derive(Debug)]
pub(super) struct Running {
    wanted: Wanted,
    sum: i128,
    count: i64,
}

impl Running {
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, sum: 0, count: 0 }
    }
}

impl Running {
    fn add(&mut self, sum: i128, count: i64) -> Option<()> {
        self.sum = self.sum.checked_add(sum)?;
        self.count += count;
        Some(())
    }

    fn taken(&self, taken: Option<()>) -> Result<()> {
        taken.ok_or_else(|| self.wanted.out_of_range())
    }
}

impl Accumulator for Running {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let values = first(values)?;
        let taken = match whole(values) {
            Some((sum, count)) => self.add(sum, count),
            None => each(values, |_, value| self.add(value, 1))?,
        };
        self.taken(taken)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let taken = each(first(values)?, |_, value| self.add(value.checked_neg()?, -1))?;
        self.taken(taken)
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let counts =
            states.get(1).ok_or_else(|| exec_datafusion_err!("a total without a count"))?;
        let counts = counts.as_primitive::<Int64Type>();
        let taken = each(first(states)?, |row, sum| self.add(sum, counts.value(row)))?;
        self.taken(taken)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let sum = ScalarValue::Decimal128(Some(self.sum), 38, self.wanted.scale);
        Ok(vec![sum, ScalarValue::Int64(Some(self.count))])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        scalar(&self.wanted, self.wanted.result(self.sum, self.count)?)
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
        each(first(values)?, |_, value| {
            self.values.insert(value);
            Some(())
        })?;
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let lists = first(states)?.as_list::<i32>();
        for list in lists.iter().flatten() {
            self.update_batch(&[list])?;
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let sum = DataType::Decimal128(38, self.wanted.scale);
        let value = |value: &i128| ScalarValue::Decimal128(Some(*value), 38, self.wanted.scale);
        let values: Vec<ScalarValue> = self.values.iter().map(value).collect();
        Ok(vec![ScalarValue::List(ScalarValue::new_list(&values, &sum, true))])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let sum = self.values.iter().try_fold(0_i128, |sum, value| sum.checked_add(*value));
        let sum = sum.ok_or_else(|| self.wanted.out_of_range())?;
        let count = i64::try_from(self.values.len()).unwrap_or(i64::MAX);
        scalar(&self.wanted, self.wanted.result(sum, count)?)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.values.capacity() * 2 * size_of::<i128>()
    }
}
