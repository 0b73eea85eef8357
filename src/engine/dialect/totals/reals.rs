//! Sums of reals: kept as doubles, and reals again in the end.

use std::collections::HashSet;
use std::mem::size_of_val;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Field, FieldRef, Float32Type, Float64Type, Int64Type};
use datafusion::common::{ScalarValue, exec_datafusion_err};
use datafusion::error::Result;
use datafusion::logical_expr::Accumulator;
use datafusion::logical_expr::function::StateFieldsArgs;
use datafusion::logical_expr::utils::format_state_name;

/// What is kept of a group.
pub(super) fn states(args: &StateFieldsArgs) -> Vec<FieldRef> {
    let field = |name: &str, data_type| {
        Arc::new(Field::new(format_state_name(args.name, name), data_type, true))
    };
    match args.is_distinct {
        true => vec![field("values", DataType::new_list(DataType::Float32, true))],
        false => vec![field("sum", DataType::Float64), field("count", DataType::Int64)],
    }
}

pub(super) fn accumulator(is_distinct: bool) -> Box<dyn Accumulator> {
    match is_distinct {
        true => Box::new(Distinct::default()),
        false => Box::new(Running::default()),
    }
}

fn real(sum: f64, count: i64) -> Result<ScalarValue> {
    #[expect(clippy::cast_possible_truncation, reason = "the sum of reals is one")]
    let narrow = sum as f32;
    match narrow.is_infinite() && sum.is_finite() {
        true => Err(exec_datafusion_err!("value out of range: overflow")),
        false => Ok(ScalarValue::Float32((count > 0).then_some(narrow))),
    }
}

#[derive(Debug, Default)]
struct Running {
    sum: f64,
    count: i64,
}

impl Running {
    fn add(&mut self, values: &[ArrayRef]) {
        let values = values.first().map(|values| values.as_primitive::<Float32Type>());
        for value in values.into_iter().flat_map(|values| values.iter().flatten()) {
            self.sum += f64::from(value);
            self.count += 1;
        }
    }
}

impl Accumulator for Running {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.add(values);
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let [sums, counts] = states else {
            return Err(exec_datafusion_err!("a total has two states"));
        };
        let (sums, counts) =
            (sums.as_primitive::<Float64Type>(), counts.as_primitive::<Int64Type>());
        for row in (0..counts.len()).filter(|row| counts.is_valid(*row)) {
            self.sum += sums.value(row);
            self.count += counts.value(row);
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![ScalarValue::Float64(Some(self.sum)), ScalarValue::Int64(Some(self.count))])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        real(self.sum, self.count)
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }
}

/// Each value once; zero has no sign, and all that is not a number is one value.
#[derive(Debug, Default)]
struct Distinct {
    values: HashSet<u32>,
}

impl Accumulator for Distinct {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let values = values.first().map(|values| values.as_primitive::<Float32Type>());
        for value in values.into_iter().flat_map(|values| values.iter().flatten()) {
            let one = if value.is_nan() { f32::NAN } else { value + 0.0 };
            self.values.insert(one.to_bits());
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some(lists) = states.first() else { return Ok(()) };
        lists.as_list::<i32>().iter().flatten().try_for_each(|list| self.update_batch(&[list]))
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let value = |bits: &u32| ScalarValue::Float32(Some(f32::from_bits(*bits)));
        let values: Vec<ScalarValue> = self.values.iter().map(value).collect();
        Ok(vec![ScalarValue::List(ScalarValue::new_list(&values, &DataType::Float32, true))])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let sum = self.values.iter().map(|bits| f64::from(f32::from_bits(*bits))).sum();
        real(sum, i64::try_from(self.values.len()).unwrap_or(i64::MAX))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.values.capacity() * 2 * size_of::<u32>()
    }
}
