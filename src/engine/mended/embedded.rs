//! Projections that filters carry. When the engine moves a projection below such a filter, it takes the places
//! of the columns that the filter passes on for places among those that it is given: another column of the
//! same name is read, or no plan is found. Filters lay their projections down first.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::projection::ProjectionExpr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::{FilterExec, FilterExecBuilder};
use datafusion::physical_plan::projection::ProjectionExec;

/// A plan in which each projection that a filter carries stands above it.
pub(super) fn laid_down(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let apart = |node: Arc<dyn ExecutionPlan>| {
        let Some(filter) = node.downcast_ref::<FilterExec>() else {
            return Ok(Transformed::no(node));
        };
        let Some(places) = filter.projection() else { return Ok(Transformed::no(node)) };
        let given = filter.input().schema();
        let columns = places.iter().map(|place| {
            let name = given.field(*place).name();
            ProjectionExpr { expr: Arc::new(Column::new(name, *place)), alias: name.clone() }
        });
        let columns: Vec<ProjectionExpr> = columns.collect();
        let bare = FilterExecBuilder::from(filter).apply_projection(None)?.build()?;
        Ok(Transformed::yes(Arc::new(ProjectionExec::try_new(columns, Arc::new(bare))?) as _))
    };
    plan.transform_up(apart).map(|done| done.data)
}
