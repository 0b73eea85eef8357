//! The catalog: which contract and release an SQL name means, as one snapshot.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::contract::Contract;
use crate::contract::yaml::{self, Node};
use crate::diagnostic::{Diagnostic, Severity, Span, nearest};
use crate::engine::sql;
use crate::error::{Error, Result};
use crate::project::{Project, Settings, bad_setting};
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
    /// Whether anything but the current releases is requested.
    fn is_set(&self) -> bool {
        self.number.is_some() || !self.by_contract.is_empty() || self.as_of.is_some()
    }
}

/// One major of one contract.
#[derive(Debug, Clone)]
pub struct Served {
    /// The contract: the one stored with the release, else the project's.
    pub contract: Arc<Contract>,
    /// The release that is read; `None` before the first.
    pub release: Option<Release>,
    /// Whether the bare SQL name means this major.
    pub is_default: bool,
}

/// Every contract that can be read, at one moment.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// The contracts, by id then major.
    pub served: Vec<Served>,
    /// The warehouse it was read from.
    pub warehouse: Option<Warehouse>,
    /// Whether only the contracts that a query names were read.
    pub is_partial: bool,
    /// Names claimed by contracts that have released nothing, with the claim's file.
    pub(super) claimed: Vec<UnreleasedClaim>,
}

/// A name whose contract has released nothing.
#[derive(Debug, Clone)]
pub(super) struct UnreleasedClaim {
    pub name: String,
    pub id: String,
    pub file: PathBuf,
}

impl Catalog {
    /// Reads the ledgers of a warehouse, and adds the contracts that a project declares and that
    /// were never published.
    ///
    /// # Errors
    /// When a ledger cannot be read.
    pub async fn read(warehouse: Option<&Warehouse>, project: Option<&Project>) -> Result<Self> {
        let ids = warehouse.map(Warehouse::contracts).transpose()?.unwrap_or_default();
        Self::of(&ids, warehouse, project).await
    }

    /// Reads the ledgers of these contracts.
    async fn of(
        ids: &[String],
        warehouse: Option<&Warehouse>,
        project: Option<&Project>,
    ) -> Result<Self> {
        warehouse.map(Warehouse::check_readable).transpose()?;
        let settings = project.map(|p| p.settings.clone()).unwrap_or_default();
        let mut served = Vec::new();
        for id in ids {
            let Some(warehouse) = warehouse else { break };
            let folder = warehouse.contract(id);
            served.extend(majors(&folder, &Wanted::Current, &settings).await?);
        }
        if let Some(project) = project {
            let declared = project.contracts()?.contracts;
            add_declared(&mut served, declared.into_iter().map(Arc::new), &settings);
        }
        Ok(Self { served, warehouse: warehouse.cloned(), ..Self::default() })
    }

    /// Reads the contracts that a query with these words may name: through the claims of names, so
    /// that no other contract's ledger is opened.
    async fn of_words(
        warehouse: Option<&Warehouse>,
        project: Option<&Project>,
        names: &BTreeSet<&str>,
    ) -> Result<Self> {
        let through_claims = match warehouse {
            // The system tables list every contract.
            Some(warehouse) if !names.contains("pactum") => warehouse.names_are_complete()?,
            _ => false,
        };
        let Some(warehouse) = warehouse.filter(|_| through_claims) else {
            return Self::read(warehouse, project).await;
        };
        let mut ids = BTreeSet::new();
        let mut claims = Vec::new();
        for name in names {
            if let Some(id) = warehouse.claimed_by(name)? {
                ids.insert(id.clone());
                let file = warehouse.claim_file(name);
                claims.push(UnreleasedClaim { name: (*name).to_owned(), id, file });
            }
        }
        let ids: Vec<String> = ids.into_iter().collect();
        let mut catalog = Self::of(&ids, Some(warehouse), project).await?;
        claims.retain(|claim| catalog.served.iter().all(|s| s.contract.id != claim.id));
        (catalog.is_partial, catalog.claimed) = (true, claims);
        Ok(catalog)
    }

