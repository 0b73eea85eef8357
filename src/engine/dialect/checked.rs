//! Arithmetic that fails where PostgreSQL's does: on numbers that the result's type cannot hold, and on
//! division by zero. The engine's own wraps around, or answers infinity.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, Datum, Decimal128Builder,
};
use arrow::compute::kernels::numeric;
use arrow::compute::{not, nullif, prep_null_mask_filter};
use arrow::datatypes::{
    DataType, Decimal128Type, Decimal256Type, DecimalType, Float32Type, Float64Type, i256,
};
use arrow::error::ArrowError;
use datafusion::common::exec_datafusion_err;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::type_coercion::binary::BinaryTypeCoercer;
use datafusion::logical_expr::{
    ColumnarValue, Expr, Operator, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};
use datafusion::physical_expr_common::datum::apply;

/// One of the five operations, on two values of types that fit together.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Checked {
    operator: Operator,
    /// The result's type, where it is not the engine's.
    result: Option<DataType>,
    signature: Signature,
}

impl Checked {
    fn of(operator: Operator, result: Option<DataType>, arguments: usize) -> Arc<ScalarUDF> {
        let signature = Signature::any(arguments, Volatility::Immutable);
        Arc::new(ScalarUDF::new_from_impl(Self { operator, result, signature }))
    }

    /// The operation as an expression.
    pub(super) fn call(
        operator: Operator,
        left: Expr,
        right: Expr,
        result: Option<DataType>,
    ) -> Expr {
        let function = Self::of(operator, result, 2);
        Expr::ScalarFunction(ScalarFunction::new_udf(function, vec![left, right]))
    }

    /// Whether an expression is such an operation.
    pub(super) fn is_call(expression: &Expr) -> bool {
        Self::of_call(expression).is_some()
    }

    fn of_call(expression: &Expr) -> Option<&Self> {
        match expression {
            Expr::ScalarFunction(call) => call.func.inner().downcast_ref(),
            _ => None,
        }
    }

    /// The operation with a guard: NULL for rows for which the guard is not true, whatever they hold.
    ///
    /// # Errors
    /// Gives back what is not such an operation.
    pub(super) fn guarded(expression: Expr, guard: &Expr) -> Result<Expr, Box<Expr>> {
        let Some(Self { operator, result, .. }) = Self::of_call(&expression) else {
            return Err(Box::new(expression));
        };
        let function = Self::of(*operator, result.clone(), 3);
        let Expr::ScalarFunction(mut call) = expression else { return Err(Box::new(expression)) };
        let guard = match call.args.len() {
            3 => call.args.pop().map_or(guard.clone(), |inner| inner.and(guard.clone())),
            _ => guard.clone(),
        };
        call.args.push(guard);
        Ok(Expr::ScalarFunction(ScalarFunction::new_udf(function, call.args)))
    }
}

