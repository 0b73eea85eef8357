//! Sessions: bounded in memory and threads, without formats, table functions or file access.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList,
    MemorySchemaProvider, SchemaProvider, TableProvider,
};
use datafusion::config::ConfigNonZeroUsize;
use datafusion::execution::SessionStateDefaults;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::{AggregateUDF, ScalarUDF};
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::error::Result;

use super::bounds::{Bounds, TimeLimit};
use super::dialect;
use super::portions::PORTION_BYTES;
use super::widths::rows_within;

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
    bounds: Arc<Bounds>,
}

/// The part of the memory that one batch may take.
const BATCH_SHARE: u64 = 32;

/// The engine's functions whose result may be as long as an argument says, beyond any memory limit.
const UNBOUNDED: &[&str] =
    &["repeat", "lpad", "rpad", "range", "generate_series", "array_repeat", "array_resize"];

fn bounded_functions() -> Vec<Arc<ScalarUDF>> {
    let ours = dialect::functions();
    let taken: HashSet<&str> = ours.iter().map(|function| function.name()).collect();
    let mut functions = SessionStateDefaults::default_scalar_functions();
    functions.retain(|function| {
        !UNBOUNDED.contains(&function.name())
            && !has_name_of(&taken, function.name(), function.aliases())
    });
    functions.extend(ours);
    functions
}

fn aggregates() -> Vec<Arc<AggregateUDF>> {
    let (mut engine, ours) = dialect::aggregates();
    let taken: HashSet<&str> = ours.iter().map(|function| function.name()).collect();
    engine.retain(|function| !has_name_of(&taken, function.name(), function.aliases()));
    engine.extend(ours);
    engine
}

/// Whether a function of the engine has a name that is taken. Such a function goes altogether: a session that
/// is made of another one registers its functions in any order, each by all its names.
fn has_name_of(taken: &HashSet<&str>, name: &str, aliases: &[String]) -> bool {
    taken.contains(name) || aliases.iter().any(|alias| taken.contains(alias.as_str()))
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("catalog", &self.catalog).finish_non_exhaustive()
    }
}

impl Session {
    /// A session of a runtime.
    pub(super) fn over(
        runtime: Arc<RuntimeEnv>,
        limits: &Limits,
        default_schema: &str,
    ) -> Result<Self> {
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
        // It compares whether columns may be NULL, which `IS TRUE` alone makes it fail on.
        options.execution.skip_physical_aggregate_schema_check = true;
        // Each scan decides for itself, by what it would save.
        options.execution.parquet.pushdown_filters = false;
        // In the order in which they are written: to guess which is cheapest costs more than it saves.
        options.execution.parquet.reorder_filters = false;
        options.execution.parquet.schema_force_view_types = false;
        // Concurrent sorts must share the memory; a large reservation would starve them.
        options.execution.sort_spill_reservation_bytes = (limits.memory / 16).min(10 << 20);
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(runtime)
            .with_type_planner(dialect::type_planner())
            .with_expr_planners(dialect::expr_planners())
            .with_relation_planners(dialect::relation_planners())
            .with_scalar_functions(bounded_functions())
            .with_aggregate_functions(aggregates())
            .with_window_functions(dialect::windows());
        let bounds = Bounds::new(limits.memory, TimeLimit::never());
        let context = SessionContext::new_with_state(bounds.hold(state).build());
        let catalog = Arc::new(MemoryCatalogProvider::new());
        context.register_catalog("pactum", Arc::clone(&catalog) as Arc<dyn CatalogProvider>);
        catalog.register_schema(default_schema, Arc::new(MemorySchemaProvider::new()))?;
        Ok(Self { context, catalog, bounds })
    }

    /// The same tables for one query, which ends at a deadline.
    #[must_use]
    pub fn until(&self, deadline: TimeLimit) -> Self {
        let bounds = self.bounds.until(deadline);
        let state = bounds.hold(SessionStateBuilder::new_from_existing(self.context.state()));
        let context = SessionContext::new_with_state(state.build());
        Self { context, catalog: Arc::clone(&self.catalog), bounds }
    }