    /// Reads the releases that a query with these words is pinned to; a bare number refers to the
    /// one contract that the query reads.
    ///
    /// # Errors
    /// When a ledger cannot be read, or a pinned release does not exist.
    pub async fn read_for(
        warehouse: Option<&Warehouse>,
        project: Option<&Project>,
        pin: &Pin,
        words: &HashSet<String>,
    ) -> Result<Self> {
        let named: BTreeSet<&str> = words.iter().map(String::as_str).collect();
        let mut catalog = match pin.by_contract.is_empty() {
            true => Self::of_words(warehouse, project, &named).await?,
            // A pin may name a contract by its id, which no claim leads to.
            false => Self::read(warehouse, project).await?,
        };
        catalog.pinned(warehouse, project, pin, words).await?;
        Ok(catalog)
    }

    /// As [`Catalog::read_for`], but of every contract: a claim may have been lost.
    ///
    /// # Errors
    /// As [`Catalog::read_for`].
    pub async fn read_whole(
        warehouse: Option<&Warehouse>,
        project: Option<&Project>,
        pin: &Pin,
        words: &HashSet<String>,
    ) -> Result<Self> {
        let mut catalog = Self::read(warehouse, project).await?;
        catalog.pinned(warehouse, project, pin, words).await?;
        Ok(catalog)
    }

    async fn pinned(
        &mut self,
        warehouse: Option<&Warehouse>,
        project: Option<&Project>,
        pin: &Pin,
        words: &HashSet<String>,
    ) -> Result<()> {
        let catalog = self;
        let Some(warehouse) = warehouse.filter(|_| pin.is_set()) else { return Ok(()) };
        let read = catalog.read_by(words);
        catalog.check_pin(pin, &read)?;
        let settings = project.map(|p| p.settings.clone()).unwrap_or_default();
        for contract in &read {
            if catalog.served.iter().all(|s| s.contract.id != contract.id || s.release.is_none()) {
                continue;
            }
            let by_name = pin.by_contract.iter().find(|(name, _)| names(contract, name));
            let number = by_name.map(|(_, number)| *number).or(pin.number);
            let wanted = match (number, pin.as_of) {
                (Some(number), _) => Wanted::Number(number),
                (None, Some(instant)) => Wanted::AsOf(instant),
                (None, None) => continue,
            };
            let pinned = majors(&warehouse.contract(&contract.id), &wanted, &settings).await?;
            if pinned.is_empty() {
                let message = format!("nothing of '{}' was released by then", contract.id);
                return Err(Error::usage("not-released", message));
            }
            catalog.served.retain(|s| s.contract.id != contract.id);
            catalog.served.extend(pinned);
        }
        Ok(())
    }

    /// Whether a query names a contract that has claimed its name and released nothing.
    pub fn has_unreleased_claims(&self) -> bool {
        !self.claimed.is_empty()
    }

    /// Settings of `default_major` that name a contract or a major that does not exist.
    pub fn unknown_majors(&self, settings: &Settings) -> Vec<Diagnostic> {
        let tree = yaml::parse(&settings.source).ok();
        let stated = tree.as_ref().and_then(|tree| tree.get("default_major"));
        let span = |name: &str| {
            let entries = stated.map(Node::entries).unwrap_or_default().iter();
            entries.filter(|(key, _)| key.text == name).map(|(key, _)| key.span).next()
        };
        let one = |(name, major): (&String, &u64)| {
            let own: Vec<&Served> =
                self.served.iter().filter(|s| names(&s.contract, name)).collect();
            let (message, hint) = match own.is_empty() {
                true => {
                    let all = self.served.iter();
                    let all =
                        all.flat_map(|s| [s.contract.id.as_str(), &s.contract.sql_name.value]);
                    let near = nearest(name, all).map(|near| format!("did you mean '{near}'?"));
                    (format!("default_major names '{name}', which is not a contract"), near)
                }
                false if own.iter().any(|s| s.contract.version.major == *major) => return None,
                false => (format!("'{name}' has no major {major}"), None),
            };
            let span = span(name).unwrap_or(Span::START);
            let found = Diagnostic::new(&bad_setting::META, &settings.source, span, message);
            Some(found.severity(Severity::Warning).maybe_hint(hint))
        };
        settings.default_major.iter().filter_map(one).collect()
    }

