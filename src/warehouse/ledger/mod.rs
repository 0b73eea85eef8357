//! The ledger: a contract's ordered list of releases, a Delta table of its own.
//!
//! Appending by compare-and-swap is the commit point of a publish. Every entry is one row; each
//! append writes one small Parquet file, and folds all of them into one when they have become
//! many. The order of entries is that of their sequences: other tools may have rewritten the files,
//! so neither a file's name nor the log's version tells which entry is the newest.

mod codec;
mod entry;

use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use bytes::Bytes;
use chrono::Utc;
use twox_hash::XxHash64;

use crate::error::{Error, Result};

use super::delta::Head;
use super::files::{DataFile, Tags};
use super::{ContractFolder, durable, paths};

use codec::{decode, encode, from_parquet, to_parquet};

pub use entry::{Entry, Origin, TableVersion};

/// Files after which an append folds the ledger into one.
const FOLD_AFTER: usize = 32;

/// The tag of a file that holds the hash of its bytes.
const HASH: &str = "pactum.xxh64";

/// A file of the ledger is small and read whole: one hash covers it.
fn hash(bytes: &[u8]) -> String {
    format!("{:016x}", XxHash64::oneshot(0, bytes))
}

/// The outcome of an append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Append {
    /// The entry is durable.
    Appended,
    /// Someone else appended first: read again.
    Conflict,
}

/// A contract's ledger, as it was read.
#[derive(Debug, Clone)]
pub struct Ledger {
    head: Head,
    version: Option<u64>,
    files: Vec<DataFile>,
}

impl Ledger {
    /// Reads a contract's ledger; before the first publish it does not exist and has no entries.
    ///
    /// # Errors
    /// When the log cannot be read, it is missing although the contract has tables, or the warehouse is
    /// of a newer format.
    pub async fn read(folder: &ContractFolder) -> Result<Self> {
        folder.warehouse().check_readable()?;
        let ledger = Self::open(folder.ledger()).await?;
        if ledger.version.is_none()
            && let Some(table) = folder.any_table()?
        {
            return Err(missing(folder, &table));
        }
        Ok(ledger)
    }

    async fn open(folder: PathBuf) -> Result<Self> {
        let head = Head::new(folder);
        let newest = head.newest().await.map_err(damaged_log)?;
        if newest.as_ref().is_some_and(|table| table.is_partitioned) {
            return Err(damaged(head.folder(), "another tool has partitioned it"));
        }
        Ok(Self {
            head,
            version: newest.as_ref().map(|t| t.version),
            files: newest.map(|t| t.files).unwrap_or_default(),
        })
    }

    /// Whether the ledger exists; it may be empty.
    pub fn exists(&self) -> bool {
        self.version.is_some()
    }

    /// Whether both are the same reading of one ledger.
    pub fn is_same_reading(&self, other: &Self) -> bool {
        self.version == other.version
    }

