//! Casts to integers round: floats to the even neighbour of a half, decimals away from zero. The engine's
//! cut.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// The function's name in a plan.
pub(super) const NAME: &str = "to_whole";

#[derive(Debug, PartialEq, Eq, Hash)]
struct Rounded {
    signature: Signature,
}

/// A number without its fraction.
pub(super) fn rounded(number: Expr) -> Expr {
    let signature = Signature::any(1, Volatility::Immutable);
    let function = ScalarUDF::new_from_impl(Rounded { signature });
    Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(function), vec![number]))
}

impl ScalarUDFImpl for Rounded {
    fn name(&self) -> &'static str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(match types.first() {
            Some(DataType::Decimal128(digits, scale)) if *scale > 0 => {
                // One digit more: 9.9 becomes 10.
                let whole = i16::from(*digits) - i16::from(*scale) + 1;
                DataType::Decimal128(u8::try_from(whole.clamp(1, 38)).unwrap_or(38), 0)
            }
            Some(other) => other.clone(),
            None => DataType::Null,
        })
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let wanted = arguments.return_type().clone();
        let is_scalar = arguments.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        let Some(array) = arrays.first() else {
            return datafusion::common::exec_err!("nothing to round");
        };
        let whole: ArrayRef = match array.data_type() {
            DataType::Float64 => {
                let floats = array.as_primitive::<Float64Type>();
                Arc::new(floats.unary::<_, Float64Type>(f64::round_ties_even))
            }
            DataType::Float32 => {
                let floats = array.as_primitive::<Float32Type>();
                Arc::new(floats.unary::<_, Float32Type>(f32::round_ties_even))
            }
            // A cast between scales rounds half away from zero.
            _ => {
                let strict = CastOptions { safe: false, ..CastOptions::default() };
                cast_with_options(array, &wanted, &strict)?
            }
        };
        match is_scalar {
            true => Ok(ColumnarValue::Scalar(datafusion::common::ScalarValue::try_from_array(
                &whole, 0,
            )?)),
            false => Ok(ColumnarValue::Array(whole)),
        }
    }
}
