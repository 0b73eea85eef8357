//! Functions among what rows are put into order by. The engine asks a function for the range of its results,
//! and takes one that knows none for NULL, whatever its type: a comparison with that fails, and the engine
//! then believes that rows are in no order, although it has sorted them.

use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::interval_arithmetic::Interval;
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{
    ColumnarValue, Expr, LogicalPlan, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature,
};

/// A node about to be planned, whose functions have ranges where rows are put into order.
///
/// # Errors
/// When the node cannot be rewritten.
pub(in crate::engine) fn told(node: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    match node {
        LogicalPlan::Sort(_) | LogicalPlan::Window(_) | LogicalPlan::Aggregate(_) => {
            node.map_expressions(|expression| expression.transform_up(ranged))
        }
        other => Ok(Transformed::no(other)),
    }
}

fn ranged(expression: Expr) -> Result<Transformed<Expr>> {
    Ok(match expression {
        Expr::ScalarFunction(ScalarFunction { func, args }) => {
            let func = Arc::new(ScalarUDF::new_from_impl(Ranged(func)));
            Transformed::yes(Expr::ScalarFunction(ScalarFunction { func, args }))
        }
        other => Transformed::no(other),
    })
}

/// A function whose results have any value of their type.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Ranged(Arc<ScalarUDF>);

impl ScalarUDFImpl for Ranged {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn signature(&self) -> &Signature {
        self.0.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.0.return_type(types)
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.0.coerce_types(types)
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs) -> Result<FieldRef> {
        self.0.return_field_from_args(arguments)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.0.invoke_with_args(arguments)
    }

    fn evaluate_bounds(&self, inputs: &[&Interval]) -> Result<Interval> {
        let known = self.0.evaluate_bounds(inputs)?;
        if known.data_type() != DataType::Null {
            return Ok(known);
        }
        let types: Vec<DataType> = inputs.iter().map(|input| input.data_type()).collect();
        match self.0.return_type(&types) {
            Ok(data_type) => Interval::make_unbounded(&data_type),
            Err(_) => Ok(known),
        }
    }

    fn short_circuits(&self) -> bool {
        self.0.short_circuits()
    }

    fn output_ordering(&self, inputs: &[ExprProperties]) -> Result<SortProperties> {
        self.0.output_ordering(inputs)
    }

    fn preserves_lex_ordering(&self, inputs: &[ExprProperties]) -> Result<bool> {
        self.0.preserves_lex_ordering(inputs)
    }

    fn strictly_order_preserving(&self, inputs: &[ExprProperties]) -> Result<bool> {
        self.0.inner().strictly_order_preserving(inputs)
    }
}
