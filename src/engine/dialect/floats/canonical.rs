//! `canonical(float)`: the one zero and the one NaN of PostgreSQL. The engine tells zeros by their sign, and
//! NaN by its bits.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StructArray};
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use datafusion::common::{ScalarValue, exec_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// The function's name in a plan.
const NAME: &str = "canonical";

#[derive(Debug, PartialEq, Eq, Hash)]
struct Canonical {
    signature: Signature,
}

/// A float without a sign at zero and NaN.
pub(super) fn canonical(value: Expr) -> Expr {
    if let Expr::Literal(literal, metadata) = value {
        return Expr::Literal(of_scalar(literal), metadata);
    }
    if is_canonical(&value) {
        return value;
    }
    let signature = Signature::any(1, Volatility::Immutable);
    let function = ScalarUDF::new_from_impl(Canonical { signature });
    Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(function), vec![value]))
}

/// Whether an expression has one zero and one NaN by itself: numbers of other types have.
fn is_canonical(value: &Expr) -> bool {
    matches!(value, Expr::ScalarFunction(call) if call.name() == NAME)
}

fn double(value: f64) -> f64 {
    if value.is_nan() { f64::NAN } else { value + 0.0 }
}

fn real(value: f32) -> f32 {
    if value.is_nan() { f32::NAN } else { value + 0.0 }
}

fn of_scalar(value: ScalarValue) -> ScalarValue {
    match value {
        ScalarValue::Float64(Some(value)) => ScalarValue::Float64(Some(double(value))),
        ScalarValue::Float32(Some(value)) => ScalarValue::Float32(Some(real(value))),
        ScalarValue::List(lists) => {
            let lists: ArrayRef = lists;
            ScalarValue::List(Arc::new(of_array(&lists).as_list::<i32>().clone()))
        }
        other => other,
    }
}

impl ScalarUDFImpl for Canonical {
    fn name(&self) -> &'static str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(types.first().cloned().unwrap_or(DataType::Null))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match arguments.args.as_slice() {
            [ColumnarValue::Scalar(value)] => Ok(ColumnarValue::Scalar(of_scalar(value.clone()))),
            [ColumnarValue::Array(values)] => Ok(ColumnarValue::Array(of_array(values))),
            _ => exec_err!("{NAME} takes one value"),
        }
    }
}

/// Floats, or arrays of them, without signs at zero and NaN; other values as they are.
pub(in super::super) fn of_array(values: &ArrayRef) -> ArrayRef {
    match values.data_type() {
        DataType::Float64 => {
            let floats = values.as_primitive::<Float64Type>();
            Arc::new(floats.unary::<_, Float64Type>(double))
        }
        DataType::Float32 => {
            let floats = values.as_primitive::<Float32Type>();
            Arc::new(floats.unary::<_, Float32Type>(real))
        }
        DataType::List(item) => {
            let (_, ends, items, nulls) = values.as_list::<i32>().clone().into_parts();
            Arc::new(ListArray::new(Arc::clone(item), ends, of_array(&items), nulls))
        }
        DataType::Struct(fields) => {
            let (_, columns, nulls) = values.as_struct().clone().into_parts();
            let columns = columns.iter().map(of_array).collect();
            Arc::new(StructArray::new(fields.clone(), columns, nulls))
        }
        _ => Arc::clone(values),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_and_nan_have_no_sign() {
        assert_eq!(double(-0.0).to_bits(), 0.0_f64.to_bits());
        assert_eq!(double(-f64::NAN).to_bits(), f64::NAN.to_bits());
        assert_eq!(real(-f32::NAN).to_bits(), f32::NAN.to_bits());
        assert_eq!(double(-1.5), -1.5);
        assert_eq!(double(f64::NEG_INFINITY), f64::NEG_INFINITY);
    }
}