impl ScalarUDFImpl for Checked {
    fn name(&self) -> &'static str {
        match self.operator {
            Operator::Plus => "add",
            Operator::Minus => "subtract",
            Operator::Multiply => "multiply",
            Operator::Divide => "divide",
            _ => "modulo",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match (&self.result, types) {
            (Some(result), _) => Ok(result.clone()),
            (None, [left, right, ..]) => {
                BinaryTypeCoercer::new(left, &self.operator, right).get_result_type()
            }
            _ => Err(exec_datafusion_err!("{} takes two values", self.operator)),
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let wanted = arguments.return_type();
        let calculate =
            |left: &dyn Datum, right: &dyn Datum| calculated(self.operator, left, right, wanted);
        match arguments.args.as_slice() {
            [left, right] => apply(left, right, calculate).map_err(told),
            [left, right, guard] => {
                let (left, guard) = (left.to_array(arguments.number_rows)?, guard);
                let guard = guard.to_array(arguments.number_rows)?;
                let left = ColumnarValue::Array(where_true(&left, guard.as_boolean())?);
                apply(&left, right, calculate).map_err(told)
            }
            _ => Err(exec_datafusion_err!("{} takes two values", self.operator)),
        }
    }
}

/// Values where a guard is true, and NULL elsewhere: of NULL nothing is computed.
fn where_true(values: &ArrayRef, guard: &BooleanArray) -> Result<ArrayRef> {
    let open = match guard.nulls() {
        Some(_) => prep_null_mask_filter(guard),
        None => guard.clone(),
    };
    Ok(nullif(values, &not(&open)?)?)
}

/// The words of PostgreSQL for an error of the kernels.
fn told(error: DataFusionError) -> DataFusionError {
    match error {
        DataFusionError::ArrowError(inner, _) => match *inner {
            ArrowError::DivideByZero => exec_datafusion_err!("division by zero"),
            ArrowError::ArithmeticOverflow(words) => exec_datafusion_err!("{words}"),
            other => DataFusionError::from(other),
        },
        other => other,
    }
}

fn calculated(
    operator: Operator,
    left: &dyn Datum,
    right: &dyn Datum,
    wanted: &DataType,
) -> Result<ArrayRef, ArrowError> {
    if let (Operator::Divide, DataType::Decimal128(digits, scale)) = (operator, wanted) {
        return quotient(left, right, *digits, *scale);
    }
    let result = match operator {
        Operator::Plus => numeric::add(left, right),
        Operator::Minus => numeric::sub(left, right),
        Operator::Multiply => numeric::mul(left, right),
        Operator::Divide => numeric::div(left, right),
        _ => numeric::rem(left, right),
    };
    let result = result.map_err(|error| match error {
        ArrowError::ArithmeticOverflow(_) => out_of_range(wanted),
        other => other,
    })?;
    match result.data_type() {
        DataType::Float64 => refuse_infinite::<Float64Type>(operator, left, right, &result)?,
        DataType::Float32 => refuse_infinite::<Float32Type>(operator, left, right, &result)?,
        // A result of fewer digits holds whatever its operands make.
        DataType::Decimal128(38, _) => {
            let decimals = result.as_primitive::<Decimal128Type>();
            decimals.validate_decimal_precision(38).map_err(|_| out_of_range(wanted))?;
        }
        DataType::Decimal256(76, _) => {
            let decimals = result.as_primitive::<Decimal256Type>();
            decimals.validate_decimal_precision(76).map_err(|_| out_of_range(wanted))?;
        }
        _ => {}
    }
    Ok(result)
}

fn out_of_range(data_type: &DataType) -> ArrowError {
    let name = match data_type {
        DataType::Int8 | DataType::Int16 => "smallint",
        DataType::Int32 => "integer",
        DataType::Int64 => "bigint",
        DataType::Decimal128(..) | DataType::Decimal256(..) => "numeric",
        _ => "value",
    };
    ArrowError::ArithmeticOverflow(format!("{name} out of range"))
}

/// Floats that leave their range are an error, and so is dividing them by zero. NaN and infinity that were
/// there before pass through.
fn refuse_infinite<T>(
    operator: Operator,
    left: &dyn Datum,
    right: &dyn Datum,
    result: &ArrayRef,
) -> Result<(), ArrowError>
where
    T: ArrowPrimitiveType,
    T::Native: Into<f64>,
{
    let result = result.as_primitive::<T>();
    let odd = |value: &T::Native| is_odd((*value).into());
    // Most batches hold neither.
    let divides = operator == Operator::Divide;
    if operator == Operator::Modulo || !divides && !result.values().iter().any(odd) {
        return Ok(());
    }
    let (left, left_is_one) = left.get();
    let (right, right_is_one) = right.get();
    let (left, right) = (left.as_primitive::<T>(), right.as_primitive::<T>());
    for row in (0..result.len()).filter(|row| result.is_valid(*row)) {
        let a: f64 = left.value(if left_is_one { 0 } else { row }).into();
        let b: f64 = right.value(if right_is_one { 0 } else { row }).into();
        let found: f64 = result.value(row).into();
        if divides && b == 0.0 && !a.is_nan() {
            return Err(ArrowError::DivideByZero);
        }
        if found.is_infinite() && !a.is_infinite() && !b.is_infinite() {
            let words = "value out of range: overflow".to_owned();
            return Err(ArrowError::ArithmeticOverflow(words));
        }
        let vanishes = found == 0.0 && a != 0.0;
        let underflow = match operator {
            Operator::Multiply => vanishes && b != 0.0,
            Operator::Divide => vanishes && !b.is_infinite(),
            _ => false,
        };
        if underflow {
            let words = "value out of range: underflow".to_owned();
            return Err(ArrowError::ArithmeticOverflow(words));
        }
    }
    Ok(())
}

/// Whether a result may be of operands that it does not stand for.
fn is_odd(value: f64) -> bool {
    value.is_infinite() || value == 0.0
}

/// Decimals divided to a scale, rounded half away from zero.
fn quotient(
    left: &dyn Datum,
    right: &dyn Datum,
    digits: u8,
    scale: i8,
) -> Result<ArrayRef, ArrowError> {
    let (left, left_is_one) = left.get();
    let (right, right_is_one) = right.get();
    let shift = i32::from(scale) - i32::from(scale_of(left)) + i32::from(scale_of(right));
    let (left, right) =
        (left.as_primitive::<Decimal128Type>(), right.as_primitive::<Decimal128Type>());
    let rows = if left_is_one { right.len() } else { left.len() };
    let mut found = Decimal128Builder::with_capacity(rows);
    for row in 0..rows {
        let (a, b) = (if left_is_one { 0 } else { row }, if right_is_one { 0 } else { row });
        if left.is_null(a) || right.is_null(b) {
            found.append_null();
            continue;
        }
        let divided = rounded(left.value(a), right.value(b), shift)?;
        let value = divided.and_then(|value| value.to_i128());
        match value.filter(|v| Decimal128Type::is_valid_decimal_precision(*v, digits)) {
            Some(value) => found.append_value(value),
            None => return Err(out_of_range(&DataType::Decimal128(digits, scale))),
        }
    }
    Ok(Arc::new(found.finish().with_precision_and_scale(digits, scale)?))
}

fn scale_of(array: &dyn Array) -> i8 {
    match array.data_type() {
        DataType::Decimal128(_, scale) => *scale,
        _ => 0,
    }
}

/// `a / b`, shifted by so many decimal places; `None` beyond 76 digits.
fn rounded(a: i128, b: i128, shift: i32) -> Result<Option<i256>, ArrowError> {
    let (mut a, mut b) = (i256::from_i128(a), i256::from_i128(b));
    if b == i256::ZERO {
        return Err(ArrowError::DivideByZero);
    }
    let power = i256::from_i128(10).checked_pow(shift.unsigned_abs());
    let side = if shift < 0 { &mut b } else { &mut a };
    let Some(shifted) = power.and_then(|power| side.checked_mul(power)) else { return Ok(None) };
    *side = shifted;
    let (whole, rest) = (a.wrapping_div(b), a.wrapping_rem(b));
    let two = i256::from_i128(2);
    let is_half = rest.wrapping_abs().wrapping_mul(two) >= b.wrapping_abs();
    let step = match (is_half, a.is_negative() == b.is_negative()) {
        (false, _) => i256::ZERO,
        (true, true) => i256::ONE,
        (true, false) => i256::MINUS_ONE,
    };
    Ok(whole.checked_add(step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_are_rounded_half_away_from_zero() {
        let divided = |a, b, shift| rounded(a, b, shift).unwrap().and_then(|v| v.to_i128());
        assert_eq!(divided(1, 2, 0), Some(1));
        assert_eq!(divided(-1, 2, 0), Some(-1));
        assert_eq!(divided(1, -3, 4), Some(-3333));
        assert_eq!(divided(2, 3, 4), Some(6667));
        assert_eq!(divided(i128::MAX, 1, 0), Some(i128::MAX));
        assert_eq!(divided(i128::MAX, 1, 60), None);
        assert!(rounded(1, 0, 0).is_err());
    }
}
