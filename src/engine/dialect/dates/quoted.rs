//! A quoted argument of a function, whose type the other arguments decide.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// The function that marks a quoted argument, whose type the other arguments decide.
pub(in super::super) const QUOTED: &str = "quoted_value";

/// The text as a view: a type of texts that nothing else has here, by which overloads know it.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Quoted {
    signature: Signature,
}

pub(in super::super) fn function() -> Arc<ScalarUDF> {
    let signature = Signature::any(1, Volatility::Immutable);
    Arc::new(ScalarUDF::new_from_impl(Quoted { signature }))
}

impl ScalarUDFImpl for Quoted {
    fn name(&self) -> &'static str {
        QUOTED
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match arguments.args.as_slice() {
            [value] => value.cast_to(&DataType::Utf8View, None),
            _ => exec_err!("{QUOTED} takes one value"),
        }
    }
}
