//! Limits of ORDER BY. Where rows already come in the wanted order, the engine drops the sort and hands its
//! limit down, even through windows and filters, which then see only some of their rows. Above such operators
//! the order is hidden until sorts are settled.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::{ExecutionPlan, replace_children_if_necessary};

use super::varying::{Known, Varying};

/// A plan in which limits stay above operators that see all of their rows.
pub(super) fn held(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let hold = |node: Arc<dyn ExecutionPlan>| {
        let limited = node.downcast_ref::<SortExec>().filter(|sort| sort.fetch().is_some());
        Ok(match limited {
            Some(sort) if !passes(sort.input(), false) => {
                let input = Arc::new(Varying::of(Arc::clone(sort.input()), Known::Later));
                Transformed::yes(replace_children_if_necessary(node, vec![input])?)
            }
            _ => Transformed::no(node),
        })
    };
    plan.transform_up(hold).map(|done| done.data)
}

/// The same plan with every order in sight.
pub(super) fn released(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let release = |node: Arc<dyn ExecutionPlan>| {
        Ok(match node.downcast_ref::<Varying>() {
            Some(varying) if varying.known == Known::Later => {
                Transformed::yes(Arc::clone(&varying.input))
            }
            _ => Transformed::no(node),
        })
    };
    plan.transform_up(release).map(|done| done.data)
}

/// Whether the first rows of an operator are those of its inputs' first rows. A filter's are, where nothing
/// below takes a limit.
fn passes(node: &Arc<dyn ExecutionPlan>, is_filtered: bool) -> bool {
    let (is_filter, is_sort) = (node.is::<FilterExec>(), node.is::<SortExec>());
    let is_plain = node.is::<ProjectionExec>()
        || node.is::<RepartitionExec>()
        || node.is::<CoalescePartitionsExec>();
    let inputs = node.children();
    let passes_here = inputs.is_empty() || is_plain || is_filter || is_sort && !is_filtered;
    passes_here && inputs.into_iter().all(|input| passes(input, is_filtered || is_filter))
}
