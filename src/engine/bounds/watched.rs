//! Conditions of joins that look at the clock: a join whose pairs are all dropped gives no batch for as
//! long as it takes, and looks at no other edge.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, Join, LogicalPlan, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Volatility,
};

use super::Bounds;

/// Passes a condition on, until the time is over.
#[derive(Debug)]
struct Watched {
    bounds: Arc<Bounds>,
    signature: Signature,
}

/// A node of a plan, whose condition is watched where it is a join's.
pub(super) fn condition(node: LogicalPlan, bounds: &Arc<Bounds>) -> Transformed<LogicalPlan> {
    let LogicalPlan::Join(join) = node else { return Transformed::no(node) };
    let Some(filter) = join.filter else {
        return Transformed::no(LogicalPlan::Join(join));
    };
    let signature = Signature::any(1, Volatility::Immutable);
    let watched = Watched { bounds: Arc::clone(bounds), signature };
    let function = Arc::new(ScalarUDF::new_from_impl(watched));
    let filter = Expr::ScalarFunction(ScalarFunction::new_udf(function, vec![filter]));
    Transformed::yes(LogicalPlan::Join(Join { filter: Some(filter), ..join }))
}

impl PartialEq for Watched {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.bounds, &other.bounds)
    }
}

impl Eq for Watched {}

impl Hash for Watched {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.bounds).hash(state);
    }
}

impl ScalarUDFImpl for Watched {
    fn name(&self) -> &'static str {
        "watched"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, mut arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.bounds.check()?;
        arguments.args.pop().ok_or_else(|| exec_datafusion_err!("a condition is missing"))
    }
}
