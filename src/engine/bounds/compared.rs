//! The operators `||` and `~` as functions, so that what they make and compile is bounded as well.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::type_coercion::binary::BinaryTypeCoercer;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, Operator, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Volatility,
};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{BinaryExpr as Physical, Column};

use super::patterns::MATCHES;

/// One of the operators.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Compared {
    operator: Operator,
    signature: Signature,
}

impl Compared {
    /// The function of an operator that needs bounds: where a text is made, or a pattern is not written
    /// in the query.
    pub fn of(both: &BinaryExpr) -> Option<Arc<ScalarUDF>> {
        let is_written = matches!(*both.right, Expr::Literal(..));
        let is_open = match both.op {
            Operator::StringConcat => true,
            Operator::RegexMatch
            | Operator::RegexIMatch
            | Operator::RegexNotMatch
            | Operator::RegexNotIMatch => !is_written,
            _ => false,
        };
        let signature = Signature::any(2, Volatility::Immutable);
        let function = Self { operator: both.op, signature };
        is_open.then(|| Arc::new(ScalarUDF::new_from_impl(function)))
    }
}

impl ScalarUDFImpl for Compared {
    fn name(&self) -> &'static str {
        match self.operator {
            Operator::StringConcat => "||",
            _ => MATCHES,
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match types {
            [left, right] => BinaryTypeCoercer::new(left, &self.operator, right).get_result_type(),
            _ => exec_err!("{} takes two values", self.operator),
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        let is_constant = arguments.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let rows = if is_constant { 1 } else { rows };
        let column = |n: usize| {
            Arc::new(Column::new(if n == 0 { "l" } else { "r" }, n)) as Arc<dyn PhysicalExpr>
        };
        let columns = arguments.args.iter().map(|a| a.to_array(rows));
        let fields = arguments.arg_fields.iter().zip(["l", "r"]);
        let fields = fields.map(|(f, name)| f.as_ref().clone().with_name(name).with_nullable(true));
        let schema = Arc::new(arrow::datatypes::Schema::new(fields.collect::<Vec<_>>()));
        let batch = arrow::array::RecordBatch::try_new(schema, columns.collect::<Result<_>>()?)?;
        let value = Physical::new(column(0), self.operator, column(1)).evaluate(&batch)?;
        match (is_constant, value) {
            (true, ColumnarValue::Array(array)) => Ok(ColumnarValue::Scalar(
                datafusion::common::ScalarValue::try_from_array(&array, 0)?,
            )),
            (_, value) => Ok(value),
        }
    }
}
