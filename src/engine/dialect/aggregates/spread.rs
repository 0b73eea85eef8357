//! `variance` and `stddev`, of samples and of populations. Of integers and numerics they are exact numerics,
//! with the places that PostgreSQL gives them; of floats they are the engine's.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, ReversedUDAF, Signature,
    Volatility,
};

use super::sliding::{Sliding, Told};
use super::squares::{Distinct, Squares, Wanted};
use crate::engine::dialect::kinds::type_name;

#[derive(Debug, PartialEq, Eq, Hash)]
struct Spread {
    name: &'static str,
    is_root: bool,
    is_sample: bool,
    /// The engine's, of floats.
    engine: Arc<AggregateUDF>,
    signature: Signature,
}

const FUNCTIONS: [(&str, &str, bool, bool); 6] = [
    ("stddev", "stddev", true, true),
    ("stddev_pop", "stddev_pop", true, false),
    ("stddev_samp", "stddev", true, true),
    ("var_pop", "var_pop", false, false),
    ("var_samp", "var", false, true),
    ("variance", "var", false, true),
];

pub(super) fn functions(engine: &[Arc<AggregateUDF>]) -> Vec<Arc<AggregateUDF>> {
    let made = |(name, engines, is_root, is_sample)| {
        let engine = engine.iter().find(|function| function.name() == engines)?;
        let signature = Signature::user_defined(Volatility::Immutable);
        let spread = Spread { name, is_root, is_sample, engine: Arc::clone(engine), signature };
        Some(Arc::new(AggregateUDF::new_from_impl(spread)))
    };
    FUNCTIONS.into_iter().filter_map(made).collect()
}

/// The scale of values that are exact.
fn scale(data_type: &DataType) -> Option<i8> {
    match data_type {
        DataType::Decimal128(_, scale) => Some(*scale),
        _ => None,
    }
}

impl Spread {
    fn wanted(&self, args: &AccumulatorArgs) -> Option<Wanted> {
        let scale = scale(args.expr_fields.first()?.data_type())?;
        let DataType::Decimal128(_, places) = args.return_field.data_type() else { return None };
        let (is_root, is_sample) = (self.is_root, self.is_sample);
        Some(Wanted { is_root, is_sample, scale, places: *places })
    }
}

impl AggregateUDFImpl for Spread {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let [given] = types else { return plan_err!("{} takes one value", self.name) };
        Ok(vec![match given {
            DataType::Dictionary(_, value) => return self.coerce_types(&[value.as_ref().clone()]),
            DataType::Decimal128(..) => given.clone(),
            DataType::Int8 | DataType::UInt8 | DataType::Int16 => DataType::Decimal128(5, 0),
            DataType::UInt16 | DataType::Int32 => DataType::Decimal128(10, 0),
            DataType::UInt32 | DataType::Int64 => DataType::Decimal128(19, 0),
            DataType::UInt64 => DataType::Decimal128(20, 0),
            DataType::Float16 | DataType::Float32 | DataType::Float64 | DataType::Null => {
                DataType::Float64
            }
            other => {
                return plan_err!("function {}({}) does not exist", self.name, type_name(other));
            }
        }])
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(match types {
            // The square of a large number takes more of the digits than its root.
            [DataType::Decimal128(digits, scale)] if !self.is_root && *digits > 10 => {
                DataType::Decimal128(38, (*scale).clamp(10, 16))
            }
            [DataType::Decimal128(_, scale)] => DataType::Decimal128(38, (*scale).clamp(16, 20)),
            _ => DataType::Float64,
        })
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let given = args.input_fields.first().map(|f| f.data_type());
        let Some(scale) = given.and_then(scale) else { return self.engine.state_fields(args) };
        let field = |name: &str, data_type| {
            Arc::new(Field::new(format_state_name(args.name, name), data_type, true))
        };
        let value = DataType::Decimal128(38, scale);
        Ok(match args.is_distinct {
            true => vec![field("values", DataType::new_list(value, true))],
            false => vec![
                field("sum", DataType::Decimal256(76, 0)),
                field("squares", DataType::Decimal256(76, 0)),
                field("count", DataType::Int64),
            ],
        })
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        match self.wanted(&args) {
            None => self.engine.accumulator(args),
            Some(wanted) if args.is_distinct => Ok(Box::new(Distinct::new(wanted))),
            Some(wanted) => Ok(Box::new(Squares::new(wanted))),
        }
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        match self.wanted(&args) {
            None if !args.is_distinct => {
                let (is_root, is_sample) = (self.is_root, self.is_sample);
                Ok(Box::new(Sliding::new(Told::Spread { is_root, is_sample })))
            }
            _ if args.is_distinct => {
                plan_err!("{}(distinct …) over a sliding frame is not supported", self.name)
            }
            Some(wanted) => Ok(Box::new(Squares::new(wanted))),
            None => self.engine.create_sliding_accumulator(args),
        }
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        self.wanted(&args).is_none() && self.engine.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        self.engine.create_groups_accumulator(args)
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}