    /// A session without tables that shares everything else.
    ///
    /// # Errors
    /// When the session cannot be built.
    pub fn apart(&self) -> Result<Self> {
        let state = self.context.state();
        let default_schema = state.config_options().catalog.default_schema.clone();
        let catalog = Arc::new(MemoryCatalogProvider::new());
        catalog.register_schema(&default_schema, Arc::new(MemorySchemaProvider::new()))?;
        let catalogs = MemoryCatalogProviderList::new();
        let own = Arc::clone(&catalog) as Arc<dyn CatalogProvider>;
        catalogs.register_catalog("pactum".to_owned(), own);
        let state = SessionStateBuilder::new_from_existing(state);
        let state = self.bounds.hold(state.with_catalog_list(Arc::new(catalogs)));
        let context = SessionContext::new_with_state(state.build());
        Ok(Self { context, catalog, bounds: Arc::clone(&self.bounds) })
    }

    /// Until when its queries may work.
    pub fn time(&self) -> &TimeLimit {
        self.bounds.time()
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

    /// Says who asks: `current_user` and its kin have an answer then.
    pub fn asked_by(&self, user: &str) {
        let state = self.context.state_ref();
        let asked = Arc::new(AskedBy(user.to_owned()));
        state.write().config_mut().set_extension(asked);
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
        register_in(self.catalog.as_ref(), schema, name, table)
    }

    /// Makes a table readable as `catalog.schema.name`, of a catalog other than the session's own.
    ///
    /// # Errors
    /// When the name is taken.
    pub fn register_apart(
        &self,
        (catalog, schema, name): (&str, &str, &str),
        table: Arc<dyn TableProvider>,
    ) -> Result<()> {
        let found = self.context.catalog(catalog).unwrap_or_else(|| {
            let new: Arc<dyn CatalogProvider> = Arc::new(MemoryCatalogProvider::new());
            self.context.register_catalog(catalog, Arc::clone(&new));
            new
        });
        register_in(found.as_ref(), schema, name, table)
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

fn register_in(
    catalog: &dyn CatalogProvider,
    schema: &str,
    name: &str,
    table: Arc<dyn TableProvider>,
) -> Result<()> {
    let provider = match catalog.schema(schema) {
        Some(provider) => provider,
        None => {
            let provider: Arc<dyn SchemaProvider> = Arc::new(MemorySchemaProvider::new());
            catalog.register_schema(schema, Arc::clone(&provider))?;
            provider
        }
    };
    provider.register_table(name.to_owned(), table)?;
    Ok(())
}

/// The name of who asks, in the configuration of a session.
#[derive(Debug)]
pub(super) struct AskedBy(pub String);

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
            let is_ours = dialect::functions().iter().any(|ours| ours.name() == *name);
            assert_eq!(state.scalar_functions().contains_key(*name), is_ours, "{name}");
        }
    }

    #[test]
    fn every_name_means_one_function_however_often_a_session_is_made_of_another() {
        let first = Session::new(&Limits::default(), "public").unwrap().context().state();
        let ours: Vec<_> = dialect::functions();
        for _ in 0..8 {
            let again = SessionStateBuilder::new_from_existing(first.clone()).build();
            assert_eq!(again.scalar_functions().len(), first.scalar_functions().len());
            for (name, function) in first.scalar_functions() {
                assert_eq!(again.scalar_functions().get(name), Some(function), "{name}");
            }
            for (name, function) in first.aggregate_functions() {
                assert_eq!(again.aggregate_functions().get(name), Some(function), "{name}");
            }
            for function in &ours {
                assert_eq!(again.scalar_functions().get(function.name()), Some(function));
            }
        }
    }

    #[test]
    fn no_function_that_is_admitted_went_with_another() {
        let state = Session::new(&Limits::default(), "public").unwrap().context().state();
        let engine = SessionStateDefaults::default_scalar_functions();
        let aggregates = SessionStateDefaults::default_aggregate_functions();
        let names = engine.iter().map(|f| (f.name(), f.aliases()));
        let names = names.chain(aggregates.iter().map(|f| (f.name(), f.aliases())));
        let known: HashSet<&str> = names
            .flat_map(|(name, aliases)| {
                std::iter::once(name).chain(aliases.iter().map(String::as_str))
            })
            .collect();
        let lost: Vec<&str> = dialect::FUNCTIONS
            .iter()
            .map(|row| row.name)
            .filter(|name| known.contains(name) && !UNBOUNDED.contains(name))
            .filter(|name| !state.scalar_functions().contains_key(*name))
            .filter(|name| !state.aggregate_functions().contains_key(*name))
            .collect();
        assert_eq!(lost, Vec::<&str>::new());
    }
}
