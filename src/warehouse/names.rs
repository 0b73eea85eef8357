//! SQL names: which contract has one, claimed before its first release under that name.
//!
//! Ledgers share nothing that two publishers could compare and swap. A claim is a file that is
//! created once, under the folded name: of two contracts that race for a name, exactly one gets it,
//! and keeps it. Readers look a name up here, without opening any other contract's ledger.

use std::path::PathBuf;

use crate::contract::names::{folded, path_segment};
use crate::error::{Error, Result};

use super::durable::{self, Created};
use super::{Release, Warehouse};

/// A name that no contract's folder has: `~` is followed by digits there.
const FOLDER: &str = "names~";

/// Says that every released contract has its claims; no claim has this name, for the same reason.
const COMPLETE: &str = "~complete";

/// Bytes of a file's name, at most.
const LONGEST: usize = 255;

/// The outcome of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The name is this contract's.
    Own,
    /// The name is another contract's.
    TakenBy {
        /// The other contract's id.
        id: String,
        /// The file that holds the claim.
        file: PathBuf,
    },
}

impl Warehouse {
    /// The id of the contract that has claimed a name.
    ///
    /// # Errors
    /// When the claim cannot be read.
    pub fn claimed_by(&self, name: &str) -> Result<Option<String>> {
        let file = self.claim_file(name);
        // Any word of a query is looked up, even one too long for a file's name.
        if file.file_name().is_some_and(|name| name.len() > LONGEST) {
            return Ok(None);
        }
        let is_there = std::fs::symlink_metadata(&file).is_ok();
        let bytes = durable::read(&file)?;
        if bytes.is_none() && !is_there {
            return Ok(None);
        }
        // Written by hand, an id may end with a line end.
        let id = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        match id.as_deref().map(|id| id.trim_end_matches(['\r', '\n'])) {
            Some(id) if !id.is_empty() => Ok(Some(id.to_owned())),
            _ => Err(Error::try_again("damaged-name", "the claim of a name does not hold an id")
                .at(file.display().to_string())
                .hint("write the id of the contract that has this SQL name into the file")),
        }
    }

    /// Claims a name for a contract; a contract keeps a name that it already has.
    ///
    /// # Errors
    /// When the claim cannot be written or read.
    pub fn claim(&self, name: &str, id: &str) -> Result<Claim> {
        let file = self.claim_file(name);
        if durable::create(&file, id.as_bytes())? == Created::Yes {
            return Ok(Claim::Own);
        }
        self.held(name, id)
    }

    /// Whether a name is unclaimed.
    ///
    /// # Errors
    /// When the claim cannot be read.
    pub fn is_free(&self, name: &str) -> Result<bool> {
        Ok(self.claimed_by(name)?.is_none())
    }

    /// The owner of a name: free names could be this contract's.
    ///
    /// # Errors
    /// When the claim cannot be read.
    pub fn held(&self, name: &str, id: &str) -> Result<Claim> {
        Ok(match self.claimed_by(name)? {
            Some(other) if other != id => Claim::TakenBy { id: other, file: self.claim_file(name) },
            _ => Claim::Own,
        })
    }

    /// The file of a name's claim, existing or not.
    pub fn claim_file(&self, name: &str) -> PathBuf {
        self.root().join(FOLDER).join(path_segment(&folded(name)))
    }

