//! `min` and `max` of floats in groups: what is not a number is greater than all numbers. The engine's own
//! begin with the greatest finite number and the least, and take whatever comes beside NaN.

use std::sync::Arc;

use arrow::datatypes::{DataType, Float32Type, Float64Type};
use datafusion::error::Result;
use datafusion::logical_expr::function::AccumulatorArgs;
use datafusion::logical_expr::{AggregateUDF, GroupsAccumulator};
use datafusion_functions_aggregate_common::aggregate::groups_accumulator::prim_op::PrimitiveGroupsAccumulator;

use super::changed::{self, Part};

/// The engine's functions, each with groups of floats.
pub(super) fn functions(engine: &[Arc<AggregateUDF>]) -> Vec<Arc<AggregateUDF>> {
    changed::functions(engine, &["min", "max"], Floats)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Floats;

/// The groups of a type of floats. NaN is greater than itself here, which changes nothing.
macro_rules! of_type {
    ($data_type:expr, $arrow:ident, $native:ident, $is_max:expr) => {
        match $is_max {
            true => Ok(Box::new(
                PrimitiveGroupsAccumulator::<$arrow, _>::new($data_type, |most, value| {
                    if value.is_nan() || value > *most {
                        *most = value;
                    }
                })
                .with_starting_value($native::NEG_INFINITY),
            )),
            false => Ok(Box::new(
                PrimitiveGroupsAccumulator::<$arrow, _>::new($data_type, |least, value| {
                    if least.is_nan() || value < *least {
                        *least = value;
                    }
                })
                .with_starting_value($native::NAN),
            )),
        }
    };
}

impl Part for Floats {
    fn groups(
        self,
        engine: &AggregateUDF,
        arguments: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        let is_max = engine.name() == "max";
        match arguments.return_field.data_type() {
            kind @ DataType::Float32 => of_type!(kind, Float32Type, f32, is_max),
            kind @ DataType::Float64 => of_type!(kind, Float64Type, f64, is_max),
            _ => engine.create_groups_accumulator(arguments),
        }
    }
}
