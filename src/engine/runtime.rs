//! The runtime: what all sessions of a process share.
//!
//! One memory pool, so that many queries together stay within the limit; one place to spill to; the
//! registry of object stores; the footers of released files.

use std::num::NonZeroUsize;
use std::sync::Arc;

use datafusion::execution::disk_manager::DiskManagerBuilder;
use datafusion::execution::memory_pool::{
    FairSpillPool, GreedyMemoryPool, MemoryPool, TrackConsumersPool,
};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};

use crate::error::Result;

use super::footers::Footers;
use super::session::{Limits, Session};
use super::spills::Spills;

/// What all sessions of a process share.
#[derive(Debug)]
pub struct Runtime {
    environment: Arc<RuntimeEnv>,
    limits: Limits,
    footers: Footers,
}

/// Operators that an exhausted limit names.
const TOP: NonZeroUsize = NonZeroUsize::MIN.saturating_add(2);

/// The part of the memory that footers may take, and the most.
const FOOTER_SHARE: usize = 8;
const MOST_FOOTERS: usize = 256 << 20;

impl Runtime {
    /// A runtime whose operators each have their fair share of the memory, and spill beyond it.
    ///
    /// # Errors
    /// When there is nowhere to spill to.
    pub fn new(limits: &Limits) -> Result<Self> {
        let pool = TrackConsumersPool::new(FairSpillPool::new(limits.memory), TOP);
        Self::over(Arc::new(pool), limits)
    }

    /// A runtime whose operators take memory as they need it, first come, first served.
    ///
    /// Many queries that fit this way would spill if each operator had its fair share; but one may
    /// starve another, and the query ends with the code `memory-limit`: then use [`Runtime::new`].
    ///
    /// # Errors
    /// When there is nowhere to spill to.
    pub fn eager(limits: &Limits) -> Result<Self> {
        let pool = TrackConsumersPool::new(GreedyMemoryPool::new(limits.memory), TOP);
        Self::over(Arc::new(pool), limits)
    }

    fn over(pool: Arc<dyn MemoryPool>, limits: &Limits) -> Result<Self> {
        let spills = Arc::new(Spills::default());
        let environment = RuntimeEnvBuilder::new()
            .with_memory_pool(pool)
            .with_disk_manager_builder(DiskManagerBuilder::default().with_temp_file_factory(spills))
            .build_arc()?;
        let footers = Footers::new((limits.memory / FOOTER_SHARE).min(MOST_FOOTERS));
        Ok(Self { environment, limits: limits.clone(), footers })
    }

    /// A session without tables; bare table names are looked up in `default_schema`.
    ///
    /// # Errors
    /// When the session cannot be built.
    pub fn session(&self, default_schema: &str) -> Result<Session> {
        Session::over(Arc::clone(&self.environment), &self.limits, default_schema)
    }

    /// What all sessions together may use.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The footers of released files.
    pub fn footers(&self) -> &Footers {
        &self.footers
    }

    /// The memory that is in use, in bytes.
    pub fn reserved(&self) -> usize {
        self.environment.memory_pool.reserved()
    }
}

impl Session {
    /// A session with a runtime of its own; bare table names are looked up in `default_schema`.
    ///
    /// # Errors
    /// As [`Runtime::new`].
    pub fn new(limits: &Limits, default_schema: &str) -> Result<Self> {
        Runtime::new(limits)?.session(default_schema)
    }

    /// As [`Session::new`], with a runtime as [`Runtime::eager`] makes it.
    ///
    /// # Errors
    /// As [`Runtime::new`].
    pub fn eager(limits: &Limits, default_schema: &str) -> Result<Self> {
        Runtime::eager(limits)?.session(default_schema)
    }
}

#[cfg(test)]
mod tests {
    use datafusion::execution::memory_pool::MemoryConsumer;

    use super::*;

    #[test]
    fn all_sessions_draw_from_one_pool() {
        let limits = Limits { memory: 32 << 20, threads: 1 };
        let runtime = Runtime::new(&limits).unwrap();
        let (one, other) = (runtime.session("a").unwrap(), runtime.session("b").unwrap());
        let pool = |session: &Session| Arc::clone(&session.context().runtime_env().memory_pool);
        let held = MemoryConsumer::new("one").register(&pool(&one));
        held.try_grow(24 << 20).unwrap();
        let more = MemoryConsumer::new("other").register(&pool(&other));
        assert!(more.try_grow(24 << 20).is_err());
        assert_eq!(runtime.reserved(), 24 << 20);
        drop(held);
        more.try_grow(24 << 20).unwrap();
    }
}
