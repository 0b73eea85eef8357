//! Aggregate functions with PostgreSQL's meaning: variances of exact numbers, correlation and regression of
//! pairs, aggregates over ordered values, bitwise ones over moving frames, and extremes of floats.

mod changed;
mod extremes;
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
    all.extend(extremes::functions(engine));
    all.extend(ordered::functions());
    all.extend(pairs::functions());
    all
}
