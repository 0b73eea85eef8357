//! Functions that return rows: in FROM, beside the tables whose columns they look at, and in a SELECT list.
//!
//! The text is rewritten so that every such function is one of two: the items of an array, or a series.
//! A node of the plan then makes their rows a batch at a time, so that a series of any length is no more
//! than the rows that are taken from it.

mod batches;
mod calls;
mod carried;
mod execution;
mod lateral;
mod node;
mod relation;
mod rule;
mod steps;
mod syntax;

use std::sync::Arc;

use datafusion::common::tree_node::TreeNode;
use datafusion::logical_expr::planner::RelationPlanner;
use datafusion::logical_expr::{LogicalPlan, ScalarUDF};
use datafusion::optimizer::AnalyzerRule;
use datafusion::physical_planner::DefaultPhysicalPlanner;

pub use node::SetReturning;
pub(super) use syntax::Rows;

/// What stands for the functions until their nodes are made.
pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    calls::functions()
}

/// The planner of such functions in FROM.
pub(super) fn relation_planner() -> Arc<dyn RelationPlanner> {
    Arc::new(relation::Functions)
}

/// Whether rows of functions are made anywhere in a plan.
pub(super) fn makes_rows(plan: &LogicalPlan) -> bool {
    let makes = |node: &LogicalPlan| {
        Ok(SetReturning::of(node).is_some() || node.expressions().iter().any(calls::has_call))
    };
    plan.exists(makes).unwrap_or(true)
}

/// The rule that makes nodes of calls.
pub(super) fn rule() -> Arc<dyn AnalyzerRule + Send + Sync> {
    Arc::new(rule::SetReturningCalls)
}

/// The planner of operators, with that of this module among those of the engine.
pub(super) fn physical_planner() -> DefaultPhysicalPlanner {
    DefaultPhysicalPlanner::with_extension_planners(vec![Arc::new(execution::Planner)])
}
