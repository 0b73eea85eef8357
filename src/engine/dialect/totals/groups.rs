//! Totals of many groups at once.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, Int64Array};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::exec_datafusion_err;
use datafusion::error::Result;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::{Wanted, each};

/// What a group has come to.
#[derive(Debug, Clone, Copy, Default)]
struct Group {
    sum: i128,
    count: i64,
}

/// The groups, by their numbers.
#[derive(Debug)]
pub(super) struct Groups {
    wanted: Wanted,
    groups: Vec<Group>,
}

impl Groups {
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, groups: Vec::new() }
    }

    fn add(&mut self, group: usize, value: i128, count: i64) -> Option<()> {
        let group = self.groups.get_mut(group)?;
        group.sum = group.sum.checked_add(value)?;
        group.count += count;
        Some(())
    }

    fn taken(&self, taken: Option<()>) -> Result<()> {
        taken.ok_or_else(|| self.wanted.out_of_range())
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
        self.groups.resize(total, Group::default());
        let taken = match filter {
            None => each(first(values)?, |row, value| self.add(groups[row], value, 1))?,
            filter => each(first(values)?, |row, value| match counts(filter, row) {
                true => self.add(groups[row], value, 1),
                false => Some(()),
            })?,
        };
        self.taken(taken)
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.groups.resize(total, Group::default());
        let counts =
            states.get(1).ok_or_else(|| exec_datafusion_err!("a total without a count"))?;
        let counts = counts.as_primitive::<Int64Type>();
        let taken = each(first(states)?, |row, sum| self.add(groups[row], sum, counts.value(row)))?;
        self.taken(taken)
    }

    fn state(&mut self, emit: EmitTo) -> Result<Vec<ArrayRef>> {
        let groups = emit.take_needed(&mut self.groups);
        let counts: Int64Array = groups.iter().map(|group| Some(group.count)).collect();
        let sums = groups.into_iter().map(|group| Some(group.sum)).collect();
        Ok(vec![self.decimals(sums, self.wanted.scale)?, Arc::new(counts)])
    }

    fn evaluate(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let groups = emit.take_needed(&mut self.groups).into_iter();
        let results = groups.map(|group| self.wanted.result(group.sum, group.count));
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
            Some(())
        })?;
        Ok(vec![self.decimals(sums, self.wanted.scale)?, Arc::new(Int64Array::from(ones))])
    }

    fn size(&self) -> usize {
        self.groups.capacity() * size_of::<Group>()
    }
}
