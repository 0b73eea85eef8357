//! Aggregate functions that are PostgreSQL's: spreads of exact numbers, what is told of pairs, and
//! what is told of ordered values.

mod frames;
mod ordered;
mod pairs;
mod picked;
mod sliding;
mod spread;
mod squares;

use std::sync::Arc;

use datafusion::logical_expr::AggregateUDF;

pub(super) use ordered::{EACH, JOINED};
pub(super) use sliding::{Sliding, Told};

/// Those that are ours, beside or in the place of the engine's.
pub(super) fn ours(engine: &[Arc<AggregateUDF>]) -> Vec<Arc<AggregateUDF>> {
    let mut all = spread::functions(engine);
    all.extend(frames::functions(engine));
    all.extend(ordered::functions());
    all.extend(pairs::functions());
    all
}
