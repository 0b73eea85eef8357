//! A snapshot: every contract and release that queries see, at one moment.
//!
//! Many queries share one. What it is asked for is read once: the tables of a release with the footers of
//! their files, older releases, the rows of the system tables.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::catalog::TableProvider;

use crate::contract::model::Table;
use crate::engine::Footers;
use crate::engine::parquet_table::ParquetTable;
use crate::engine::sql::Which;
use crate::error::Result;
use crate::project::Consumer;

use super::catalog::{Catalog, Served};
use super::history::History;
use super::once::OnceMap;
use super::published_table::{planned_table, published_table};
use super::{information_schema, system};

/// What queries read: never changed once it is made.
#[derive(Debug)]
pub struct CatalogSnapshot {
    /// The contracts, each at its release.
    pub(super) catalog: Catalog,
    /// The consumers that `pactum.consumers` lists.
    pub(super) consumers: Vec<Consumer>,
    /// Places in the catalog of what a schema name may mean.
    pub(super) index: HashMap<String, Vec<usize>>,
    /// Whether it is there for planning: unreleased tables are read as empty ones, and the system
    /// tables are empty too.
    pub(super) is_planning: bool,
    tables: OnceMap<TableKey, Arc<ParquetTable>>,
    releases: OnceMap<(String, Which), Arc<Vec<Served>>>,
    system: OnceMap<&'static str, Arc<dyn TableProvider>>,
    information: OnceMap<&'static str, Arc<dyn TableProvider>>,
    history: OnceMap<(), Arc<History>>,
}

/// A table of a contract at a release, or before the first one.
#[derive(Debug, PartialEq, Eq, Hash)]
struct TableKey {
    contract: String,
    major: u64,
    release: Option<u64>,
    table: String,
}

impl CatalogSnapshot {
    /// A snapshot for answers: unreleased tables are refused, since an answer without rows would be
    /// wrong.
    pub fn new(catalog: Catalog, consumers: Vec<Consumer>) -> Self {
        Self::over(catalog, consumers, false)
    }

    /// A snapshot for planning: unreleased tables are read as empty ones.
    pub fn planning(catalog: Catalog) -> Self {
        Self::over(catalog, Vec::new(), true)
    }

    fn over(catalog: Catalog, consumers: Vec<Consumer>, is_planning: bool) -> Self {
        Self {
            index: catalog.index(),
            catalog,
            consumers,
            is_planning,
            tables: OnceMap::default(),
            releases: OnceMap::default(),
            system: OnceMap::default(),
            information: OnceMap::default(),
            history: OnceMap::default(),
        }
    }

    /// The catalog.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// A table of a contract at the release that it is served at.
    ///
    /// # Errors
    /// When the release has no such table, or one of its files cannot be read.
    pub(super) async fn table(
        &self,
        served: &Served,
        table: &Table,
        footers: &Footers,
    ) -> Result<Arc<ParquetTable>> {
        let Some(release) = &served.release else { return planned_table(table) };
        let key = TableKey {
            contract: served.contract.id.clone(),
            major: served.contract.version.major,
            release: Some(release.number()),
            table: table.name.value.clone(),
        };
        self.tables.get(key, published_table(release, table, footers)).await
    }

    /// The majors of a contract at a release that a text names.
    ///
    /// # Errors
    /// When the ledger cannot be read, or the release does not exist.
    pub(super) async fn at_release(&self, id: &str, which: Which) -> Result<Arc<Vec<Served>>> {
        let read = async { self.catalog.releases(id, which.into()).map(Arc::new) };
        self.releases.get((id.to_owned(), which), read).await
    }

    /// A system table.
    ///
    /// # Errors
    /// When what it lists cannot be read.
    pub(super) async fn system_table(
        &self,
        name: &'static str,
        footers: &Footers,
    ) -> Result<Arc<dyn TableProvider>> {
        let make = async {
            let rows = match self.is_planning {
                true => Vec::new(),
                false => self.system_rows(name, footers).await?,
            };
            system::table(name, &rows)
        };
        self.system.get(name, make).await
    }

    /// A view of the information schema.
    ///
    /// # Errors
    /// When a released table cannot be read.
    pub(super) async fn information(
        &self,
        view: &'static str,
        footers: &Footers,
    ) -> Result<Arc<dyn TableProvider>> {
        self.information.get(view, information_schema::view(view, &self.catalog, footers)).await
    }

    async fn system_rows(&self, name: &str, footers: &Footers) -> Result<Vec<serde_json::Value>> {
        Ok(match name {
            "tables" => system::table_rows(&self.catalog),
            "columns" => system::column_rows(&self.catalog, footers).await?,
            "functions" => system::function_rows(),
            "consumers" => system::consumer_rows(&self.consumers, self.catalog.warehouse.as_ref())?,
            _ => {
                let read = async { History::of(&self.catalog).map(Arc::new) };
                let history = self.history.get((), read).await?;
                match name {
                    "releases" => system::release_rows(&history),
                    "attempts" => system::attempt_rows(&history),
                    _ => system::clause_rows(&history),
                }
            }
        })
    }
}
