//! `unknown(text)`: a quoted literal beside values of other types, until the coercion gives it theirs. The
//! engine takes it for NULL, and asks the others for the type.

use arrow::datatypes::DataType;
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// The function's name in a plan. No statement can write it: the table of functions lacks it.
pub(super) const NAME: &str = "unknown";

#[derive(Debug, PartialEq, Eq, Hash)]
struct Unknown {
    signature: Signature,
}

pub(super) fn function() -> ScalarUDF {
    ScalarUDF::new_from_impl(Unknown { signature: Signature::any(1, Volatility::Immutable) })
}

impl ScalarUDFImpl for Unknown {
    fn name(&self) -> &'static str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Null)
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        plan_err!("a quoted literal has no type")
    }
}
