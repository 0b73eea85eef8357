//! Totals of many groups at once.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, Int64Array};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::exec_datafusion_err;
use datafusion::error::Result;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::{Wanted, each};

/// The sum and the count of each group.
#[derive(Debug)]
pub(super) struct Groups {
    wanted: Wanted,
    sums: Vec<i128>,
    counts: Vec<i64>,
}

impl Groups {
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, sums: Vec::new(), counts: Vec::new() }
    }

    fn grow(&mut self, groups: usize) {
        self.sums.resize(groups, 0);
        self.counts.resize(groups, 0);
    }

    fn add(&mut self, group: usize, value: i128, count: i64) -> Result<()> {
        let sum = self.sums[group].checked_add(value);
        self.sums[group] = sum.ok_or_else(|| self.wanted.out_of_range())?;
        self.counts[group] += count;
        Ok(())
    }

    fn decimals(&self, values: Vec<Option<i128>>, scale: i8) -> Result<ArrayRef> {
        let values = Decimal128Array::from(values).with_precision_and_scale(38, scale)?;
        Ok(Arc::new(values))
    }
}

/// Whether a row counts: FILTER is true for it.
fn counts(filter: Option<&BooleanArray>, row: usize) -> bool {
    filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row))
}

fn first(values: &[ArrayRef]) -> Result<&ArrayRef> {
    values.first().ok_or_else(|| exec_datafusion_err!("a total of no column"))
}

impl GroupsAccumulator for Groups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.grow(total);
        each(first(values)?, |row, value| match counts(filter, row) {
            true => self.add(groups[row], value, 1),
            false => Ok(()),
        })
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.grow(total);
        let counts =
            states.get(1).ok_or_else(|| exec_datafusion_err!("a total without a count"))?;
        let counts = counts.as_primitive::<Int64Type>();
        each(first(states)?, |row, sum| self.add(groups[row], sum, counts.value(row)))
    }

    fn state(&mut self, emit: EmitTo) -> Result<Vec<ArrayRef>> {
        let sums = emit.take_needed(&mut self.sums).into_iter().map(Some).collect();
        let counts = Int64Array::from(emit.take_needed(&mut self.counts));
        Ok(vec![self.decimals(sums, self.wanted.scale)?, Arc::new(counts)])
    }

    fn evaluate(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let sums = emit.take_needed(&mut self.sums);
        let counts = emit.take_needed(&mut self.counts);
        let results = sums.into_iter().zip(counts).map(|(sum, n)| self.wanted.result(sum, n));
        match &self.wanted.result {
            DataType::Decimal128(_, scale) => {
                self.decimals(results.collect::<Result<_>>()?, *scale)
            }
            _ => {
                let narrow = |value: Option<i128>| value.and_then(|v| i64::try_from(v).ok());
                let values = results.map(|value| value.map(narrow)).collect::<Result<Vec<_>>>()?;
                Ok(Arc::new(Int64Array::from(values)))
            }
        }
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let values = first(values)?;
        let mut sums = vec![None; values.len()];
        let mut ones = vec![0; values.len()];
        each(values, |row, value| {
            if counts(filter, row) {
                (sums[row], ones[row]) = (Some(value), 1);
            }
            Ok(())
        })?;
        Ok(vec![self.decimals(sums, self.wanted.scale)?, Arc::new(Int64Array::from(ones))])
    }

    fn size(&self) -> usize {
        self.sums.capacity() * size_of::<i128>() + self.counts.capacity() * size_of::<i64>()
    }
}
