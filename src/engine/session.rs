//! Sessions: bounded in memory and threads, without formats, table functions or file access.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::{
    CatalogProvider, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider, TableProvider,
};
use datafusion::config::ConfigNonZeroUsize;
use datafusion::execution::SessionStateDefaults;
use datafusion::execution::disk_manager::DiskManagerBuilder;
use datafusion::execution::memory_pool::{
    FairSpillPool, GreedyMemoryPool, MemoryPool, TrackConsumersPool,
};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::ScalarUDF;
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::error::Result;

use super::dialect;
use super::portions::PORTION_BYTES;
use super::widths::rows_within;

use super::spills::Spills;

/// What a run may use.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Memory for sorting, grouping and joining, in bytes; more spills to disk.
    pub memory: usize,
    /// Threads that work in parallel.
    pub threads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(2, NonZeroUsize::get);
        Self { memory: 1 << 30, threads }
    }
}

/// A session over the tables that it was given, and nothing else.
#[derive(Clone)]
pub struct Session {
    context: SessionContext,
    catalog: Arc<MemoryCatalogProvider>,
}

/// The part of the memory that one batch may take.
const BATCH_SHARE: u64 = 32;

/// Operators that an exhausted limit names.
const TOP: NonZeroUsize = NonZeroUsize::MIN.saturating_add(2);

/// Functions whose result may be as long as an argument says, beyond any memory limit.
const UNBOUNDED: &[&str] =
    &["repeat", "lpad", "rpad", "range", "generate_series", "array_repeat", "array_resize"];

fn bounded_functions() -> Vec<Arc<ScalarUDF>> {
    let mut functions = SessionStateDefaults::default_scalar_functions();
    functions.retain(|function| !UNBOUNDED.contains(&function.name()));
    functions.extend(dialect::functions());
    functions
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("catalog", &self.catalog).finish_non_exhaustive()
    }
}

impl Session {
    /// A session whose bare table names are looked up in `default_schema`.
    ///
    /// # Errors
    /// When the runtime cannot be built (no folder to spill to).
    pub fn new(limits: &Limits, default_schema: &str) -> Result<Self> {
        let pool = TrackConsumersPool::new(FairSpillPool::new(limits.memory), TOP);
        Self::over(Arc::new(pool), limits, default_schema)
    }

    /// A session whose operators take memory as they need it, first come, first served.
    ///
    /// Many queries that fit this way would spill if each operator had its fair share; but one may
    /// starve another, and the query ends with the code `memory-limit`: then use [`Session::new`].
    ///
    /// # Errors
    /// When the runtime cannot be built (no folder to spill to).
    pub fn eager(limits: &Limits, default_schema: &str) -> Result<Self> {
        let pool = TrackConsumersPool::new(GreedyMemoryPool::new(limits.memory), TOP);
        Self::over(Arc::new(pool), limits, default_schema)
    }

    fn over(pool: Arc<dyn MemoryPool>, limits: &Limits, default_schema: &str) -> Result<Self> {
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(pool)
            .with_disk_manager_builder(
                DiskManagerBuilder::default().with_temp_file_factory(Arc::new(Spills::default())),
            )
            .build_arc()?;
        let mut config = SessionConfig::new()
            .with_target_partitions(limits.threads.max(1))
            .with_default_catalog_and_schema("pactum", default_schema)
            .with_create_default_catalog_and_schema(false)
            .with_information_schema(false);
        let options = config.options_mut();
        options.sql_parser.collect_spans = true;
        options.sql_parser.dialect = datafusion::config::Dialect::PostgreSQL;
        options.execution.time_zone = Some("UTC".to_owned());
        options.sql_parser.map_string_types_to_utf8view = false;
        options.execution.parquet.pushdown_filters = true;
        options.execution.parquet.reorder_filters = true;
        options.execution.parquet.schema_force_view_types = false;
        // Concurrent sorts must share the memory; a large reservation would starve them.
        options.execution.sort_spill_reservation_bytes = (limits.memory / 16).min(10 << 20);
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(runtime)
            .with_type_planner(dialect::type_planner())
            .with_expr_planners(dialect::expr_planners())
            .with_scalar_functions(bounded_functions())
            .with_aggregate_functions(dialect::aggregates())
            .with_window_functions(SessionStateDefaults::default_window_functions())
            .with_analyzer_rules(dialect::analyzer_rules())
            .build();
        let context = SessionContext::new_with_state(state);
        let catalog = Arc::new(MemoryCatalogProvider::new());
        context.register_catalog("pactum", Arc::clone(&catalog) as Arc<dyn CatalogProvider>);
        catalog.register_schema(default_schema, Arc::new(MemorySchemaProvider::new()))?;
        Ok(Self { context, catalog })
    }

    /// Makes operators handle fewer rows at a time, where rows are so long that a batch would take
    /// a large part of the memory.
    pub fn narrow(&self, row_bytes: u64, limits: &Limits) {
        let budget = PORTION_BYTES.min(limits.memory as u64 / BATCH_SHARE);
        let state = self.context.state_ref();
        let mut state = state.write();
        let execution = &mut state.config_mut().options_mut().execution;
        let rows = rows_within(row_bytes, budget, execution.batch_size.get());
        if let Ok(rows) = ConfigNonZeroUsize::try_new(rows) {
            execution.batch_size = rows;
        }
    }

    /// The DataFusion context.
    pub fn context(&self) -> &SessionContext {
        &self.context
    }

    /// Makes a table readable as `schema.name`.
    ///
    /// # Errors
    /// When the name is taken.
    pub fn register(&self, schema: &str, name: &str, table: Arc<dyn TableProvider>) -> Result<()> {
        let provider = match self.catalog.schema(schema) {
            Some(provider) => provider,
            None => {
                let provider: Arc<dyn SchemaProvider> = Arc::new(MemorySchemaProvider::new());
                self.catalog.register_schema(schema, Arc::clone(&provider))?;
                provider
            }
        };
        provider.register_table(name.to_owned(), table)?;
        Ok(())
    }

    /// Replaces the lookup of tables of one schema, so that only what a query names is loaded.
    ///
    /// # Errors
    /// When the schema cannot be registered.
    pub fn register_all(
        &self,
        schema: &str,
        tables: HashMap<String, Arc<dyn TableProvider>>,
    ) -> Result<()> {
        self.catalog.register_schema(schema, Arc::new(FixedSchema { tables }))?;
        Ok(())
    }
}

/// A schema of tables that never changes.
#[derive(Debug)]
struct FixedSchema {
    tables: HashMap<String, Arc<dyn TableProvider>>,
}

#[async_trait]
impl SchemaProvider for FixedSchema {
    fn table_names(&self) -> Vec<String> {
        self.tables.keys().cloned().collect()
    }

    async fn table(&self, name: &str) -> datafusion::error::Result<Option<Arc<dyn TableProvider>>> {
        Ok(self.tables.get(name).cloned())
    }

    fn table_exist(&self, name: &str) -> bool {
        self.tables.contains_key(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_without_a_bound_are_not_offered() {
        let session = Session::new(&Limits::default(), "public").unwrap();
        let state = session.context().state();
        assert!(state.scalar_functions().contains_key("upper"));
        for name in UNBOUNDED {
            assert!(!state.scalar_functions().contains_key(*name), "{name}");
        }
    }
}
