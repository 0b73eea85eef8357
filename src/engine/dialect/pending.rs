//! An operator of a statement, until the types of its sides are settled: those that the engine plans with
//! may change where branches, results or rows of VALUES have different types.

use std::sync::Arc;

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::type_coercion::binary::BinaryTypeCoercer;
use datafusion::logical_expr::{
    ColumnarValue, Expr, Operator, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::intervals::{INTERVAL, instant};
use super::kinds::Kind;

#[derive(Debug, PartialEq, Eq, Hash)]
struct Pending {
    operator: Operator,
    signature: Signature,
}

/// The operator between two sides.
pub(super) fn pending(operator: Operator, left: Expr, right: Expr) -> Expr {
    let signature = Signature::any(2, Volatility::Immutable);
    let function = ScalarUDF::new_from_impl(Pending { operator, signature });
    Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(function), vec![left, right]))
}

/// Whether a call is such an operator.
pub(super) fn is_one(call: &ScalarFunction) -> bool {
    call.func.inner().downcast_ref::<Pending>().is_some()
}

/// The operator of a call, and its sides.
///
/// # Errors
/// Gives back what is not such a call.
pub(super) fn sides(expression: Expr) -> Result<(Operator, Expr, Expr), Box<Expr>> {
    let Expr::ScalarFunction(mut call) = expression else { return Err(Box::new(expression)) };
    let Some(operator) = call.func.inner().downcast_ref::<Pending>().map(|p| p.operator) else {
        return Err(Box::new(Expr::ScalarFunction(call)));
    };
    match (call.args.pop(), call.args.pop()) {
        (Some(right), Some(left)) => Ok((operator, left, right)),
        _ => Err(Box::new(Expr::ScalarFunction(call))),
    }
}

impl ScalarUDFImpl for Pending {
    fn name(&self) -> &'static str {
        match self.operator {
            Operator::Eq => "equal",
            Operator::NotEq => "unequal",
            Operator::Lt => "less",
            Operator::LtEq => "at_most",
            Operator::Gt => "more",
            Operator::GtEq => "at_least",
            Operator::IsDistinctFrom => "distinct_from",
            Operator::IsNotDistinctFrom => "not_distinct_from",
            Operator::Plus => "plus",
            Operator::Minus => "minus",
            Operator::Multiply => "times",
            Operator::Divide => "over",
            Operator::StringConcat => "joined",
            _ => "rest",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    /// The type as far as it is known yet; one that cannot be is found out later.
    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let [left, right] = types else { return plan_err!("an operator has two sides") };
        if self.operator == Operator::StringConcat {
            let is_own = |t: &&DataType| matches!(Kind::of_type(t), Kind::Array | Kind::Jsonb);
            let list = types.iter().find(is_own);
            return Ok(list.cloned().unwrap_or(DataType::Utf8));
        }
        if !self.operator.is_numerical_operators() {
            return Ok(DataType::Boolean);
        }
        Ok(calculated(self.operator, left, right).unwrap_or(DataType::Null))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        plan_err!("operator {} has no types", self.operator)
    }
}

/// What comes of two types.
fn calculated(operator: Operator, left: &DataType, right: &DataType) -> Option<DataType> {
    use Kind::{BigInt, Date, Integer, Interval, SmallInt, Time, Timestamp, Timestamptz, Unknown};
    let kinds = (Kind::of_type(left), Kind::of_type(right));
    match kinds {
        (Unknown, Unknown) => None,
        (Unknown, _) => calculated(operator, right, right),
        (_, Unknown) => calculated(operator, left, left),
        (Date, SmallInt | Integer | BigInt) | (SmallInt | Integer | BigInt, Date) => {
            Some(DataType::Date32)
        }
        (Date, Date) => Some(DataType::Int32),
        (Date | Timestamp | Timestamptz, Date | Timestamp | Timestamptz) => Some(INTERVAL),
        (Date, Time) | (Time, Date) => Some(instant(false)),
        (Time, Time) => Some(INTERVAL),
        (Time, Interval) | (Interval, Time) => Some(DataType::Time64(TimeUnit::Microsecond)),
        (Interval, Timestamptz) | (Timestamptz, Interval) => Some(instant(true)),
        (Interval, Timestamp | Date) | (Timestamp | Date, Interval) => Some(instant(false)),
        (Interval, _) | (_, Interval) => Some(INTERVAL),
        (a, b) if a.is_number() && b.is_number() => match a.operand(b)? {
            float if float.is_float() => float.data_type(),
            _ => BinaryTypeCoercer::new(left, &operator, right).get_result_type().ok(),
        },
        _ => None,
    }
}
