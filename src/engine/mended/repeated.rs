//! The rule that makes DISTINCT ON an aggregation of first values. Of expressions to order by that are alike,
//! the operator keeps one, is given the values of all, and fails. A later one orders nothing.

use std::sync::Arc;

use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::{Distinct, DistinctOn, LogicalPlan, SortExpr};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

/// The engine's rule, over expressions that differ.
#[derive(Debug)]
pub(super) struct Repeated(pub(super) Arc<dyn OptimizerRule + Send + Sync>);

impl OptimizerRule for Repeated {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        self.0.apply_order()
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        config: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        let plan = match plan {
            LogicalPlan::Distinct(Distinct::On(on)) => {
                LogicalPlan::Distinct(Distinct::On(once_each(on)))
            }
            plan => plan,
        };
        self.0.rewrite(plan, config)
    }
}

/// The same rows, ordered by each expression once: as it stands first.
fn once_each(mut on: DistinctOn) -> DistinctOn {
    let Some(sorts) = on.sort_expr.take() else { return on };
    let mut kept: Vec<SortExpr> = Vec::with_capacity(sorts.len());
    for sort in sorts {
        if kept.iter().all(|other| other.expr != sort.expr) {
            kept.push(sort);
        }
    }
    on.sort_expr = Some(kept);
    on
}
