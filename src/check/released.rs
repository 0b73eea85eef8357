//! What has been released: tables that clauses look at beside the delivered ones.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use datafusion::catalog::TableProvider;

use crate::contract::Contract;
use crate::contract::lint::all_columns;
use crate::contract::model::Table;
use crate::error::Result;
use crate::query::published_table;
use crate::warehouse::{Release, Warehouse};

/// Released tables, by declared name.
pub(super) type Providers = HashMap<String, Arc<dyn TableProvider>>;

/// The current release of a contract, and of those that it points to.
#[derive(Debug, Default)]
pub struct Released {
    /// The contract's current release: its number and its tables.
    pub(super) own: Option<(u64, Providers)>,
    /// Other contracts' current releases, by contract id.
    pub(super) others: BTreeMap<String, (u64, Providers)>,
}

impl Released {
    /// Reads what the clauses of a contract may look at.
    ///
    /// # Errors
    /// When a ledger or a released file cannot be read.
    pub async fn read(
        contract: &Contract,
        neighbours: &[Contract],
        warehouse: Option<&Warehouse>,
    ) -> Result<Self> {
        let Some(warehouse) = warehouse else { return Ok(Self::default()) };
        let current = Release::current(&warehouse.contract(&contract.id)).await?;
        Self::beside(contract, neighbours, warehouse, current).await
    }

    /// Reads what the clauses of a contract would have looked at before a release was made.
    ///
    /// # Errors
    /// As [`Released::read`].
    pub async fn before(
        contract: &Contract,
        neighbours: &[Contract],
        warehouse: &Warehouse,
        release: u64,
    ) -> Result<Self> {
        let folder = warehouse.contract(&contract.id);
        let previous = match release {
            0 | 1 => None,
            number => Release::numbered(&folder, number - 1).await?,
        };
        Self::beside(contract, neighbours, warehouse, previous).await
    }

    async fn beside(
        contract: &Contract,
        neighbours: &[Contract],
        warehouse: &Warehouse,
        own: Option<Release>,
    ) -> Result<Self> {
        let mut released = Self::default();
        if let Some(own) = own {
            released.own = Some(tables(&own).await?);
        }
        for other in neighbours.iter().filter(|other| points_to(contract, other)) {
            if let Some(found) = Release::current(&warehouse.contract(&other.id)).await? {
                released.others.insert(other.id.clone(), tables(&found).await?);
            }
        }
        Ok(released)
    }

    /// The releases of other contracts that the clauses look at.
    pub fn depends_on(&self) -> BTreeMap<String, u64> {
        self.others.iter().map(|(id, (release, _))| (id.clone(), *release)).collect()
    }
}

async fn tables(release: &Release) -> Result<(u64, Providers)> {
    let mut providers = Providers::new();
    for table in &release.contract.tables {
        if release.entry.tables.contains_key(&table.name.value) {
            let provider: Arc<dyn TableProvider> = published_table(release, table).await?;
            providers.insert(table.name.value.clone(), provider);
        }
    }
    Ok((release.number(), providers))
}

/// Whether a relationship names the other contract's document.
fn points_to(contract: &Contract, other: &Contract) -> bool {
    let file = other.source.name.rsplit('/').next().unwrap_or_default();
    let columns = all_columns(contract);
    let of_columns = columns.iter().flat_map(|c| &c.relationships);
    let of_tables = contract.tables.iter().flat_map(|t: &Table| &t.relationships);
    let mut references = of_columns.chain(of_tables).flat_map(|r| &r.to);
    other.id != contract.id
        && references.any(|reference| {
            let document = reference.value.split_once('#').map_or("", |(document, _)| document);
            !document.is_empty() && document.rsplit('/').next() == Some(file)
        })
}