    /// The ledger, created without entries if it does not exist yet.
    ///
    /// It is created before the first commit to any table: tables without a ledger mean a lost
    /// ledger, never an interrupted first publish.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn created(self, publish_id: &str) -> Result<Self> {
        if self.exists() {
            return Ok(self);
        }
        // Another publisher may have created it meanwhile: both made the same.
        self.head.swap(None, &[], &[], &codec::schema(), publish_id).await?;
        Self::open(self.head.folder().to_owned()).await
    }

    /// Every entry, oldest first.
    ///
    /// # Errors
    /// When a file of the ledger cannot be read.
    pub fn entries(&self) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for file in &self.files {
            for batch in self.batches(file, None)? {
                entries.extend(self.decoded(&batch)?);
            }
        }
        entries.sort_by_key(|e| e.sequence);
        // Another tool may have written the same rows twice.
        entries.dedup();
        let folder = self.head.folder();
        if let Some(pair) = entries.windows(2).find(|pair| pair[0].sequence == pair[1].sequence) {
            let words = format!("it has two entries of sequence {}", pair[0].sequence);
            return Err(damaged(folder, &words));
        }
        let is_whole = |e: &&Entry| !e.is_release() || (e.release.is_some() && e.major.is_some());
        match entries.iter().find(|e| !is_whole(e)) {
            Some(entry) => {
                let words = format!("entry {} is a release without a number", entry.sequence);
                Err(damaged(folder, &words))
            }
            None => Ok(entries),
        }
    }

    /// Whether all releases have one major, so that the newest is that major's.
    ///
    /// # Errors
    /// When a file of the ledger cannot be read.
    pub fn has_one_major(&self) -> Result<bool> {
        let mut found: Option<(u64, u64)> = None;
        for file in &self.files {
            let told = file.statistics.as_deref().and_then(codec::majors_in_statistics);
            let range = match told {
                Some(range) => Some(range),
                None => {
                    let batches = self.batches(file, Some("major"))?;
                    let majors = || batches.iter().flat_map(|b| codec::numbers(b, "major"));
                    majors().min().zip(majors().max())
                }
            };
            let both = found.into_iter().chain(range);
            found = both.reduce(|(a, b), (c, d)| (a.min(c), b.max(d)));
        }
        Ok(found.is_none_or(|(least, most)| least == most))
    }

    /// The entries of some rows, none of which names a table elsewhere: a publish only repairs
    /// files in its own contract's folder.
    fn decoded(&self, batch: &RecordBatch) -> Result<Vec<Entry>> {
        let entries = decode(batch)?;
        for table in entries.iter().flat_map(|entry| entry.tables.values()) {
            paths::refuse_words(&table.path).map_err(|why| {
                let words = format!("an entry names a table elsewhere: {} {why}", table.path);
                damaged(self.head.folder(), &words)
            })?;
        }
        Ok(entries)
    }

    /// The entry of the current release: one small read, if the files' statistics show which of
    /// them holds the newest entry.
    ///
    /// # Errors
    /// When the newest file of the ledger cannot be read.
    pub fn current(&self) -> Result<Option<Entry>> {
        let mut files: Vec<(Option<u64>, &DataFile)> = Vec::with_capacity(self.files.len());
        for file in &self.files {
            files.push((self.newest_in(file)?, file));
        }
        files.sort_by_key(|(newest, _)| std::cmp::Reverse(*newest));
        let mut found: Option<Entry> = None;
        for (newest, file) in files {
            // Files may overlap: one that begins later cannot hold a newer release.
            if found.as_ref().is_some_and(|e| newest.is_none_or(|n| n <= e.sequence)) {
                break;
            }
            for batch in self.batches(file, None)? {
                let releases = self.decoded(&batch)?.into_iter().filter(Entry::is_release);
                found = found.into_iter().chain(releases).max_by_key(|e| e.sequence);
            }
        }
        Ok(found)
    }

    /// The greatest sequence of a file: by its statistics, or by its own column.
    fn newest_in(&self, file: &DataFile) -> Result<Option<u64>> {
        let told = file.statistics.as_deref().and_then(codec::newest_in_statistics);
        if told.is_some() {
            return Ok(told);
        }
        let batches = self.batches(file, Some("sequence"))?;
        Ok(batches.iter().flat_map(codec::sequences).max())
    }

    /// Appends an entry, unless another was appended since this ledger was read.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn append(&self, entry: &Entry) -> Result<Append> {
        let mut added = vec![self.write(&encode(entry)?, entry.sequence)?];
        let mut removed = Vec::new();
        // Old files that another tool rewrote may not fit together: then they stay as they are.
        if self.files.len() >= FOLD_AFTER
            && let Ok(folded) = self.fold()
        {
            // Old entries become one file; the new one stays a small file.
            added.push(self.write(&folded, entry.sequence.saturating_sub(1))?);
            removed.clone_from(&self.files);
        }
        let schema = codec::schema();
        let swapped = self.head.swap(self.version, &added, &removed, &schema, &entry.publish_id);
        let swapped = swapped.await;
        // Success depends on whether the log names this file, not on the returned answer.
        let version = self.version.map_or(0, |v| v + 1);
        if matches!(swapped, Ok(Some(_))) || self.head.has_added(version, &added[0].path)? {
            return Ok(Append::Appended);
        }
        for file in &added {
            durable::remove_quietly(&self.head.folder().join(&file.path));
        }
        swapped.map(|_| Append::Conflict)
    }

    /// Writes rows as a file with a unique name.
    fn write(&self, batch: &RecordBatch, sequence: u64) -> Result<DataFile> {
        let name = format!("{sequence:020}-{}.parquet", uuid::Uuid::now_v7());
        let bytes = to_parquet(batch)?;
        durable::create(&self.head.folder().join(&name), &bytes)?;
        Ok(DataFile {
            path: name,
            size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            modified: Utc::now().timestamp_millis(),
            statistics: codec::statistics(batch),
            tags: Tags::from([(HASH.to_owned(), Some(hash(&bytes)))]),
        })
    }

    /// All rows of the ledger, with every column that any of them has.
    fn fold(&self) -> Result<RecordBatch> {
        let mut batches = Vec::new();
        for file in &self.files {
            batches.extend(self.batches(file, None)?);
        }
        codec::merge(&batches)
    }

    /// The rows of one file, which must be the one that the log names.
    fn batches(&self, file: &DataFile, only: Option<&str>) -> Result<Vec<RecordBatch>> {
        let folder = self.head.folder();
        let path = paths::inside(folder, &file.path).map_err(|why| {
            let words = format!("its log names a file elsewhere: {} {why}", file.path);
            damaged(folder, &words)
        })?;
        let bytes = match durable::read(&path) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Err(damaged(&path, "it is missing")),
            Err(e) if e.code() == "not-a-file" => return Err(damaged(&path, "it is not a file")),
            Err(e) => return Err(e),
        };
        if i64::try_from(bytes.len()) != Ok(file.size) {
            let words = format!("it has {} bytes, the log says {}", bytes.len(), file.size);
            return Err(damaged(&path, &words));
        }
        // Files of earlier versions, and those that other tools have written, have none.
        let recorded = file.tags.get(HASH).and_then(Option::as_deref);
        if recorded.is_some_and(|recorded| recorded != hash(&bytes)) {
            return Err(damaged(&path, "its bytes are not those that were written"));
        }
        from_parquet(Bytes::from(bytes), only).map_err(|words| damaged(&path, &words))
    }
}

const RESTORE: &str = "restore the contract's _ledger folder from a backup of the warehouse; \
                       nothing is published or read while it is damaged";

fn damaged(path: &Path, words: &str) -> Error {
    Error::try_again("damaged-ledger", format!("a file of the ledger cannot be read: {words}"))
        .at(path.display().to_string())
        .hint(RESTORE)
}

/// A damaged log says what to do; an unreadable folder reports that itself.
fn damaged_log(error: Error) -> Error {
    match error.code() {
        "damaged-log" => {
            let place = error.place().unwrap_or_default().to_owned();
            Error::try_again("damaged-ledger", error.message().to_owned())
                .at(place)
                .hint(RESTORE)
                .caused_by(error)
        }
        _ => error,
    }
}

fn missing(folder: &ContractFolder, table: &Path) -> Error {
    let message = format!(
        "contract '{}' has tables, but its ledger is missing: which releases there were is unknown",
        folder.id()
    );
    let tables = folder.root().display();
    Error::try_again("missing-ledger", message).at(folder.ledger().display().to_string()).hint(
        format!(
            "restore the folder _ledger from a backup; to start over, move {tables} away first \
             (it holds {})",
            table.display()
        ),
    )
}

#[cfg(test)]
mod tests;
