//! `bool_and`, `bool_or`, `bit_and`, `bit_or` and `bit_xor` over a window's frame that moves on: how many values
//! of the frame have a bit, and how many lack it. The engine's own forget no value, or that there is none.

use std::mem::size_of_val;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{ScalarValue, exec_err};
use datafusion::error::Result;
use datafusion::logical_expr::function::AccumulatorArgs;
use datafusion::logical_expr::{Accumulator, AggregateUDF};

use super::changed::{self, Part};

const NAMES: &[&str] = &["bool_and", "bool_or", "bit_and", "bit_or", "bit_xor"];

/// The engine's functions, each with frames that move on.
pub(super) fn functions(engine: &[Arc<AggregateUDF>]) -> Vec<Arc<AggregateUDF>> {
    changed::functions(engine, NAMES, Framed)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Framed;

impl Part for Framed {
    fn sliding(self, engine: &AggregateUDF, a: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let data_type = a.return_field.data_type().clone();
        let set_by = match engine.name() {
            "bool_and" | "bit_and" => SetBy::All,
            "bit_xor" => SetBy::Odd,
            _ => SetBy::Any,
        };
        Ok(Box::new(Frame { data_type, set_by, values: 0, with: [0; 64] }))
    }
}

/// How many of the values set a bit of the result.
#[derive(Debug, Clone, Copy)]
enum SetBy {
    All,
    Any,
    Odd,
}

/// The values of a frame, by their bits.
#[derive(Debug)]
struct Frame {
    data_type: DataType,
    set_by: SetBy,
    values: u64,
    with: [u64; 64],
}

/// Values as the bits of a bigint; a boolean is one bit.
fn bits(values: &[ArrayRef]) -> Result<Vec<i64>> {
    let Some(values) = values.first() else { return Ok(Vec::new()) };
    let wide = arrow::compute::cast(values, &DataType::Int64)?;
    Ok(wide.as_primitive::<Int64Type>().iter().flatten().collect())
}

impl Frame {
    fn each(&mut self, values: &[ArrayRef], count: impl Fn(u64) -> u64) -> Result<()> {
        for value in bits(values)? {
            self.values = count(self.values);
            for (place, with) in self.with.iter_mut().enumerate() {
                if value >> place & 1 == 1 {
                    *with = count(*with);
                }
            }
        }
        Ok(())
    }
}

impl Accumulator for Frame {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.each(values, |n| n.saturating_add(1))
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.each(values, |n| n.saturating_sub(1))
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
        if self.values == 0 {
            return ScalarValue::try_from(&self.data_type);
        }
        let has = |with: &u64| match self.set_by {
            SetBy::All => *with == self.values,
            SetBy::Any => *with > 0,
            SetBy::Odd => with % 2 == 1,
        };
        let places = self.with.iter().enumerate().filter(|(_, with)| has(with));
        let bits = places.fold(0_i64, |bits, (place, _)| bits | 1 << place);
        ScalarValue::from(bits).cast_to(&self.data_type)
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::Int64Array;

    use super::*;

    #[test]
    fn what_has_left_the_frame_counts_no_more() {
        let column =
            |values: &[i64]| -> Vec<ArrayRef> { vec![Arc::new(Int64Array::from(values.to_vec()))] };
        let mut frame =
            Frame { data_type: DataType::Int64, set_by: SetBy::Any, values: 0, with: [0; 64] };
        assert_eq!(frame.evaluate().unwrap(), ScalarValue::Int64(None));
        frame.update_batch(&column(&[-1, 5, 6])).unwrap();
        assert_eq!(frame.evaluate().unwrap(), ScalarValue::Int64(Some(-1)));
        frame.retract_batch(&column(&[-1])).unwrap();
        assert_eq!(frame.evaluate().unwrap(), ScalarValue::Int64(Some(7)));
        frame.set_by = SetBy::All;
        assert_eq!(frame.evaluate().unwrap(), ScalarValue::Int64(Some(4)));
        frame.set_by = SetBy::Odd;
        assert_eq!(frame.evaluate().unwrap(), ScalarValue::Int64(Some(3)));
    }
}
