//! What rules of the engine's optimizer get wrong: rows that are left out, or stand in another order.

mod around;
mod constants;
mod distinct;
mod embedded;
mod handed_down;
mod limits;
mod ranges;
mod repeated;
mod rewrites;
mod varying;

use std::sync::Arc;

use datafusion::optimizer::{Optimizer, OptimizerRule};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;

pub(super) use ranges::told;
pub(super) use rewrites::{Rewrites, each_expression, each_group};

type Logical = Arc<dyn OptimizerRule + Send + Sync>;
type Rule = Arc<dyn PhysicalOptimizerRule + Send + Sync>;

/// The rules of the optimizer, in their order.
pub(super) fn logical_rules() -> impl Iterator<Item = Logical> {
    let engines = Optimizer::new().rules.into_iter().map(|rule| match rule.name() {
        "single_distinct_aggregation_to_group_by" => Arc::new(distinct::Distinct(rule)) as Logical,
        _ => rule,
    });
    engines.chain(std::iter::once(Arc::new(repeated::Repeated) as Logical))
}

/// The rules of the optimizer of operators, in their order.
pub(super) fn physical_rules() -> impl Iterator<Item = Rule> {
    let engines = PhysicalOptimizer::new().rules.into_iter().map(mended);
    std::iter::once(Arc::new(constants::Constants) as Rule).chain(engines)
}

/// A rule of the engine, with what its faults need around it.
fn mended(rule: Rule) -> Rule {
    let around = |rule, before, after| Arc::new(around::Around { rule, before, after }) as Rule;
    match rule.name() {
        name if name.starts_with("FilterPushdown") => {
            around(rule, handed_down::fenced, handed_down::unfenced)
        }
        "ProjectionPushdown" => around(rule, embedded::laid_down, Ok),
        "EnsureRequirements" => around(rule, limits::held, limits::released),
        _ => rule,
    }
}
