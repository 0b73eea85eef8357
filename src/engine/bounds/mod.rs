//! Bounds: what a query may use of memory and time, held where the engine does not hold it itself.
//!
//! The engine's operators reserve what they keep, and no more: results of functions, batches of joins,
//! windows and the sides of joins while they are put together are nobody's. And it looks at no clock
//! while it plans, nor within an operator. Here is what does: wrappers of functions ([`grown`]), of the
//! edges between operators ([`edge`]) and of the rules of planning ([`rules`]), each with a share of
//! [`Bounds`]. They cost a few instructions a batch, never a row.

mod analyzed;
mod arena;
mod aside;
mod compared;

mod edge;
mod expanded;
mod expansion;
mod expressions;
mod grown;
mod in_turn;
mod operators;
mod patterns;
mod planner;
mod predicted;
mod rules;
mod time_limit;
mod watched;
mod weights;
mod windows;

use std::sync::Arc;

use datafusion::common::{DataFusionError, resources_datafusion_err};
use datafusion::error::Result;
use datafusion::execution::SessionStateBuilder;

pub use aside::aside;
pub(super) use expanded::refuse_expansion;
pub use time_limit::{Guard, TimeLimit};

use arena::Arena;

/// What one query may use.
#[derive(Debug)]
pub(super) struct Bounds {
    time: TimeLimit,
    /// The memory limit, in bytes.
    memory: usize,
    /// Results of functions that are not an operator's yet.
    arena: Arena,
}

/// The least and the most that the results of one function for one batch may have, in bytes.
const BATCH: std::ops::RangeInclusive<usize> = (2 << 20)..=(128 << 20);

/// The part of the memory that the results of one function for one batch may have.
const BATCH_SHARE: usize = 8;

/// How many such results may be alive at a time.
const LIVE_BATCHES: usize = 3;

impl Bounds {
    /// The bounds of a query.
    pub fn new(memory: usize, time: TimeLimit) -> Arc<Self> {
        let batch = (memory / BATCH_SHARE).clamp(*BATCH.start(), *BATCH.end());
        Arc::new(Self { time, memory, arena: Arena::new(batch.saturating_mul(LIVE_BATCHES)) })
    }

    /// The same bounds of memory until another deadline.
    pub fn until(&self, deadline: TimeLimit) -> Arc<Self> {
        Self::new(self.memory, deadline)
    }

    /// Until when it may work.
    pub fn time(&self) -> &TimeLimit {
        &self.time
    }

    /// Fails when the time is over.
    pub fn check(&self) -> Result<()> {
        self.time.check()
    }

    /// The most bytes that a value, or the values of a batch, may have.
    pub fn batch(&self) -> usize {
        (self.memory / BATCH_SHARE).clamp(*BATCH.start(), *BATCH.end())
    }

    /// Refuses a result that is too large to be kept.
    pub fn fits(&self, what: &str, bytes: usize) -> Result<()> {
        match bytes > self.batch() {
            true => Err(self.too_large(what, bytes)),
            false => Ok(()),
        }
    }

    fn too_large(&self, what: &str, bytes: usize) -> DataFusionError {
        let (bytes, most) = (megabytes(bytes), megabytes(self.batch()));
        resources_datafusion_err!("{what} needs {bytes} MB for one batch, of at most {most} MB")
    }

    /// Puts these bounds on everything that a session plans and runs.
    pub fn hold(self: &Arc<Self>, state: SessionStateBuilder) -> SessionStateBuilder {
        let analyzer = super::dialect::analyzer_rules();
        state
            .with_analyzer_rules(rules::analyzer(self, analyzer))
            .with_optimizer_rules(rules::optimizer(self))
            .with_physical_optimizer_rules(rules::physical_optimizer(self))
            .with_query_planner(Arc::new(planner::Planner::new(self)))
    }
}

/// Bytes in millions, rounded up.
fn megabytes(bytes: usize) -> usize {
    bytes.div_ceil(1_000_000)
}
