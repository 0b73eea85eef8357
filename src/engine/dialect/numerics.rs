//! `numeric(value)`: a cast to a numeric of as many digits as the value has.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::conversions;
use super::kinds::Kind;
use super::numeric_texts::{DIGITS, of_text};

/// The function's name: `numeric(value)` is a cast to a numeric of as many digits as the value has.
pub(super) const NAME: &str = "numeric";

/// Places behind the point where a value's own are not known before it is read.
const PLACES: i8 = 16;

#[derive(Debug, PartialEq, Eq, Hash)]
struct Numeric {
    signature: Signature,
}

pub(super) fn function() -> ScalarUDF {
    ScalarUDF::new_from_impl(Numeric { signature: Signature::any(1, Volatility::Immutable) })
}

impl ScalarUDFImpl for Numeric {
    fn name(&self) -> &'static str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        types.first().map_or_else(|| plan_err!("{NAME} takes one value"), digits)
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<DataType> =
            arguments.arg_fields.iter().map(|f| f.data_type().clone()).collect();
        let data_type = match arguments.scalar_arguments {
            [Some(ScalarValue::Utf8(Some(text)))] => of_text(text)?,
            _ => self.return_type(&types)?,
        };
        Ok(Arc::new(Field::new(NAME, data_type, true)))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let wanted = arguments.return_type().clone();
        conversions::converted(&arguments.args, &wanted)
    }
}

/// The digits of a numeric that holds every value of a type.
pub(super) fn digits(data_type: &DataType) -> Result<DataType> {
    let kind = Kind::of_type(data_type);
    Ok(match data_type {
        DataType::Decimal128(..) | DataType::Decimal256(..) => data_type.clone(),
        DataType::UInt64 => DataType::Decimal128(20, 0),
        _ => match kind {
            Kind::SmallInt => DataType::Decimal128(5, 0),
            Kind::Integer => DataType::Decimal128(10, 0),
            Kind::BigInt => DataType::Decimal128(19, 0),
            Kind::Real | Kind::Double | Kind::Text | Kind::Unknown | Kind::Jsonb => {
                DataType::Decimal128(DIGITS, PLACES)
            }
            other => return plan_err!("cannot cast type {} to numeric", other.name()),
        },
    })
}