    /// Ids of the contracts whose SQL names occur in a text.
    pub fn named_in(&self, text: &str) -> Vec<String> {
        let words = sql::words(text).unwrap_or_default();
        self.read_by(&words).into_iter().map(|contract| contract.id).collect()
    }

    /// The contracts whose schema names stand among these words, each once.
    fn read_by(&self, words: &HashSet<String>) -> Vec<Contract> {
        let mut read: Vec<Contract> = Vec::new();
        for served in &self.served {
            let contract = &served.contract;
            let named = words.contains(&contract.sql_name.value.to_ascii_lowercase())
                || words.contains(&contract.sql_name_with_major().to_ascii_lowercase());
            if named && !read.iter().any(|c| c.id == contract.id) {
                read.push(contract.as_ref().clone());
            }
        }
        read
    }

    fn check_pin(&self, pin: &Pin, read: &[Contract]) -> Result<()> {
        let known = |name: &String| self.served.iter().any(|s| names(&s.contract, name));
        if let Some(name) = pin.by_contract.keys().find(|name| !known(name)) {
            return Err(Error::usage("unknown-contract", format!("no contract '{name}'"))
                .at(format!("--release {name}=…")));
        }
        if pin.number.is_none() || read.len() <= 1 {
            return Ok(());
        }
        let list: Vec<&str> = read.iter().map(|c| c.sql_name.value.as_str()).collect();
        let message =
            format!("the query reads {}: which one's release is meant?", list.join(" and "));
        Err(Error::usage("which-contract", message).hint(format!("--release {}=N", list[0])))
    }

    /// A catalog of contracts only: every table is empty and has its planned types.
    pub fn declared(
        contracts: impl IntoIterator<Item = Arc<Contract>>,
        settings: &Settings,
    ) -> Self {
        let mut served = Vec::new();
        add_declared(&mut served, contracts, settings);
        Self { served, ..Self::default() }
    }

    /// A catalog of contracts, and of further contracts and majors in a warehouse: for planning,
    /// not for answers.
    ///
    /// # Errors
    /// When a ledger cannot be read.
    pub async fn beside(
        contracts: impl IntoIterator<Item = Arc<Contract>>,
        warehouse: Option<&Warehouse>,
        settings: &Settings,
    ) -> Result<Self> {
        let mut all: Vec<Arc<Contract>> = contracts.into_iter().collect();
        if let Some(warehouse) = warehouse {
            let released = Self::read(Some(warehouse), None).await?;
            all.extend(released.served.into_iter().map(|s| s.contract));
        }
        // Where a contract is both declared and released, the declared document counts.
        Ok(Self::declared(all, settings))
    }

    /// The contract that a schema name means, in any case: `recommendations`, or
    /// `recommendations_v2` for that very major.
    pub fn schema(&self, name: &str) -> Option<&Served> {
        let by_name =
            |s: &&Served| s.is_default && s.contract.sql_name.value.eq_ignore_ascii_case(name);
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
        let contracts: Vec<Contract> =
            self.served.iter().map(|s| s.contract.as_ref().clone()).collect();
        match crate::project::choose(&contracts, name) {
            Err(error) => Err(error),
            Ok(_) => Err(Error::usage("unknown-contract", format!("no contract '{name}'"))),
        }
    }

    /// Which contracts a schema name in lower case may mean, by their places.
    pub(super) fn index(&self) -> HashMap<String, Vec<usize>> {
        let mut index: HashMap<String, Vec<usize>> = HashMap::new();
        for (n, served) in self.served.iter().enumerate() {
            let bare = served.contract.sql_name.value.to_ascii_lowercase();
            let with_major = served.contract.sql_name_with_major().to_ascii_lowercase();
            for name in [bare, with_major] {
                index.entry(name).or_default().push(n);
            }
        }
        index
    }

