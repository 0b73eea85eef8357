//! `bool_and`, `bool_or`, `bit_and` and `bit_or` over a window's frame that moves on: how many values of the
//! frame have a bit, and how many lack it. The engine's own forget no value.

use std::mem::size_of_val;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{DataType, FieldRef, Int64Type};
use datafusion::common::{ScalarValue, exec_err};
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, ReversedUDAF, Signature,
};

const NAMES: [&str; 4] = ["bool_and", "bool_or", "bit_and", "bit_or"];

/// The engine's functions, each with frames that move on.
pub(super) fn functions(engine: &[Arc<AggregateUDF>]) -> Vec<Arc<AggregateUDF>> {
    let own = engine.iter().filter(|function| NAMES.contains(&function.name()));
    own.map(|function| Arc::new(AggregateUDF::new_from_impl(Framed(Arc::clone(function)))))
        .collect()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Framed(Arc<AggregateUDF>);

impl AggregateUDFImpl for Framed {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn aliases(&self) -> &[String] {
        self.0.aliases()
    }

    fn signature(&self) -> &Signature {
        self.0.signature()
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.0.coerce_types(types)
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.0.return_type(types)
    }

    fn state_fields(&self, arguments: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        self.0.state_fields(arguments)
    }

    fn accumulator(&self, arguments: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        self.0.accumulator(arguments)
    }

    fn create_sliding_accumulator(
        &self,
        arguments: AccumulatorArgs,
    ) -> Result<Box<dyn Accumulator>> {
        let data_type = arguments.return_field.data_type().clone();
        let is_all = self.name().ends_with("_and");
        Ok(Box::new(Frame { data_type, is_all, values: 0, with: [0; 64] }))
    }

    fn groups_accumulator_supported(&self, arguments: AccumulatorArgs) -> bool {
        self.0.groups_accumulator_supported(arguments)
    }

    fn create_groups_accumulator(
        &self,
        arguments: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        self.0.create_groups_accumulator(arguments)
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        self.0.order_sensitivity()
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        self.0.reverse_udf()
    }
}

/// The values of a frame, by their bits.
#[derive(Debug)]
struct Frame {
    data_type: DataType,
    /// Whether all values must have a bit, or one.
    is_all: bool,
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
        let has = |with: &u64| if self.is_all { *with == self.values } else { *with > 0 };
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
            Frame { data_type: DataType::Int64, is_all: false, values: 0, with: [0; 64] };
        assert_eq!(frame.evaluate().unwrap(), ScalarValue::Int64(None));
        frame.update_batch(&column(&[-1, 5, 6])).unwrap();
        assert_eq!(frame.evaluate().unwrap(), ScalarValue::Int64(Some(-1)));
        frame.retract_batch(&column(&[-1])).unwrap();
        assert_eq!(frame.evaluate().unwrap(), ScalarValue::Int64(Some(7)));
        frame.is_all = true;
        assert_eq!(frame.evaluate().unwrap(), ScalarValue::Int64(Some(4)));
    }
}
