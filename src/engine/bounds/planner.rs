//! Makes operators of a plan, within bounds.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::common::Result;
use datafusion::common::tree_node::Transformed;
use datafusion::execution::context::QueryPlanner;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_planner::PhysicalPlanner;

use super::super::{dialect, mended};
use super::arena::Arena;
use super::{Bounds, operators, watched, windows};

/// The planner.
#[derive(Debug)]
pub(super) struct Planner {
    bounds: Arc<Bounds>,
}

impl Planner {
    /// A planner with the bounds of a query.
    pub fn new(bounds: &Arc<Bounds>) -> Self {
        Self { bounds: Arc::clone(bounds) }
    }

    /// Puts what no rule of the optimizer may meet into its plan.
    fn prepared(&self, plan: &LogicalPlan) -> Result<LogicalPlan> {
        let prepare = |node: LogicalPlan| {
            let node = watched::condition(node, &self.bounds);
            let windows = windows::bounded(node.data, &self.bounds)?;
            let ranges = mended::told(windows.data)?;
            let is_other = node.transformed || windows.transformed || ranges.transformed;
            Ok(Transformed::new(ranges.data, is_other, node.tnr))
        };
        Ok(plan.clone().transform_down_with_subqueries(prepare)?.data)
    }
}

#[async_trait]
impl QueryPlanner for Planner {
    async fn create_physical_plan(
        &self,
        plan: &LogicalPlan,
        session: &dyn datafusion::catalog::Session,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.bounds.check()?;
        let plan = self.prepared(plan)?;
        let planned = dialect::physical_planner().create_physical_plan(&plan, session).await?;
        let bounded = operators::bounded(&planned, &self.bounds);
        Arena::clear();
        bounded
    }
}