    /// Schema names that queries may use.
    pub fn schema_names(&self) -> Vec<String> {
        let bare = self.served.iter().filter(|s| s.is_default);
        let bare = bare.map(|s| s.contract.sql_name.value.to_ascii_lowercase());
        let with_major =
            self.served.iter().map(|s| s.contract.sql_name_with_major().to_ascii_lowercase());
        bare.chain(with_major).collect()
    }
}

fn names(contract: &Contract, name: &str) -> bool {
    contract.id == name || contract.sql_name.value.eq_ignore_ascii_case(name)
}

/// Which releases of a contract are read.
enum Wanted {
    /// The newest of each major.
    Current,
    /// One by its number.
    Number(u64),
    /// The last of each major at or before an instant.
    AsOf(DateTime<Utc>),
}

/// The majors of one contract that have releases, with the release that each is read at.
async fn majors(
    folder: &ContractFolder,
    wanted: &Wanted,
    settings: &Settings,
) -> Result<Vec<Served>> {
    let ledger = Ledger::read(folder).await?;
    // One small read, unless history or several majors matter.
    let entries = match wanted {
        Wanted::Current if ledger.has_one_major()? => ledger.current()?.into_iter().collect(),
        _ => chosen(&ledger.entries()?, wanted, folder)?,
    };
    let mut served = Vec::new();
    for entry in entries {
        let release = Release::of_entry(folder, entry)?;
        served.push(Served {
            contract: Arc::new(release.contract.clone()),
            release: Some(release),
            is_default: false,
        });
    }
    mark_default(&mut served, settings);
    Ok(served)
}

/// The entry of each major: the newest, or the pinned one.
fn chosen(entries: &[Entry], wanted: &Wanted, folder: &ContractFolder) -> Result<Vec<Entry>> {
    let releases: Vec<&Entry> = entries.iter().filter(|e| e.is_release()).collect();
    let until = match wanted {
        Wanted::Number(number) => {
            let found = releases.iter().rfind(|e| e.release == Some(*number));
            return match found {
                Some(entry) => Ok(vec![(*entry).clone()]),
                None => Err(no_release(folder, *number, &releases)),
            };
        }
        Wanted::AsOf(instant) => Some(*instant),
        Wanted::Current => None,
    };
    let mut newest: BTreeMap<u64, &Entry> = BTreeMap::new();
    for entry in releases {
        if until.is_none_or(|instant| entry.time <= instant) {
            newest.insert(entry.major.unwrap_or_default(), entry);
        }
    }
    Ok(newest.into_values().cloned().collect())
}

fn no_release(folder: &ContractFolder, number: u64, releases: &[&Entry]) -> Error {
    let last = releases.iter().filter_map(|e| e.release).max().unwrap_or_default();
    Error::usage("unknown-release", format!("contract '{}' has no release {number}", folder.id()))
        .hint(match last {
            0 => "nothing was released yet".to_owned(),
            last => format!("releases go from 1 to {last}: pactum releases {}", folder.id()),
        })
}

/// Marks the default among the majors of one contract: the one that settings name, else the
/// oldest that is not retired.
fn mark_default(served: &mut [Served], settings: &Settings) {
    served.sort_by_key(|s| s.contract.version.major);
    served.iter_mut().for_each(|s| s.is_default = false);
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

/// Adds contracts whose id and major were never published. Released majors stay the default.
fn add_declared(
    served: &mut Vec<Served>,
    contracts: impl IntoIterator<Item = Arc<Contract>>,
    settings: &Settings,
) {
    let released: HashSet<String> = served.iter().map(|s| s.contract.id.clone()).collect();
    let mut known: HashSet<(String, u64)> = served.iter().map(|s| key(&s.contract)).collect();
    let mut added: BTreeMap<String, Vec<Served>> = BTreeMap::new();
    for contract in contracts {
        if known.insert(key(&contract)) {
            let id = contract.id.clone();
            let one = Served { contract, release: None, is_default: false };
            added.entry(id).or_default().push(one);
        }
    }
    for (id, mut majors) in added {
        if !released.contains(&id) {
            mark_default(&mut majors, settings);
        }
        served.extend(majors);
    }
}

fn key(contract: &Contract) -> (String, u64) {
    (contract.id.clone(), contract.version.major)
}
