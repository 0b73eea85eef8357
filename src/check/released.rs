//! What has been released: tables that clauses look at besides the delivered ones.
//!
//! A contract is compared with the releases of its own major, and a relationship means the major of the
//! document that it names.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use datafusion::catalog::TableProvider;

use crate::contract::Contract;
use crate::contract::lint::all_columns;
use crate::contract::model::Table;
use crate::contract::names::{LONGEST_SEGMENT, path_segment};
use crate::contract::reference::neighbour;
use crate::engine::Footers;
use crate::error::{Error, Result};
use crate::query::published_table;
use crate::warehouse::{Release, Warehouse, is_lost};

use super::clauses::queries;
use super::plan::clause::Other;
use super::report::{Level, Notice};
use super::sql::rule_names::RuleNames;

/// Released tables, by declared name.
pub(super) type Providers = HashMap<String, Arc<dyn TableProvider>>;

/// A release whose tables can be read.
#[derive(Debug)]
pub(super) struct Readable {
    /// Its number.
    pub number: u64,
    /// Its tables.
    pub tables: Providers,
    /// Why tables of it cannot be read, by name: lost, or out of reach for now. Only clauses that
    /// look at one cannot be executed.
    pub unread: BTreeMap<String, Error>,
    /// The contract that governs it.
    pub contract: Contract,
}

/// The current release of a contract's major, and of the contracts that it points to.
#[derive(Debug, Default)]
pub struct Released {
    /// The current release of the contract's own major.
    pub(super) own: Option<Readable>,
    /// The current releases of what relationships lead to.
    pub(super) others: BTreeMap<Other, Readable>,
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
        let current = current(warehouse, contract).await?;
        Self::beside(contract, neighbours, warehouse, current).await
    }

    /// Reads what the clauses of a contract would have looked at before a given release.
    ///
    /// # Errors
    /// As [`Released::read`].
    pub async fn before(
        contract: &Contract,
        neighbours: &[Contract],
        warehouse: &Warehouse,
        release: &Release,
    ) -> Result<Self> {
        let folder = warehouse.contract(&contract.id);
        let major = release.entry.major.unwrap_or(release.contract.version.major);
        let previous = Release::before(&folder, major, release.number()).await?;
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
            released.own = Some(readable(own).await?);
        }
        let mut wanted = named(contract, neighbours);
        wanted.extend(read_by_rules(contract, neighbours));
        for other in wanted {
            if released.others.contains_key(&Other::of(other)) {
                continue;
            }
            if let Some(found) = current(warehouse, other).await? {
                let mut found = readable(found).await?;
                if let Some((_, error)) = found.unread.pop_first() {
                    return Err(error);
                }
                released.others.insert(Other::of(other), found);
            }
        }
        Ok(released)
    }

    /// What is lost of the contract's own release: it stops neither a check nor a publish, which
    /// may repair it.
    pub(super) fn notices(&self) -> Vec<Notice> {
        let own =
            self.own.iter().flat_map(|own| own.unread.iter().map(move |lost| (own.number, lost)));
        let own = own.filter(|(_, (_, error))| is_lost(error));
        let one = |(number, (table, error)): (u64, (&String, &Error))| Notice {
            code: error.code().to_owned(),
            severity: Level::Warning,
            message: format!("table '{table}' of release {number} is lost: {}", error.message()),
            place: error.place().unwrap_or_default().to_owned(),
            hint: Some(
                "restore the file from a backup, or publish again; what clauses compare with this \
                 release is not tested"
                    .to_owned(),
            ),
        };
        own.map(one).collect()
    }

    /// Other contracts in the order that they are given, each as it is released, where it is.
    pub(super) fn neighbours<'a>(
        &'a self,
        declared: &'a [Contract],
    ) -> impl Iterator<Item = &'a Contract> {
        let released = |contract: &'a Contract| {
            self.others.get(&Other::of(contract)).map_or(contract, |found| &found.contract)
        };
        declared.iter().map(released)
    }

    /// The releases of other contracts that the clauses look at, by contract id; where they look at
    /// several majors of one contract, by `<id>_v<major>`.
    pub fn depends_on(&self) -> BTreeMap<String, u64> {
        let majors = |id: &str| self.others.keys().filter(|other| other.id == id).count();
        let name = |other: &Other| match majors(&other.id) {
            1 => other.id.clone(),
            _ => format!("{}_v{}", other.id, other.major),
        };
        self.others.iter().map(|(other, found)| (name(other), found.number)).collect()
    }
}

/// The current release of a contract; none where no folder can have its name, so that nothing of it was
/// ever stored.
async fn current(warehouse: &Warehouse, contract: &Contract) -> Result<Option<Release>> {
    if path_segment(&contract.id).len() > LONGEST_SEGMENT {
        return Ok(None);
    }
    let folder = warehouse.contract(&contract.id);
    Release::current_of(&folder, contract.version.major).await
}

async fn readable(release: Release) -> Result<Readable> {
    let (mut tables, mut unread) = (Providers::new(), BTreeMap::new());
    let footers = Footers::default();
    for table in &release.contract.tables {
        let name = &table.name.value;
        if release.entry.tables.contains_key(name) {
            match published_table(&release, table, &footers).await {
                Ok(provider) => {
                    tables.insert(name.clone(), provider);
                }
                Err(error) => {
                    unread.insert(name.clone(), error);
                }
            }
        }
    }
    Ok(Readable { number: release.number(), tables, unread, contract: release.contract })
}

/// The contracts whose tables SQL rules read.
pub(super) fn read_by_rules<'a>(
    contract: &Contract,
    neighbours: &'a [Contract],
) -> Vec<&'a Contract> {
    let mut names = RuleNames::of(contract);
    names.add_others(contract, neighbours.iter());
    let queries = queries(contract);
    let read: Vec<&Other> = queries.iter().flat_map(|query| names.others_in(query)).collect();
    neighbours.iter().filter(|other| read.contains(&&Other::of(other))).collect()
}

/// The contracts whose documents relationships name: other contracts, and other majors of the same
/// one.
fn named<'a>(contract: &Contract, neighbours: &'a [Contract]) -> Vec<&'a Contract> {
    let columns = all_columns(contract);
    let of_columns = columns.iter().flat_map(|c| &c.relationships);
    let of_tables = contract.tables.iter().flat_map(|t: &Table| &t.relationships);
    let references = of_columns.chain(of_tables).flat_map(|r| &r.to);
    let mut found: Vec<&Contract> = Vec::new();
    for reference in references {
        let Some((document, _)) = reference.value.split_once('#') else { continue };
        let Ok(other) = neighbour(contract, neighbours, document) else { continue };
        let is_new = found.iter().all(|known| Other::of(known) != Other::of(other));
        if Other::of(other) != Other::of(contract) && is_new {
            found.push(other);
        }
    }
    found
}
