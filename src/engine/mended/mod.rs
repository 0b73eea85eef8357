//! What rules of the engine's optimizer get wrong: rows that are left out, or stand in another order.

mod constants;
mod distinct;
mod embedded;
mod handed_down;
mod ranges;
mod rewrites;

use std::sync::Arc;

use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;

pub(super) use distinct::mended as logical_rule;
pub(super) use ranges::told;
pub(super) use rewrites::{Rewrites, each_expression, each_group};

type Rule = Arc<dyn PhysicalOptimizerRule + Send + Sync>;

/// The rules of the optimizer of operators, in their order.
pub(super) fn physical_rules() -> impl Iterator<Item = Rule> {
    let engines = PhysicalOptimizer::new().rules.into_iter();
    let engines = engines.map(|rule| match rule {
        rule if handed_down::hands_down(&rule) => Arc::new(handed_down::HandedDown(rule)) as Rule,
        rule if embedded::moves_projections(&rule) => Arc::new(embedded::LaidDown(rule)),
        rule => rule,
    });
    std::iter::once(Arc::new(constants::Constants) as Rule).chain(engines)
}
