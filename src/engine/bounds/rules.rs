//! Rules of planning that look at the clock before each step.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::not_impl_datafusion_err;
use datafusion::common::tree_node::Transformed;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::{AnalyzerRule, ApplyOrder, OptimizerConfig, OptimizerRule};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizerContext;
use datafusion::physical_plan::ExecutionPlan;

use super::super::mended;
use super::analyzed::GrowingFunctions;
use super::{Bounds, in_turn};

type Analyzer = Arc<dyn AnalyzerRule + Send + Sync>;
type Logical = Arc<dyn OptimizerRule + Send + Sync>;
type Physical = Arc<dyn PhysicalOptimizerRule + Send + Sync>;

/// A rule within bounds.
#[derive(Debug)]
struct Timed<R> {
    rule: R,
    bounds: Arc<Bounds>,
}

/// The rules of the analyzer, and the one that bounds functions.
pub(super) fn analyzer(bounds: &Arc<Bounds>, rules: Vec<Analyzer>) -> Vec<Analyzer> {
    let grown = Arc::new(GrowingFunctions::new(bounds));
    let last: Analyzer = Arc::new(mended::Rewrites(grown));
    let rules = rules.into_iter().chain([last]);
    rules.map(|rule| Arc::new(Timed { rule, bounds: Arc::clone(bounds) }) as Analyzer).collect()
}

/// The rules of the optimizer.
pub(super) fn optimizer(bounds: &Arc<Bounds>) -> Vec<Logical> {
    mended::logical_rules()
        .map(|rule| Arc::new(Timed { rule, bounds: Arc::clone(bounds) }) as Logical)
        .collect()
}

/// The rules of the optimizer of operators.
pub(super) fn physical_optimizer(bounds: &Arc<Bounds>) -> Vec<Physical> {
    let own = std::iter::once(Arc::new(in_turn::BranchesInTurn) as Physical);
    own.chain(mended::physical_rules())
        .map(|rule| Arc::new(Timed { rule, bounds: Arc::clone(bounds) }) as Physical)
        .collect()
}

impl AnalyzerRule for Timed<Analyzer> {
    fn name(&self) -> &str {
        self.rule.name()
    }

    fn analyze(&self, plan: LogicalPlan, options: &ConfigOptions) -> Result<LogicalPlan> {
        self.bounds.check()?;
        self.rule.analyze(plan, options)
    }
}

impl OptimizerRule for Timed<Logical> {
    fn name(&self) -> &str {
        self.rule.name()
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        self.rule.apply_order()
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        config: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        self.bounds.check()?;
        self.rule.rewrite(plan, config).map_err(not_moved)
    }
}

/// Names are settled before the optimizer runs: what one of its rules does not find is a column of an outer
/// query that it could not move out of a subquery.
fn not_moved(error: DataFusionError) -> DataFusionError {
    match error.find_root() {
        DataFusionError::SchemaError(..) => not_impl_datafusion_err!("correlated subquery"),
        _ => error,
    }
}

impl PhysicalOptimizerRule for Timed<Physical> {
    fn name(&self) -> &str {
        self.rule.name()
    }

    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        options: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.bounds.check()?;
        self.rule.optimize(plan, options)
    }

    fn optimize_with_context(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        context: &dyn PhysicalOptimizerContext,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.bounds.check()?;
        self.rule.optimize_with_context(plan, context)
    }

    fn schema_check(&self) -> bool {
        self.rule.schema_check()
    }
}
