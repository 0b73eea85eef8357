//! Pins: the releases that a whole query is held to.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, NaiveTime, SecondsFormat, Utc};

use crate::contract::Contract;
use crate::engine::sql::Which;
use crate::error::{Error, Result};
use crate::project::Project;
use crate::warehouse::{Entry, Warehouse};

use super::catalog::{Catalog, names};
use super::wanted::Wanted;

/// Which releases a query sees.
#[derive(Debug, Clone, Default)]
pub struct Pin {
    /// For queries that read one contract.
    pub release: Option<Which>,
    /// By id or SQL name of a contract.
    pub by_contract: BTreeMap<String, Which>,
    /// The last release at or before this instant.
    pub as_of: Option<DateTime<Utc>>,
}

impl Pin {
    /// Whether anything but the current releases is requested.
    fn is_set(&self) -> bool {
        self.release.is_some() || !self.by_contract.is_empty() || self.as_of.is_some()
    }
}

impl Catalog {
    /// Reads the releases that a query with these words is pinned to; a release without a contract
    /// refers to the one contract that the query reads.
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
        catalog.pinned(pin, words)?;
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
        catalog.pinned(pin, words)?;
        Ok(catalog)
    }

    fn pinned(&mut self, pin: &Pin, words: &HashSet<String>) -> Result<()> {
        if self.warehouse.is_none() || !pin.is_set() {
            return Ok(());
        }
        let read = self.read_by(words);
        self.check_pin(pin, &read)?;
        for contract in &read {
            if !self.has_releases(&contract.id) {
                continue;
            }
            let by_name = pin.by_contract.iter().find(|(name, _)| names(contract, name));
            let which = by_name.map(|(_, which)| *which).or(pin.release);
            let wanted = match (which, pin.as_of) {
                (Some(which), _) => Wanted::from(which),
                (None, Some(instant)) => Wanted::AsOf(instant),
                (None, None) => continue,
            };
            if self.choose(&contract.id, wanted)? == 0 {
                return Err(self.not_by_then(&contract.id, pin.as_of));
            }
        }
        Ok(())
    }

    /// Nothing was released at an instant, with the first release after it.
    fn not_by_then(&self, id: &str, as_of: Option<DateTime<Utc>>) -> Error {
        let instant = as_of.map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        let instant = instant.map(|at| format!(" ({at})")).unwrap_or_default();
        let message = format!("nothing of '{id}' was released by then{instant}");
        let error = Error::usage("not-released", message);
        let entries = self.ledgers.get(id).and_then(|ledger| ledger.entries().ok());
        let first = entries.into_iter().flatten().find(Entry::is_release);
        let Some(first) = first else { return error };
        let time = first.time.to_rfc3339_opts(SecondsFormat::Micros, true);
        let midnight = as_of.is_some_and(|at| at.time() == NaiveTime::MIN);
        let date = if midnight { "; a date alone means the start of that day in UTC" } else { "" };
        error.hint(format!("--as-of {time} reads its first release{date}"))
    }

    fn check_pin(&self, pin: &Pin, read: &[Contract]) -> Result<()> {
        let known = |name: &String| self.served.iter().any(|s| names(&s.contract, name));
        if let Some((name, which)) = pin.by_contract.iter().find(|(name, _)| !known(name)) {
            return Err(Error::usage("unknown-contract", format!("no contract '{name}'"))
                .at(format!("{name}={which}")));
        }
        let list: Vec<&str> = read.iter().map(|c| c.sql_name.value.as_str()).collect();
        match list.first() {
            Some(first) if pin.release.is_some() && list.len() > 1 => {
                let all = list.join(" and ");
                let message = format!("the query reads {all}: which one's release is meant?");
                Err(Error::usage("which-contract", message)
                    .hint(format!("name it, such as {first}=N")))
            }
            _ => Ok(()),
        }
    }
}
