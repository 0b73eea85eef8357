//! Tests of a value that SQL has no function for, as scalar functions of one argument: so that a
//! clause stays one DataFusion expression.

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// A test of each value of an array.
pub(in crate::check) trait ValueTest:
    Debug + PartialEq + Eq + Hash + Send + Sync + 'static
{
    /// The function's name in plans.
    const NAME: &'static str;

    /// True where the value passes; NULL or false for NULL.
    fn test(&self, values: &ArrayRef) -> Result<BooleanArray>;
}

/// The expression that tests a value.
pub(in crate::check) fn tested<T: ValueTest>(test: T, value: &Expr) -> Expr {
    let signature = Signature::any(1, Volatility::Immutable);
    ScalarUDF::new_from_impl(Function { signature, test }).call(vec![value.clone()])
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Function<T> {
    signature: Signature,
    test: T,
}

impl<T: ValueTest> ScalarUDFImpl for Function<T> {
    fn name(&self) -> &str {
        T::NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let values = args.args[0].to_array(args.number_rows)?;
        Ok(ColumnarValue::Array(Arc::new(self.test.test(&values)?)))
    }
}
