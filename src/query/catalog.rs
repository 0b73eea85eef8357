//! The catalog: which contract and release an SQL name means, as one snapshot.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::contract::Contract;
use crate::contract::model::Table;
use crate::contract::yaml::{self, Node};
use crate::diagnostic::{Diagnostic, Severity, Span, nearest};
use crate::engine::sql;
use crate::error::{Error, Result};
use crate::project::{Project, Settings, bad_setting};
use crate::warehouse::{ContractFolder, Ledger, Release, Warehouse};

use super::wanted::{Wanted, chosen};

/// Schemas whose tables list every contract.
const SYSTEM: [&str; 2] = ["pactum", "information_schema"];

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

impl Served {
    /// The schema's name as it is listed: bare, or with the major where the bare name means another.
    pub fn listed_name(&self) -> String {
        match self.is_default {
            true => self.contract.sql_name.value.clone(),
            false => self.contract.sql_name_with_major(),
        }
    }

    /// The tables that the release holds.
    pub fn released_tables(&self) -> impl Iterator<Item = &Table> {
        let held = self.release.as_ref().map(|release| &release.entry.tables);
        let is_held = move |t: &&Table| held.is_some_and(|held| held.contains_key(&t.name.value));
        self.contract.tables.iter().filter(is_held)
    }
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
    /// The ledgers as they were read, by contract id: whatever else a query asks of them, it asks of
    /// this reading.
    pub(super) ledgers: BTreeMap<String, Arc<Ledger>>,
    /// The default majors.
    settings: Settings,
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
        let mut ledgers = BTreeMap::new();
        for id in ids {
            let Some(warehouse) = warehouse else { break };
            let folder = warehouse.contract(id);
            let ledger = Arc::new(Ledger::read(&folder).await?);
            served.extend(majors(&folder, &ledger, Wanted::Current, &settings)?);
            ledgers.insert(id.clone(), ledger);
        }
        if let Some(project) = project {
            let declared = project.contracts()?.contracts;
            add_declared(&mut served, declared.into_iter().map(Arc::new), &settings);
        }
        let warehouse = warehouse.cloned();
        Ok(Self { served, warehouse, ledgers, settings, ..Self::default() })
    }

    /// Reads the contracts that a query with these words may name: through the claims of names, so
    /// that no other contract's ledger is opened.
    pub(super) async fn of_words(
        warehouse: Option<&Warehouse>,
        project: Option<&Project>,
        names: &BTreeSet<&str>,
    ) -> Result<Self> {
        let through_claims = match warehouse {
            // The system tables list every contract.
            Some(warehouse) if SYSTEM.iter().all(|schema| !names.contains(schema)) => {
                warehouse.names_are_complete()?
            }
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

    /// Whether a contract has releases.
    pub(super) fn has_releases(&self, id: &str) -> bool {
        self.served.iter().any(|s| s.contract.id == id && s.release.is_some())
    }

    /// Reads other releases of a contract than the current ones; returns how many majors have one.
    ///
    /// # Errors
    /// When the ledger cannot be read, or the release does not exist.
    pub(super) fn choose(&mut self, id: &str, wanted: Wanted) -> Result<usize> {
        let chosen = self.releases(id, wanted)?;
        let count = chosen.len();
        if count > 0 {
            self.served.retain(|s| s.contract.id != id);
            self.served.extend(chosen);
        }
        Ok(count)
    }

    /// The majors of a contract at some of its releases.
    ///
    /// # Errors
    /// As [`Catalog::choose`].
    pub(super) fn releases(&self, id: &str, wanted: Wanted) -> Result<Vec<Served>> {
        let (Some(warehouse), Some(ledger)) = (&self.warehouse, self.ledgers.get(id)) else {
            return Ok(Vec::new());
        };
        majors(&warehouse.contract(id), ledger, wanted, &self.settings)
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
    pub(super) fn read_by(&self, words: &HashSet<String>) -> Vec<Contract> {
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

    /// A catalog of contracts only: every table is empty and has its planned types.
    pub fn declared(
        contracts: impl IntoIterator<Item = Arc<Contract>>,
        settings: &Settings,
    ) -> Self {
        let mut served = Vec::new();
        add_declared(&mut served, contracts, settings);
        Self { served, settings: settings.clone(), ..Self::default() }
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
        let mut released = Self::default();
        if warehouse.is_some() {
            released = Self::read(warehouse, None).await?;
            all.extend(released.served.iter().map(|s| s.contract.clone()));
        }
        // Where a contract is both declared and released, the declared document counts, unless a text
        // names a release.
        let (warehouse, ledgers) = (released.warehouse, released.ledgers);
        Ok(Self { warehouse, ledgers, ..Self::declared(all, settings) })
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

pub(super) fn names(contract: &Contract, name: &str) -> bool {
    contract.id == name || contract.sql_name.value.eq_ignore_ascii_case(name)
}

/// The majors of one contract that have releases, with the release that each is read at.
fn majors(
    folder: &ContractFolder,
    ledger: &Ledger,
    wanted: Wanted,
    settings: &Settings,
) -> Result<Vec<Served>> {
    // One small read, unless history or several majors matter.
    let entries = match wanted {
        Wanted::Current if ledger.has_one_major()? => ledger.current()?.into_iter().collect(),
        _ => chosen(folder.id(), &ledger.entries()?, wanted)?,
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
