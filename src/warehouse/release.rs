//! Releases as readers resolve them: through the ledger alone.

use std::sync::Arc;

use crate::contract::{self, Contract};
use crate::diagnostic::Source;
use crate::engine::files::InputFile;
use crate::engine::parquet_file::ParquetFile;
use crate::engine::recorded::damaged;
use crate::error::{Error, Result};

use super::blocks;
use super::delta::Head;
use super::files::TableFiles;
use super::ledger::{Entry, TableVersion};
use super::{ContractFolder, Ledger};

/// One release of a contract.
#[derive(Debug, Clone)]
pub struct Release {
    /// Its entry in the ledger.
    pub entry: Entry,
    /// The contract that governs it: the one stored with it.
    pub contract: Contract,
    folder: ContractFolder,
}

/// One table of a release with the files that make it up.
#[derive(Debug, Clone)]
pub struct ReleasedTable {
    /// Its part of the ledger's entry.
    pub version: TableVersion,
    /// Folder of the Delta table.
    pub folder: std::path::PathBuf,
    /// The files.
    pub files: TableFiles,
}

impl ReleasedTable {
    /// The files to be read, each as it was recorded.
    ///
    /// # Errors
    /// `lost-file` or `damaged-file`: a file or its hashes are gone or differ from what was
    /// written.
    pub fn inputs(&self) -> Result<Vec<InputFile>> {
        self.files.files.iter().map(|file| blocks::recorded(&self.folder, file)).collect()
    }

    /// Refuses files that do not have the released rows: the table's log now names other files than
    /// it did then.
    ///
    /// # Errors
    /// `damaged-release`.
    pub fn refuse_other_rows(&self, rows: u64) -> Result<()> {
        if rows == self.version.rows {
            return Ok(());
        }
        let message = format!(
            "version {} of the table has {rows} rows, the ledger says {}",
            self.version.version, self.version.rows
        );
        Err(Error::try_again("damaged-release", message)
            .at(self.folder.join("_delta_log").display().to_string())
            .hint("the table's log was changed; restore it from a backup, or publish again"))
    }

    /// Compares every byte with the record, and the rows with the ledger.
    fn compare(&self) -> Result<()> {
        let inputs = self.inputs()?;
        inputs.iter().try_for_each(InputFile::compare)?;
        self.refuse_other_rows(rows_of(&inputs)?)
    }

    /// The files to read, whose rows match the ledger.
    ///
    /// # Errors
    /// As [`ReleasedTable::inputs`], and `damaged-release`.
    pub fn whole(&self) -> Result<Vec<InputFile>> {
        let inputs = self.inputs()?;
        self.refuse_other_rows(rows_of(&inputs)?)?;
        Ok(inputs)
    }

    /// The first of them.
    ///
    /// # Errors
    /// As [`ReleasedTable::inputs`].
    pub fn first(&self) -> Result<Option<InputFile>> {
        self.files.files.first().map(|file| blocks::recorded(&self.folder, file)).transpose()
    }
}

/// The rows by the files' footers.
fn rows_of(inputs: &[InputFile]) -> Result<u64> {
    let rows = |input: &InputFile| {
        let opened = ParquetFile::open(input).map(|file| file.rows());
        opened.map_err(|reason| input.damage().unwrap_or_else(|| damaged(&input.path, &reason)))
    };
    inputs.iter().map(rows).sum()
}

impl Release {
    /// Reads the release of an entry.
    ///
    /// # Errors
    /// When the entry is not a release, or its contract cannot be parsed.
    pub fn of_entry(folder: &ContractFolder, entry: Entry) -> Result<Self> {
        let number = entry.release.unwrap_or_default();
        let name = format!("contract of {} release {number}", folder.id());
        let text = entry.contract.clone().unwrap_or_default();
        let parsed = contract::parse(&Arc::new(Source::new(name.clone(), text)));
        let contract = parsed.contract.ok_or_else(|| {
            Error::try_again("ledger", "the stored contract cannot be read").at(name)
        })?;
        Ok(Self { entry, contract, folder: folder.clone() })
    }

