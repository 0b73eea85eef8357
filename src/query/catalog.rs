//! The catalog: which contract and release an SQL name means, as one snapshot.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::project::{Project, Settings};
use crate::warehouse::{ContractFolder, Entry, Ledger, Release, Warehouse};

/// Which releases a query sees.
#[derive(Debug, Clone, Default)]
pub struct Pin {
    /// `--release N`: for queries that read one contract.
    pub number: Option<u64>,
    /// `--release contract=N`, by id or SQL name.
    pub by_contract: BTreeMap<String, u64>,
    /// `--as-of`: the last release at or before this instant.
    pub as_of: Option<DateTime<Utc>>,
}

impl Pin {
    /// Whether anything but the current releases is asked for.
    fn is_set(&self) -> bool {
        self.number.is_some() || !self.by_contract.is_empty() || self.as_of.is_some()
    }
}

/// One major of one contract.
#[derive(Debug, Clone)]
pub struct Served {
    /// The contract: the one stored with the release, else the project's.
    pub contract: Contract,
    /// The release that is read; `None` before the first.
    pub release: Option<Release>,
    /// Whether the bare SQL name means this major.
    pub is_default: bool,
}

/// Every contract that can be read, at one moment.
#[derive(Debug, Default)]
pub struct Catalog {
    /// The contracts, by id then major.
    pub served: Vec<Served>,
    /// The warehouse it was read from.
    pub warehouse: Option<Warehouse>,
}

impl Catalog {
    /// Reads the ledgers of a warehouse, and adds what a project declares and nobody has
    /// published.
    ///
    /// # Errors
    /// When a ledger cannot be read, or a pinned release does not exist.
    pub async fn read(
        warehouse: Option<&Warehouse>,
        project: Option<&Project>,
        pin: &Pin,
    ) -> Result<Self> {
        let settings = project.map(|p| p.settings.clone()).unwrap_or_default();
        let mut served = Vec::new();
        if let Some(warehouse) = warehouse {
            for id in warehouse.contracts()? {
                served.extend(majors(&warehouse.contract(&id), pin, &settings).await?);
            }
        }
        if let Some(project) = project {
            add_declared(&mut served, project.contracts()?.contracts);
        }
        let catalog = Self { served, warehouse: warehouse.cloned() };
        catalog.check_pin(pin)?;
        Ok(catalog)
    }

    /// A catalog of contracts alone: every table is empty and has its planned types.
    pub fn declared(contracts: Vec<Contract>) -> Self {
        let mut served = Vec::new();
        add_declared(&mut served, contracts);
        Self { served, warehouse: None }
    }

    /// The contract that a schema name means, in any case: `recommendations`, or
    /// `recommendations_v2` for that very major.
    pub fn schema(&self, name: &str) -> Option<&Served> {
        let by_name = |s: &&Served| {
            s.is_default && s.contract.sql_name.value.eq_ignore_ascii_case(name)
        };
        let by_major = |s: &&Served| s.contract.sql_name_with_major().eq_ignore_ascii_case(name);
        self.served.iter().find(by_name).or_else(|| self.served.iter().find(by_major))
    }

    /// The contract that a name on the command line means: an exact id first.
    ///
    /// # Errors
    /// When there is none; the nearest name is in the hint.
    pub fn find(&self, name: &str) -> Result<&Served> {
        let by_id = self.served.iter().find(|s| s.contract.id == name && s.is_default);
        if let Some(found) = by_id.or_else(|| self.schema(name)) {
            return Ok(found);
        }
        let contracts: Vec<Contract> = self.served.iter().map(|s| s.contract.clone()).collect();
        match crate::project::choose(&contracts, name) {
            Err(error) => Err(error),
            Ok(_) => Err(Error::usage("unknown-contract", format!("no contract '{name}'"))),
        }
    }

    /// Schema names that queries may use.
    pub fn schema_names(&self) -> Vec<String> {
        let bare = self.served.iter().filter(|s| s.is_default);
        let bare = bare.map(|s| s.contract.sql_name.value.to_lowercase());
        let with_major = self.served.iter().map(|s| s.contract.sql_name_with_major().to_lowercase());
        bare.chain(with_major).collect()
    }

    fn check_pin(&self, pin: &Pin) -> Result<()> {
        for name in pin.by_contract.keys() {
            let known = self.served.iter().any(|s| names(&s.contract, name));
            if !known {
                return Err(Error::usage("unknown-contract", format!("no contract '{name}'"))
                    .at(format!("--release {name}=…")));
            }
        }
        Ok(())
    }
}

