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
        let mut released = Self::default();
        let Some(warehouse) = warehouse.filter(|w| w.exists()) else { return Ok(released) };
        released.own = tables(warehouse, &contract.id).await?;
        for other in neighbours.iter().filter(|other| points_to(contract, other)) {
            if let Some(found) = tables(warehouse, &other.id).await? {
                released.others.insert(other.id.clone(), found);
            }
        }
        Ok(released)
    }

    /// The releases of other contracts that the clauses look at.
    pub fn depends_on(&self) -> BTreeMap<String, u64> {
        self.others.iter().map(|(id, (release, _))| (id.clone(), *release)).collect()
    }
}

async fn tables(warehouse: &Warehouse, id: &str) -> Result<Option<(u64, Providers)>> {
    let Some(release) = Release::current(&warehouse.contract(id)).await? else { return Ok(None) };
    let mut providers = Providers::new();
    for table in &release.contract.tables {
        if release.entry.tables.contains_key(&table.name.value) {
            let provider: Arc<dyn TableProvider> = published_table(&release, table).await?;
            providers.insert(table.name.value.clone(), provider);
        }
    }
    Ok(Some((release.number(), providers)))
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
