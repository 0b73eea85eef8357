//! `sum` and `avg` of integers and decimals: exact, as PostgreSQL's numeric, and an error where 38 digits do
//! not hold the result. Of other types they are the engine's.

mod groups;
mod one;
mod reals;

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Decimal128Type, DecimalType, Field, FieldRef, Int8Type, Int16Type, Int32Type,
    Int64Type, UInt64Type, i256,
};
use datafusion::common::{exec_datafusion_err, exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, ReversedUDAF, Signature,
    Volatility,
};

use super::aggregates::{Sliding, Told as SlidingTold};

/// The places behind the point that an average has at least, where 38 digits allow.
const PLACES: i8 = 16;

/// What is told of the values of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Told {
    Sum,
    Average,
}

/// `sum` or `avg`.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Total {
    told: Told,
    /// The engine's own, for floats and intervals.
    engine: Arc<AggregateUDF>,
    signature: Signature,
}

/// The engine's aggregate functions, with those that are exact in the place of its own.
pub(super) fn exact(functions: Vec<Arc<AggregateUDF>>) -> Vec<Arc<AggregateUDF>> {
    let replaced = |function: Arc<AggregateUDF>| {
        let told = match function.name() {
            "sum" => Told::Sum,
            "avg" => Told::Average,
            _ => return function,
        };
        let signature = Signature::user_defined(Volatility::Immutable);
        Arc::new(AggregateUDF::new_from_impl(Total { told, engine: function, signature }))
    };
    functions.into_iter().map(replaced).collect()
}

impl AggregateUDFImpl for Total {
    fn name(&self) -> &str {
        self.engine.name()
    }

    fn aliases(&self) -> &[String] {
        self.engine.aliases()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let [given] = types else {
            return plan_err!("{} takes one value", self.name());
        };
        Ok(vec![match given {
            DataType::Dictionary(_, value) => return self.coerce_types(&[value.as_ref().clone()]),
            exact if scale(exact).is_some() => exact.clone(),
            DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => DataType::Int64,
            DataType::Null => DataType::Int64,
            DataType::Float16 | DataType::Float32 if self.told == Told::Sum => DataType::Float32,
            DataType::Float16 | DataType::Float32 | DataType::Float64 => DataType::Float64,
            DataType::Interval(_) | DataType::Duration(_) => given.clone(),
            other => return plan_err!("{}({other}) is not defined", self.name()),
        }])
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let [given] = types else {
            return plan_err!("{} takes one value", self.name());
        };
        match (self.told, scale(given)) {
            (_, None) if *given == DataType::Float32 => Ok(DataType::Float32),
            (_, None) if matches!(given, DataType::Interval(_)) => Ok(given.clone()),
            (_, None) => self.engine.inner().return_type(types),
            (Told::Sum, Some(_)) if is_narrow(given) => Ok(DataType::Int64),
            (Told::Sum, Some(scale)) => Ok(DataType::Decimal128(38, scale)),
            (Told::Average, Some(scale)) => {
                let whole = digits(given) - scale;
                Ok(DataType::Decimal128(38, scale.max(PLACES.min(38 - whole))))
            }
        }
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let given = args.input_fields.first().map(|f| f.data_type());
        if given == Some(&DataType::Float32) {
            return Ok(reals::states(&args));
        }
        let Some(scale) = given.and_then(scale) else { return self.engine.state_fields(args) };
        let sum = DataType::Decimal128(38, scale);
        let field = |name: &str, data_type| {
            Arc::new(Field::new(format_state_name(args.name, name), data_type, true))
        };
        Ok(match args.is_distinct {
            true => vec![field("values", DataType::new_list(sum, true))],
            false => vec![field("sum", sum), field("count", DataType::Int64)],
        })
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        match self.wanted(&args) {
            None if is_real(&args) => Ok(reals::accumulator(args.is_distinct)),
            None => self.engine.accumulator(args),
            Some(wanted) if args.is_distinct => Ok(Box::new(one::Distinct::new(wanted))),
            Some(wanted) => Ok(Box::new(one::Running::new(wanted))),
        }
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        if args.is_distinct {
            return plan_err!("{}(distinct …) over a sliding frame is not supported", self.name());
        }
        if let Some(wanted) = self.wanted(&args) {
            return Ok(Box::new(one::Running::new(wanted)));
        }
        let given = args.expr_fields.first().map(|field| field.data_type().clone());
        let told = match (self.told, given) {
            (Told::Sum, Some(DataType::Float32)) => SlidingTold::RealSum,
            (Told::Sum, Some(DataType::Float64)) => SlidingTold::Sum,
            (Told::Average, Some(DataType::Float64)) => SlidingTold::Average,
            _ => return self.engine.create_sliding_accumulator(args),
        };
        Ok(Box::new(Sliding::new(told)))
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        match self.wanted(&args) {
            None if is_real(&args) => false,
            None => self.engine.groups_accumulator_supported(args),
            Some(_) => !args.is_distinct,
        }
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        match self.wanted(&args) {
            None => self.engine.create_groups_accumulator(args),
            Some(wanted) => Ok(Box::new(groups::Groups::new(wanted))),
        }
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}

fn is_real(args: &AccumulatorArgs) -> bool {
    args.expr_fields.first().is_some_and(|field| *field.data_type() == DataType::Float32)
}

impl Total {
    /// What is wanted of exact values; `None` where they are the engine's.
    fn wanted(&self, args: &AccumulatorArgs) -> Option<Wanted> {
        let scale = scale(args.expr_fields.first()?.data_type())?;
        Some(Wanted { told: self.told, scale, result: args.return_field.data_type().clone() })
    }
}

/// The result that is wanted of values of a scale.
#[derive(Debug, Clone)]
struct Wanted {
    told: Told,
    scale: i8,
    result: DataType,
}

impl Wanted {
    /// The result of a group.
    fn result(&self, sum: i128, count: i64) -> Result<Option<i128>> {
        if count == 0 {
            return Ok(None);
        }
        let value = match self.told {
            Told::Sum => Some(sum),
            Told::Average => average(sum, count, scale(&self.result).unwrap_or(0) - self.scale),
        };
        let fits = |value: &i128| match self.result {
            DataType::Int64 => i64::try_from(*value).is_ok(),
            _ => Decimal128Type::is_valid_decimal_precision(*value, 38),
        };
        value.filter(fits).map(Some).ok_or_else(|| self.out_of_range())
    }

