//! Columns that the engine takes for constants. A constant of the side of an outer join that may be missing
//! is NULL in some rows, a constant that a grouping set leaves out is NULL in its rows, and constants of the
//! branches of a union may differ. The engine takes all of these for constants, and drops them from ORDER BY
//! and PARTITION BY.

use std::sync::Arc;

use datafusion::common::JoinType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::joins::{HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec};
use datafusion::physical_plan::union::{InterleaveExec, UnionExec};
use datafusion::physical_plan::{ExecutionPlan, replace_children_if_necessary};

use super::varying::{Known, varying};

/// The rule, ahead of those that believe in constants.
#[derive(Debug)]
pub(super) struct Constants;

impl PhysicalOptimizerRule for Constants {
    fn name(&self) -> &'static str {
        "constants"
    }

    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let sides = missing_sides(node.as_ref());
            let inputs = node.children().into_iter().enumerate();
            let inputs = inputs.map(|(n, input)| match sides.contains(&n) {
                true => varying(Arc::clone(input), Known::Nothing),
                false => Arc::clone(input),
            });
            let inputs = inputs.collect();
            let node = replace_children_if_necessary(node, inputs)?;
            let is_union = node.is::<UnionExec>() || node.is::<InterleaveExec>();
            let has_sets = node
                .downcast_ref::<AggregateExec>()
                .is_some_and(|aggregate| aggregate.group_expr().has_grouping_set());
            Ok(Transformed::yes(match (has_sets, is_union) {
                (true, _) => varying(node, Known::Nothing),
                (_, true) => varying(node, Known::InPartitions),
                _ => node,
            }))
        })
        .map(|done| done.data)
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Which inputs of an operator may be missing from its rows.
fn missing_sides(node: &dyn ExecutionPlan) -> &'static [usize] {
    let hashed = node.downcast_ref::<HashJoinExec>().map(|join| *join.join_type());
    let nested = node.downcast_ref::<NestedLoopJoinExec>().map(|join| *join.join_type());
    let merged = node.downcast_ref::<SortMergeJoinExec>().map(|join| join.join_type());
    match hashed.or(nested).or(merged) {
        Some(JoinType::Left) => &[1],
        Some(JoinType::Right) => &[0],
        Some(JoinType::Full) => &[0, 1],
        _ => &[],
    }
}