    /// Whether every released contract has its claims, so that a name without one means nothing.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn names_are_complete(&self) -> Result<bool> {
        Ok(durable::read(&self.root().join(FOLDER).join(COMPLETE))?.is_some())
    }

    /// The contract, other than this one, that has been released under one of these names: for
    /// looking names up where not all are claimed yet.
    ///
    /// # Errors
    /// When a ledger cannot be read.
    pub async fn released_under(&self, names: &[String], id: &str) -> Result<Option<String>> {
        let wanted: Vec<String> = names.iter().map(|name| folded(name)).collect();
        let taken = |names: &[String]| names.iter().any(|name| wanted.contains(&folded(name)));
        let released = self.released_names().await?;
        let other = released.into_iter().find(|(other, names)| other != id && taken(names));
        Ok(other.map(|(other, _)| other))
    }

    /// The names of every released contract, by the time of its first release.
    async fn released_names(&self) -> Result<Vec<(String, Vec<String>)>> {
        let mut released = Vec::new();
        for id in self.contracts()? {
            let folder = self.contract(&id);
            let entries = super::Ledger::read(&folder).await?.entries()?;
            let first = entries.iter().find(|e| e.is_release()).map(|e| e.time);
            let mut names = Vec::new();
            for entry in newest_of_each_major(&entries) {
                names.extend(Release::of_entry(&folder, entry)?.contract.schema_names());
            }
            released.push((first, id, names));
        }
        released.sort();
        Ok(released.into_iter().map(|(_, id, names)| (id, names)).collect())
    }

    /// Claims the names of every contract that was released before names were claimed.
    ///
    /// Two contracts that shared a name until now could both not be read by it; the one released
    /// first gets it.
    ///
    /// # Errors
    /// When a ledger cannot be read: then it is unknown whether its names are free.
    pub async fn complete_names(&self) -> Result<()> {
        if self.names_are_complete()? {
            return Ok(());
        }
        for (id, names) in self.released_names().await? {
            for name in names {
                self.claim(&name, &id)?;
            }
        }
        durable::create(&self.root().join(FOLDER).join(COMPLETE), b"").map(|_| ())
    }
}

fn newest_of_each_major(entries: &[super::Entry]) -> Vec<super::Entry> {
    let releases = entries.iter().filter(|e| e.is_release());
    let newest: std::collections::BTreeMap<_, _> = releases.map(|e| (e.major, e.clone())).collect();
    newest.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warehouse() -> (tempfile::TempDir, Warehouse) {
        let folder = tempfile::tempdir().unwrap();
        let warehouse = Warehouse::at(folder.path().to_str().unwrap()).unwrap();
        (folder, warehouse)
    }

    #[test]
    fn of_two_contracts_that_claim_one_name_the_first_keeps_it() {
        let (_folder, warehouse) = warehouse();
        assert_eq!(warehouse.claimed_by("tracks").unwrap(), None);
        assert_eq!(warehouse.claim("tracks", "a").unwrap(), Claim::Own);
        assert_eq!(warehouse.claim("Tracks", "a").unwrap(), Claim::Own);
        let file = warehouse.claim_file("tracks");
        let taken = Claim::TakenBy { id: "a".to_owned(), file };
        // A Kelvin sign folds to the letter k.
        for name in ["tracks", "TRACKS", "trac\u{212A}s"] {
            assert_eq!(warehouse.claim(name, "b").unwrap(), taken);
            assert_eq!(warehouse.held(name, "b").unwrap(), taken);
        }
        assert_eq!(warehouse.claimed_by("tracks").unwrap().as_deref(), Some("a"));
    }

    #[test]
    fn of_many_that_race_for_a_name_one_gets_it() {
        let (_folder, warehouse) = warehouse();
        let wins: usize = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..8)
                .map(|n| {
                    let warehouse = &warehouse;
                    scope.spawn(move || warehouse.claim("tracks", &format!("c{n}")).unwrap())
                })
                .collect();
            racers.into_iter().map(|r| usize::from(r.join().unwrap() == Claim::Own)).sum()
        });
        assert_eq!(wins, 1);
    }

    #[test]
    fn a_word_that_no_file_can_be_named_by_is_not_claimed() {
        let (_folder, warehouse) = warehouse();
        for word in ["y".repeat(256), "\u{3042}".repeat(29), "\u{3042}".repeat(4_000)] {
            assert_eq!(warehouse.claimed_by(&word).unwrap(), None);
        }
    }

    #[test]
    fn a_claim_that_says_nothing_is_named() {
        let (_folder, warehouse) = warehouse();
        warehouse.claim("tracks", "a").unwrap();
        std::fs::write(warehouse.claim_file("tracks"), "").unwrap();
        let error = warehouse.claimed_by("tracks").unwrap_err();
        assert_eq!(error.code(), "damaged-name");
        assert!(error.place().unwrap().ends_with("names~/tracks"));
    }
}
