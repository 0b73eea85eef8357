//! A rule of the engine that is shown a plan in which what it gets wrong cannot happen.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizerContext;
use datafusion::physical_plan::ExecutionPlan;

use super::Rule;

/// A change of a plan.
type Change = fn(Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>>;

/// The rule, what a plan becomes before it, and afterwards.
#[derive(Debug)]
pub(super) struct Around {
    pub(super) rule: Rule,
    pub(super) before: Change,
    pub(super) after: Change,
}

impl PhysicalOptimizerRule for Around {
    fn name(&self) -> &str {
        self.rule.name()
    }

    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        options: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        (self.after)(self.rule.optimize((self.before)(plan)?, options)?)
    }

    fn optimize_with_context(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        context: &dyn PhysicalOptimizerContext,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        (self.after)(self.rule.optimize_with_context((self.before)(plan)?, context)?)
    }

    fn schema_check(&self) -> bool {
        self.rule.schema_check()
    }
}