    /// The current release; `None` before the first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn current(folder: &ContractFolder) -> Result<Option<Self>> {
        let ledger = Ledger::read(folder).await?;
        ledger.current()?.map(|entry| Self::of_entry(folder, entry)).transpose()
    }

    /// The current release of a major; `None` before its first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn current_of(folder: &ContractFolder, major: u64) -> Result<Option<Self>> {
        let ledger = Ledger::read(folder).await?;
        let is_own = |e: &Entry| e.is_release() && e.major == Some(major);
        // The newest release is one small read, and usually of this major.
        let entry = match ledger.current()? {
            Some(newest) if !is_own(&newest) => ledger.entries()?.into_iter().rfind(is_own),
            newest => newest,
        };
        entry.map(|entry| Self::of_entry(folder, entry)).transpose()
    }

    /// The release of a major so many before its current one; `None` where it does not have so many.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn back_from_current(
        folder: &ContractFolder,
        major: u64,
        back: u64,
    ) -> Result<Option<Self>> {
        let entries = Ledger::read(folder).await?.entries()?;
        let is_own = |e: &Entry| e.is_release() && e.major == Some(major);
        let mut newest_first = entries.into_iter().rev().filter(is_own);
        let entry = newest_first.nth(usize::try_from(back).unwrap_or(usize::MAX));
        entry.map(|entry| Self::of_entry(folder, entry)).transpose()
    }

    /// The release of a major that was current before the release of a number; `None` where that was
    /// the major's first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn before(folder: &ContractFolder, major: u64, number: u64) -> Result<Option<Self>> {
        let earlier = |e: &Entry| {
            e.is_release() && e.major == Some(major) && e.release.is_some_and(|n| n < number)
        };
        let entries = Ledger::read(folder).await?.entries()?;
        let entry = entries.into_iter().rfind(earlier);
        entry.map(|entry| Self::of_entry(folder, entry)).transpose()
    }

    /// The release of a number; `None` when the contract has no such release.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn numbered(folder: &ContractFolder, number: u64) -> Result<Option<Self>> {
        let entries = Ledger::read(folder).await?.entries()?;
        let entry = entries.into_iter().rfind(|e| e.is_release() && e.release == Some(number));
        entry.map(|entry| Self::of_entry(folder, entry)).transpose()
    }

    /// The release's number.
    pub fn number(&self) -> u64 {
        self.entry.release.unwrap_or_default()
    }

    /// Compares every byte of the release with its record; returns what is lost, if anything.
    ///
    /// # Errors
    /// When something is unreachable now: that does not count as lost.
    pub async fn loss(&self) -> Result<Option<Error>> {
        for name in self.entry.tables.keys() {
            let compared = match self.table(name).await {
                Ok(table) => table.compare(),
                Err(error) => Err(error),
            };
            match compared {
                Ok(()) => {}
                Err(error) if is_lost(&error) => return Ok(Some(error)),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// A table's files.
    ///
    /// # Errors
    /// When the release has no such table, or its Delta log cannot be read.
    pub async fn table(&self, name: &str) -> Result<ReleasedTable> {
        let version = self.entry.tables.get(name).ok_or_else(|| {
            Error::usage(
                "unknown-table",
                format!("release {} has no table '{name}'", self.number()),
            )
        })?;
        let folder = self.folder.table(&version.path);
        let files = Head::new(folder.clone()).at(version.version).await?;
        Ok(ReleasedTable { version: version.clone(), folder, files })
    }
}

/// Whether a released table is permanently gone or damaged. A table that is merely unreachable is
/// not: a disk that was away for a moment must not leave a clause untested, or give up a release.
pub fn is_lost(error: &Error) -> bool {
    let codes = ["lost-file", "damaged-file", "damaged-log", "damaged-release", "missing-version"];
    codes.contains(&error.code())
}
