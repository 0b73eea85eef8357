//! Floats of a window's frame that moves on: each frame is computed anew, as PostgreSQL does. What has been
//! added to a float is not taken off again: a NaN would stay, and so would what is lost by rounding.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::mem::size_of_val;

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float64Type};
use datafusion::common::{ScalarValue, exec_datafusion_err, exec_err};
use datafusion::error::Result;
use datafusion::logical_expr::Accumulator;

/// What is told of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine::dialect) enum Told {
    Sum,
    /// A sum that is a real.
    RealSum,
    Average,
    /// The spread of a sample or of all there is; its root, or its square.
    Spread {
        is_root: bool,
        is_sample: bool,
    },
}

/// The values of a frame.
#[derive(Debug)]
pub(in crate::engine::dialect) struct Sliding {
    told: Told,
    values: VecDeque<f64>,
}

impl Sliding {
    pub fn new(told: Told) -> Self {
        Self { told, values: VecDeque::new() }
    }

    fn sum(&self) -> Result<f64> {
        let sum: f64 = self.values.iter().sum();
        match sum.is_infinite() && self.values.iter().all(|value| value.is_finite()) {
            true => Err(exec_datafusion_err!("value out of range: overflow")),
            false => Ok(sum),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a count of rows")]
    fn spread(&self, is_root: bool, is_sample: bool) -> Option<f64> {
        let below = if is_sample { self.values.len().checked_sub(1)? } else { self.values.len() };
        if below == 0 {
            return None;
        }
        // The sum of squared deviations, by Youngs and Cramer.
        let (mut n, mut sum, mut squares) = (0.0, 0.0, 0.0);
        for value in &self.values {
            n += 1.0;
            sum += value;
            if n > 1.0 {
                let off: f64 = value * n - sum;
                squares += off * off / (n * (n - 1.0));
            } else if !value.is_finite() {
                squares = f64::NAN;
            }
        }
        let spread = squares / below as f64;
        Some(if is_root { spread.sqrt() } else { spread })
    }
}

/// Doubles or reals as doubles.
fn doubles(values: &[ArrayRef]) -> Result<Vec<f64>> {
    let Some(values) = values.first() else { return Ok(Vec::new()) };
    match values.data_type() {
        DataType::Float64 | DataType::Float32 => {
            let doubles = arrow::compute::cast(values, &DataType::Float64)?;
            Ok(doubles.as_primitive::<Float64Type>().iter().flatten().collect())
        }
        other => exec_err!("{other} is not a float"),
    }
}

impl Accumulator for Sliding {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.values.extend(doubles(values)?);
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let gone = doubles(values)?.len().min(self.values.len());
        self.values.drain(..gone);
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn merge_batch(&mut self, _: &[ArrayRef]) -> Result<()> {
        exec_err!("a frame is not merged")
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        exec_err!("a frame is not merged")
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let is_empty = self.values.is_empty();
        Ok(match self.told {
            #[expect(clippy::cast_possible_truncation, reason = "the sum of reals is one")]
            Told::RealSum => {
                let sum = if is_empty { None } else { Some(self.sum()? as f32) };
                ScalarValue::Float32(sum)
            }
            _ if is_empty => ScalarValue::Float64(None),
            Told::Sum => ScalarValue::Float64(Some(self.sum()?)),
            #[expect(clippy::cast_precision_loss, reason = "a count of rows")]
            Told::Average => ScalarValue::Float64(Some(self.sum()? / self.values.len() as f64)),
            Told::Spread { is_root, is_sample } => {
                ScalarValue::Float64(self.spread(is_root, is_sample))
            }
        })
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.values.capacity() * size_of::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::Float64Array;

    use super::*;

    #[test]
    fn what_has_left_the_frame_leaves_no_trace() {
        let column = |values: &[f64]| -> Vec<ArrayRef> {
            vec![Arc::new(Float64Array::from(values.to_vec()))]
        };
        let mut sum = Sliding::new(Told::Sum);
        sum.update_batch(&column(&[f64::NAN, 0.1])).unwrap();
        sum.retract_batch(&column(&[f64::NAN])).unwrap();
        assert_eq!(sum.evaluate().unwrap(), ScalarValue::Float64(Some(0.1)));
        let mut spread = Sliding::new(Told::Spread { is_root: false, is_sample: true });
        spread.update_batch(&column(&[1.0, 2.0, 4.0])).unwrap();
        let ScalarValue::Float64(Some(found)) = spread.evaluate().unwrap() else { panic!() };
        assert!((found - 7.0 / 3.0).abs() < 1e-12);
        spread.retract_batch(&column(&[1.0, 2.0])).unwrap();
        assert_eq!(spread.evaluate().unwrap(), ScalarValue::Float64(None));
    }
}