    fn out_of_range(&self) -> datafusion::error::DataFusionError {
        match self.result {
            DataType::Int64 => exec_datafusion_err!("bigint out of range"),
            _ => exec_datafusion_err!("numeric out of range"),
        }
    }
}

/// A sum divided by a count to more places, rounded half away from zero.
fn average(sum: i128, count: i64, places: i8) -> Option<i128> {
    let power = i256::from_i128(10).checked_pow(u32::try_from(places).ok()?)?;
    let sum = i256::from_i128(sum).checked_mul(power)?;
    let count = i256::from_i128(i128::from(count));
    let (whole, rest) = (sum.wrapping_div(count), sum.wrapping_rem(count));
    let is_half = rest.wrapping_abs().wrapping_add(rest.wrapping_abs()) >= count;
    let step = match (is_half, sum.is_negative()) {
        (false, _) => i256::ZERO,
        (true, false) => i256::ONE,
        (true, true) => i256::MINUS_ONE,
    };
    whole.wrapping_add(step).to_i128()
}

/// The scale of values that are summed exactly.
fn scale(data_type: &DataType) -> Option<i8> {
    match data_type {
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 | DataType::UInt64 => {
            Some(0)
        }
        DataType::Decimal128(_, scale) if *scale >= 0 => Some(*scale),
        _ => None,
    }
}

/// Whether a bigint holds the sum of however many values there are.
fn is_narrow(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Int8 | DataType::Int16 | DataType::Int32)
}

fn digits(data_type: &DataType) -> i8 {
    match data_type {
        DataType::Int8 => 3,
        DataType::Int16 => 5,
        DataType::Int32 => 10,
        DataType::Int64 => 19,
        DataType::UInt64 => 20,
        DataType::Decimal128(digits, _) => i8::try_from(*digits).unwrap_or(38),
        _ => 38,
    }
}

/// Hands over every value that is not NULL, with its row, until one is not taken: then `None`.
fn each(values: &ArrayRef, mut take: impl FnMut(usize, i128) -> Option<()>) -> Result<Option<()>> {
    macro_rules! all {
        ($type:ty) => {{
            let values = values.as_primitive::<$type>();
            let mut rows = values.values().iter().enumerate();
            match values.nulls() {
                None => rows.try_for_each(|(row, value)| take(row, i128::from(*value))),
                Some(nulls) => rows.try_for_each(|(row, value)| match nulls.is_valid(row) {
                    true => take(row, i128::from(*value)),
                    false => Some(()),
                }),
            }
        }};
    }
    Ok(match values.data_type() {
        DataType::Int8 => all!(Int8Type),
        DataType::Int16 => all!(Int16Type),
        DataType::Int32 => all!(Int32Type),
        DataType::Int64 => all!(Int64Type),
        DataType::UInt64 => all!(UInt64Type),
        DataType::Decimal128(..) => all!(Decimal128Type),
        other => return exec_err!("{other} is not summed exactly"),
    })
}

/// The sum of integers and their count, where no batch of them can leave an `i128`: the check of each
/// addition is spared.
fn whole(values: &ArrayRef) -> Option<(i128, i64)> {
    macro_rules! sum {
        ($type:ty) => {{
            let values = values.as_primitive::<$type>();
            match values.null_count() {
                0 => values.values().iter().map(|value| i128::from(*value)).sum(),
                _ => values.iter().flatten().map(i128::from).sum(),
            }
        }};
    }
    let sum = match values.data_type() {
        DataType::Int8 => sum!(Int8Type),
        DataType::Int16 => sum!(Int16Type),
        DataType::Int32 => sum!(Int32Type),
        DataType::Int64 => sum!(Int64Type),
        DataType::UInt64 => sum!(UInt64Type),
        _ => return None,
    };
    Some((sum, i64::try_from(values.len() - values.null_count()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::average;

    #[test]
    fn averages_are_rounded_half_away_from_zero() {
        assert_eq!(average(1, 2, 0), Some(1));
        assert_eq!(average(-1, 2, 0), Some(-1));
        assert_eq!(average(1, 3, 4), Some(3333));
        assert_eq!(average(-2, 3, 4), Some(-6667));
        assert_eq!(average(i128::MAX, 1, 0), Some(i128::MAX));
        assert_eq!(average(i128::MAX, 1, 1), None);
    }
}
