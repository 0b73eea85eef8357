//! `percentile_cont`, `percentile_disc` and `mode` WITHIN GROUP (ORDER BY …), and `median`, which is not
//! PostgreSQL's: percentile_cont(0.5).

use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::compute::SortOptions;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, ColumnarValue, Signature, Volatility,
};
use datafusion::physical_expr::expressions::Literal;

use super::picked::{Fractions, Picked, Picker};
use crate::engine::dialect::kinds::type_name;

/// Names in a plan; no statement can write them.
pub(in crate::engine::dialect) const EACH: &str = "array_agg_distinct";
pub(in crate::engine::dialect) const JOINED: &str = "string_agg_distinct";

/// What is told of ordered values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Told {
    Continuous,
    Discrete,
    Most,
    Middle,
    /// `array_agg(distinct …)` and `string_agg(distinct …)`: values that are told apart are sorted.
    Each,
    Joined,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Ordered {
    told: Told,
    signature: Signature,
}

pub(super) fn functions() -> Vec<Arc<AggregateUDF>> {
    let made = |told| {
        let signature = Signature::user_defined(Volatility::Immutable);
        Arc::new(AggregateUDF::new_from_impl(Ordered { told, signature }))
    };
    use Told::{Continuous, Discrete, Each, Joined, Middle, Most};
    [Continuous, Discrete, Most, Middle, Each, Joined].map(made).to_vec()
}

impl Ordered {
    fn missing(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let types: Vec<String> = types.iter().map(type_name).collect();
        plan_err!("function {}({}) does not exist", self.name(), types.join(", "))
    }

    fn interpolates(&self) -> bool {
        matches!(self.told, Told::Continuous | Told::Middle)
    }
}

impl AggregateUDFImpl for Ordered {
    fn name(&self) -> &'static str {
        match self.told {
            Told::Continuous => "percentile_cont",
            Told::Discrete => "percentile_disc",
            Told::Most => "mode",
            Told::Middle => "median",
            Told::Each => EACH,
            Told::Joined => JOINED,
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn supports_within_group_clause(&self) -> bool {
        matches!(self.told, Told::Continuous | Told::Discrete | Told::Most)
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let is_number = |t: &DataType| t.is_numeric() || *t == DataType::Null;
        if self.told == Told::Joined {
            let is_text = |t: &DataType| {
                matches!(
                    t,
                    DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null
                )
            };
            return match types.len() == 2 && types.iter().all(is_text) {
                true => Ok(vec![DataType::Utf8; 2]),
                false => self.missing(types),
            };
        }
        let (value, fraction) = match (self.told, types) {
            (Told::Most | Told::Middle | Told::Each, [value]) => (value, None),
            (Told::Continuous | Told::Discrete, [value, fraction]) => (value, Some(fraction)),
            _ => return self.missing(types),
        };
        let value = match (self.interpolates(), value) {
            (true, value) if is_number(value) => DataType::Float64,
            (true, _) => return self.missing(types),
            (false, DataType::Dictionary(_, inner)) => inner.as_ref().clone(),
            (false, value) => value.clone(),
        };
        let fraction = match fraction {
            None => None,
            Some(DataType::List(item)) if is_number(item.data_type()) => {
                Some(DataType::new_list(DataType::Float64, true))
            }
            Some(number) if is_number(number) => Some(DataType::Float64),
            Some(_) => return self.missing(types),
        };
        Ok([Some(value), fraction].into_iter().flatten().collect())
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let value = match types.first() {
            Some(value) if !self.interpolates() => value.clone(),
            _ => DataType::Float64,
        };
        Ok(match types.get(1) {
            Some(DataType::List(_)) => DataType::new_list(value, true),
            None if self.told == Told::Each => DataType::new_list(value, true),
            _ => value,
        })
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let given = args.input_fields.first().map_or(DataType::Null, |f| f.data_type().clone());
        let name = format_state_name(args.name, "values");
        Ok(vec![Arc::new(Field::new(name, DataType::new_list(given, true), true))])
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let order = args.order_bys.first();
        if order.is_none() && self.supports_within_group_clause() {
            return plan_err!("WITHIN GROUP is required for ordered-set aggregate {}", self.name());
        }
        if args.is_distinct && self.supports_within_group_clause() {
            return plan_err!("cannot use DISTINCT with WITHIN GROUP");
        }
        let picker = match self.told {
            Told::Most => Picker::Most,
            Told::Middle => Picker::Continuous(Fractions::One(Some(0.5))),
            Told::Each => Picker::Each,
            Told::Joined => Picker::Joined(delimiter(&args)?),
            Told::Continuous => Picker::Continuous(fractions(&args)?),
            Told::Discrete => Picker::Discrete(fractions(&args)?),
        };
        let given = args.expr_fields.first().map_or(DataType::Null, |f| f.data_type().clone());
        let is_distinct = args.is_distinct || matches!(self.told, Told::Each | Told::Joined);
        let in_order = SortOptions { descending: false, nulls_first: false };
        let order = order.map_or(in_order, |order| order.options);
        let result = args.return_field.data_type().clone();
        Ok(Box::new(Picked::new(picker, given, result, (order, is_distinct))))
    }
}

/// An argument that is constant.
fn constant(args: &AccumulatorArgs, at: usize) -> Option<ScalarValue> {
    let argument = args.exprs.get(at)?;
    if let Some(literal) = argument.downcast_ref::<Literal>() {
        return Some(literal.value().clone());
    }
    let nothing = arrow::array::RecordBatch::new_empty(Arc::new(args.schema.clone()));
    match argument.evaluate(&nothing) {
        Ok(ColumnarValue::Scalar(value)) => Some(value),
        _ => None,
    }
}

/// A delimiter; NULL is none.
fn delimiter(args: &AccumulatorArgs) -> Result<String> {
    match constant(args, 1) {
        Some(ScalarValue::Utf8(text)) => Ok(text.unwrap_or_default()),
        _ => plan_err!("the delimiter of string_agg is a constant"),
    }
}

/// The fractions, which are constant.
fn fractions(args: &AccumulatorArgs) -> Result<Fractions> {
    Ok(match constant(args, 1) {
        Some(ScalarValue::List(list)) if list.is_empty() || list.is_null(0) => Fractions::One(None),
        Some(ScalarValue::List(list)) => {
            let values = list.value(0);
            let values = values.as_primitive::<arrow::datatypes::Float64Type>();
            Fractions::Many(values.iter().map(checked).collect::<Result<_>>()?)
        }
        Some(ScalarValue::Float64(fraction)) => Fractions::One(checked(fraction)?),
        _ => return plan_err!("the fraction of a percentile is a constant"),
    })
}

fn checked(fraction: Option<f64>) -> Result<Option<f64>> {
    match fraction {
        Some(fraction) if !(0.0..=1.0).contains(&fraction) => {
            plan_err!("percentile value {fraction} is not between 0 and 1")
        }
        fraction => Ok(fraction),
    }
}
