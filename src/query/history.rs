//! What happened to each contract: the entries of its ledger and its rejected attempts.

use crate::error::Result;
use crate::warehouse::{Attempt, Entry, Ledger, Warehouse};

use super::catalog::Catalog;

/// The history of contracts, each with its id.
#[derive(Debug, Default)]
pub struct History {
    /// The contracts, by id.
    pub contracts: Vec<ContractHistory>,
}

/// The history of one contract.
#[derive(Debug)]
pub struct ContractHistory {
    /// Its id.
    pub id: String,
    /// The entries of its ledger, oldest first.
    pub entries: Vec<Entry>,
    /// Its rejected attempts, oldest first.
    pub attempts: Vec<Attempt>,
}

impl History {
    /// The history of a catalog: of the readings of the ledgers that its releases come from.
    ///
    /// # Errors
    /// When a ledger or an attempt cannot be read.
    pub(super) fn of(catalog: &Catalog) -> Result<Self> {
        let Some(warehouse) = &catalog.warehouse else { return Ok(Self::default()) };
        let all = catalog.ledgers.iter();
        let all = all.map(|(id, ledger)| ContractHistory::of(warehouse, id, ledger));
        Ok(Self { contracts: all.collect::<Result<_>>()? })
    }

    /// The history of one contract of a warehouse, or of all.
    ///
    /// # Errors
    /// When a ledger or an attempt cannot be read.
    pub async fn read(warehouse: &Warehouse, only: Option<&str>) -> Result<Self> {
        let mut contracts = Vec::new();
        for id in warehouse.contracts()? {
            if only.is_none_or(|wanted| wanted == id) {
                let ledger = Ledger::read(&warehouse.contract(&id)).await?;
                contracts.push(ContractHistory::of(warehouse, &id, &ledger)?);
            }
        }
        Ok(Self { contracts })
    }
}

impl ContractHistory {
    fn of(warehouse: &Warehouse, id: &str, ledger: &Ledger) -> Result<Self> {
        let attempts = Attempt::all(&warehouse.contract(id))?;
        Ok(Self { id: id.to_owned(), entries: ledger.entries()?, attempts })
    }

    /// Its releases, oldest first.
    pub fn releases(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.is_release())
    }
}