fn names(contract: &Contract, name: &str) -> bool {
    contract.id == name || contract.sql_name.value.eq_ignore_ascii_case(name)
}

/// The majors of one contract that have releases, with the release that each is read at.
async fn majors(folder: &ContractFolder, pin: &Pin, settings: &Settings) -> Result<Vec<Served>> {
    let ledger = Ledger::read(folder.ledger()).await?;
    // One small read, unless history or several majors matter.
    let entries = if pin.is_set() || several_majors(folder) {
        chosen(&ledger.entries()?, pin, folder)?
    } else {
        ledger.current()?.into_iter().collect()
    };
    let mut served = Vec::new();
    for entry in entries {
        let release = Release::of_entry(folder, entry)?;
        served.push(Served {
            contract: release.contract.clone(),
            release: Some(release),
            is_default: false,
        });
    }
    served.sort_by_key(|s| s.contract.version.major);
    mark_default(&mut served, settings);
    Ok(served)
}

fn several_majors(folder: &ContractFolder) -> bool {
    let entries = std::fs::read_dir(folder.root());
    let majors = entries.into_iter().flatten().flatten().filter(|e| {
        let name = e.file_name().to_string_lossy().into_owned();
        name.strip_prefix('v').is_some_and(|n| n.parse::<u64>().is_ok())
    });
    majors.count() > 1
}

/// The entry of each major: the newest, or the pinned one.
fn chosen(entries: &[Entry], pin: &Pin, folder: &ContractFolder) -> Result<Vec<Entry>> {
    let releases: Vec<&Entry> = entries.iter().filter(|e| e.is_release()).collect();
    let wanted = pinned_number(&releases, pin, folder)?;
    if let Some(number) = wanted {
        let found = releases.iter().rfind(|e| e.release == Some(number));
        return match found {
            Some(entry) => Ok(vec![(*entry).clone()]),
            None => Err(no_release(folder, number, &releases)),
        };
    }
    let mut newest: BTreeMap<u64, &Entry> = BTreeMap::new();
    for entry in releases {
        if pin.as_of.is_none_or(|instant| entry.time <= instant) {
            newest.insert(entry.major.unwrap_or_default(), entry);
        }
    }
    Ok(newest.into_values().cloned().collect())
}

fn pinned_number(releases: &[&Entry], pin: &Pin, folder: &ContractFolder) -> Result<Option<u64>> {
    let Some(last) = releases.last() else { return Ok(None) };
    if pin.by_contract.is_empty() {
        return Ok(pin.number);
    }
    let contract = Release::of_entry(folder, (*last).clone())?.contract;
    let by_name = pin.by_contract.iter().find(|(name, _)| names(&contract, name));
    Ok(by_name.map(|(_, number)| *number))
}

fn no_release(folder: &ContractFolder, number: u64, releases: &[&Entry]) -> Error {
    let last = releases.iter().filter_map(|e| e.release).max().unwrap_or_default();
    Error::usage("unknown-release", format!("contract '{}' has no release {number}", folder.id()))
        .hint(match last {
            0 => "nothing was released yet".to_owned(),
            last => format!("releases go from 1 to {last}: pactum releases {}", folder.id()),
        })
}

/// The default major: the one that settings name, else the oldest that is not retired.
fn mark_default(served: &mut [Served], settings: &Settings) {
    let wanted = served.first().and_then(|s| {
        let majors = &settings.default_major;
        majors.get(&s.contract.id).or_else(|| majors.get(&s.contract.sql_name.value)).copied()
    });
    let position = served
        .iter()
        .position(|s| Some(s.contract.version.major) == wanted)
        .or_else(|| served.iter().position(|s| !s.contract.is_retired()))
        .or_else(|| served.len().checked_sub(1));
    if let Some(one) = position.and_then(|n| served.get_mut(n)) {
        one.is_default = true;
    }
}

/// Adds contracts whose id and major nobody has published.
fn add_declared(served: &mut Vec<Served>, contracts: Vec<Contract>) {
    for contract in contracts {
        let major = contract.version.major;
        let same_id = |s: &&Served| s.contract.id == contract.id;
        if served.iter().filter(same_id).any(|s| s.contract.version.major == major) {
            continue;
        }
        let is_default = !served.iter().filter(same_id).any(|s| s.is_default);
        served.push(Served { contract, release: None, is_default });
    }
}
