//! What the expressions of an operator tell of the batches that it should be given.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::physical_expr::expressions::Literal;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_plan::ExecutionPlan;

use super::grown::Grown;
use super::weights;

/// Most rows of a batch whose values grow.
const GROWING_ROWS: usize = 2_048;

/// Rows of a batch whose constants, written out for each, have so many bytes.
fn rows_within(bytes: usize, constants: usize) -> usize {
    bytes.checked_div(constants).unwrap_or(usize::MAX).max(1)
}

/// How many rows an operator should be given at a time; `None` for as many as there are.
pub(super) fn rows(plan: &dyn ExecutionPlan, bytes: usize) -> Result<Option<usize>> {
    let (mut constants, mut grows) = (0usize, false);
    plan.apply_expressions(&mut |root: &Arc<dyn PhysicalExpr>| {
        root.apply(|e| {
            if let Some(literal) = e.downcast_ref::<Literal>() {
                constants = constants.saturating_add(weights::of_scalar(literal.value()));
            }
            grows |= e
                .downcast_ref::<ScalarFunctionExpr>()
                .is_some_and(|call| call.fun().inner().is::<Grown>());
            Ok(TreeNodeRecursion::Continue)
        })
    })?;
    let most = rows_within(bytes, constants).min(if grows { GROWING_ROWS } else { usize::MAX });
    Ok((most < FULL).then_some(most))
}

/// Rows of the largest batches.
const FULL: usize = 8_192;
