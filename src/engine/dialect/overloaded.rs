//! Operators that mean one thing of arrays and another of JSON, until the types of their sides are known.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// `a @> b`.
pub(super) const CONTAINS: &str = "contains";
/// `a <@ b`.
pub(super) const CONTAINED: &str = "is_contained";

#[derive(Debug, PartialEq, Eq, Hash)]
struct Overloaded {
    name: &'static str,
    signature: Signature,
}

/// The functions. No statement can write their names: the table of functions lacks them.
pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    let function = |name| {
        let signature = Signature::any(2, Volatility::Immutable);
        Arc::new(ScalarUDF::new_from_impl(Overloaded { name, signature }))
    };
    [CONTAINS, CONTAINED].into_iter().map(function).collect()
}

impl ScalarUDFImpl for Overloaded {
    fn name(&self) -> &'static str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        plan_err!("operator {} has no types", self.name)
    }
}
