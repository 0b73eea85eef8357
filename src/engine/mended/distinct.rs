//! The rule that makes an aggregate of distinct values one of groups. It sums sums: of a sum whose type is
//! wider than its values' that is another type again, and the plan fails.

use std::sync::Arc;

use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

/// The engine's rule, for aggregations without a sum.
#[derive(Debug)]
pub(super) struct Distinct(pub(super) Arc<dyn OptimizerRule + Send + Sync>);

impl OptimizerRule for Distinct {
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
        match &plan {
            LogicalPlan::Aggregate(aggregate) if aggregate.aggr_expr.iter().any(sums) => {
                Ok(Transformed::no(plan))
            }
            _ => self.0.rewrite(plan, config),
        }
    }
}

fn sums(expression: &Expr) -> bool {
    match expression {
        Expr::Alias(alias) => sums(&alias.expr),
        Expr::AggregateFunction(call) => call.func.name() == "sum",
        _ => false,
    }
}
