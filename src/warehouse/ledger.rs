//! The ledger: a contract's ordered list of releases, a Delta table of its own.
//!
//! Appending by compare-and-swap is the commit point of a publish. Every entry is one row; each
//! append writes one small Parquet file, and folds all of them into one when they have become
//! many. Columns that this version does not know survive.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use chrono::{DateTime, Utc};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::engine::json::value_at;
use crate::error::{Error, Result};

use super::delta::{DataFile, Head};
use super::durable;

/// Files after which an append folds the ledger into one.
const FOLD_AFTER: usize = 32;

/// One table's part of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableVersion {
    /// Folder of the Delta table, relative to the contract's.
    pub path: String,
    /// Its Delta version.
    pub version: u64,
    /// Its rows.
    pub rows: u64,
    /// A checksum of its content, independent of files.
    pub checksum: String,
}

/// Where what made a release came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Repository.
    pub repo: Option<String>,
    /// Commit.
    pub commit: Option<String>,
    /// Whether the work tree had uncommitted changes.
    pub dirty: Option<bool>,
}

/// One entry of a ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Position in the ledger, from zero, without gaps.
    pub sequence: u64,
    /// `release`, `rollback`, `compact` or `gc`.
    pub kind: String,
    /// The release's number, from one, without gaps.
    pub release: Option<u64>,
    /// The release that it was built on.
    pub base_release: Option<u64>,
    /// The contract's major version.
    pub major: Option<u64>,
    /// The publish id.
    pub publish_id: String,
    /// The tables, by name.
    pub tables: BTreeMap<String, TableVersion>,
    /// The contract's version.
    pub contract_version: Option<String>,
    /// The contract's hash.
    pub contract_hash: Option<String>,
    /// The contract's text, which governs the release.
    pub contract: Option<String>,
    /// The report of the check, as JSON.
    pub report: Option<String>,
    /// Releases of other contracts that a clause looked at.
    pub depends_on: BTreeMap<String, u64>,
    /// When it was appended; strictly after the entry before.
    pub time: DateTime<Utc>,
    /// Who published.
    pub publisher: Option<String>,
    /// The CI run.
    pub run_id: Option<String>,
    /// Repositories and commits.
    pub sources: Vec<Source>,
    /// Labels given by the publisher.
    pub labels: BTreeMap<String, String>,
    /// Format of this entry.
    pub format_version: u32,
}

impl Entry {
    /// Whether the entry says what the current release is.
    pub fn is_release(&self) -> bool {
        matches!(self.kind.as_str(), "release" | "rollback")
    }

    /// Whether the entry is of a delivery that was published, and not of one that was gone back to.
    pub fn is_published(&self) -> bool {
        self.kind == "release"
    }
}

/// What came of an append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Append {
    /// The entry is durable.
    Appended,
    /// Someone else appended first: read again.
    Conflict,
}

/// A contract's ledger, as it was when it was read.
#[derive(Debug, Clone)]
pub struct Ledger {
    head: Head,
    version: Option<u64>,
    files: Vec<DataFile>,
}

impl Ledger {
    /// Reads the ledger's log; a ledger that does not exist yet is empty.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn read(folder: PathBuf) -> Result<Self> {
        let head = Head::new(folder);
        let newest = head.newest().await?;
        Ok(Self {
            head,
            version: newest.as_ref().map(|t| t.version),
            files: newest.map(|t| t.files).unwrap_or_default(),
        })
    }

    /// Every entry, oldest first.
    ///
    /// # Errors
    /// When a file of the ledger cannot be read.
    pub fn entries(&self) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for file in &self.files {
            for batch in self.batches(file)? {
                entries.extend(decode(&batch)?);
            }
        }
        entries.sort_by_key(|e| e.sequence);
        Ok(entries)
    }

    /// The entry of the current release: one small read.
    ///
    /// # Errors
    /// When the newest file of the ledger cannot be read.
    pub fn current(&self) -> Result<Option<Entry>> {
        // Files are named by their first entry: the last name holds the newest.
        for file in self.files.iter().rev() {
            let mut newest: Option<Entry> = None;
            for batch in self.batches(file)? {
                let releases = decode(&batch)?.into_iter().filter(Entry::is_release);
                newest = newest.into_iter().chain(releases).max_by_key(|e| e.sequence);
            }
            if newest.is_some() {
                return Ok(newest);
            }
        }
        Ok(None)
    }

    /// The sequence of the next entry.
    pub fn next_sequence(&self) -> u64 {
        self.version.map_or(0, |v| v + 1)
    }

    /// Appends an entry, if nobody has since this ledger was read.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn append(&self, entry: &Entry) -> Result<Append> {
        let mut added = vec![self.write(&encode(entry)?, entry.sequence)?];
        let mut removed = Vec::new();
        if self.files.len() >= FOLD_AFTER {
            // What is old becomes one file; what is new stays a small one, the last by name.
            let last = entry.sequence.saturating_sub(1);
            added.push(self.write(&self.fold()?, last)?);
            removed.clone_from(&self.files);
        }
        let schema = schema();
        let swapped = self.head.swap(self.version, &added, &removed, &schema, &entry.publish_id);
        let swapped = swapped.await;
        // Whether the log names this very file decides, not the answer that came back.
        let version = self.next_sequence();
        if matches!(swapped, Ok(Some(_))) || self.head.has_added(version, &added[0].path)? {
            return Ok(Append::Appended);
        }
        for file in &added {
            durable::remove_quietly(&self.head.folder().join(&file.path));
        }
        swapped.map(|_| Append::Conflict)
    }

    /// Writes rows as a file that nobody else can have written.
    fn write(&self, batch: &RecordBatch, sequence: u64) -> Result<DataFile> {
        let name = format!("{sequence:020}-{}.parquet", uuid::Uuid::now_v7());
        let bytes = to_parquet(batch)?;
        durable::create(&self.head.folder().join(&name), &bytes)?;
        Ok(DataFile {
            path: name,
            size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            modified: Utc::now().timestamp_millis(),
            statistics: None,
            tags: super::blocks::Tags::new(),
        })
    }

    /// All rows of the ledger, with every column that any of them has.
    fn fold(&self) -> Result<RecordBatch> {
        let mut batches = Vec::new();
        for file in &self.files {
            batches.extend(self.batches(file)?);
        }
        let schemas =
            batches.iter().map(|b| b.schema().as_ref().clone().with_metadata(Default::default()));
        let merged = Arc::new(Schema::try_merge(schemas)?);
        let padded: Vec<RecordBatch> =
            batches.iter().map(|b| pad(b, &merged)).collect::<Result<_>>()?;
        Ok(concat_batches(&merged, &padded)?)
    }

    fn batches(&self, file: &DataFile) -> Result<Vec<RecordBatch>> {
        let path = self.head.folder().join(&file.path);
        let open = File::open(&path).map_err(|e| Error::io(&path, e))?;
        let reader = ParquetRecordBatchReaderBuilder::try_new(open)?.build()?;
        reader.map(|batch| batch.map_err(Error::from)).collect()
    }
}

fn pad(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = schema
        .fields()
        .iter()
        .map(|field| match batch.column_by_name(field.name()) {
            Some(column) => Arc::clone(column),
            None => arrow::array::new_null_array(field.data_type(), batch.num_rows()),
        })
        .collect();
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}

fn to_parquet(batch: &RecordBatch) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None)?;
    writer.write(batch)?;
    writer.close()?;
    Ok(bytes)
}

/// The ledger's columns.
pub(super) fn schema() -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let long = |name: &str| Field::new(name, DataType::Int64, true);
    let map = |name: &str, value: DataType| {
        let entries = DataType::Struct(
            vec![Field::new("key", DataType::Utf8, false), Field::new("value", value, true)].into(),
        );
        Field::new(name, DataType::Map(Field::new("key_value", entries, false).into(), false), true)
    };
    let table = DataType::Struct(
        vec![text("path"), long("version"), long("rows"), text("checksum")].into(),
    );
    let source = DataType::Struct(
        vec![text("repo"), text("commit"), Field::new("dirty", DataType::Boolean, true)].into(),
    );
    Arc::new(Schema::new(vec![
        long("sequence"),
        text("kind"),
        long("release"),
        long("base_release"),
        long("major"),
        text("publish_id"),
        map("tables", table),
        text("contract_version"),
        text("contract_hash"),
        text("contract"),
        text("report"),
        map("depends_on", DataType::Int64),
        Field::new("time", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), true),
        text("publisher"),
        text("run_id"),
        Field::new("sources", DataType::List(Field::new("element", source, true).into()), true),
        map("labels", DataType::Utf8),
        long("format_version"),
    ]))
}

fn encode(entry: &Entry) -> Result<RecordBatch> {
    let json = serde_json::to_vec(entry)
        .map_err(|e| Error::try_again("ledger", e.to_string()).caused_by(e))?;
    let mut reader = arrow::json::ReaderBuilder::new(schema()).build(json.as_slice())?;
    match reader.next() {
        Some(batch) => Ok(batch?),
        None => Err(Error::try_again("ledger", "an entry came to nothing")),
    }
}

fn decode(batch: &RecordBatch) -> Result<Vec<Entry>> {
    let schema = batch.schema();
    (0..batch.num_rows())
        .map(|row| {
            let fields = schema.fields().iter().zip(batch.columns());
            let object: serde_json::Map<String, Value> =
                fields.map(|(f, column)| (f.name().clone(), value_at(column, row))).collect();
            serde_json::from_value(Value::Object(object)).map_err(|e| {
                Error::try_again("ledger", format!("an entry cannot be read: {e}"))
                    .hint("it may be of a newer format; install a newer pactum")
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(sequence: u64) -> Entry {
        let table = TableVersion {
            path: "v1/results".into(),
            version: sequence,
            rows: 10,
            checksum: "ab".into(),
        };
        Entry {
            sequence,
            kind: "release".into(),
            release: Some(sequence + 1),
            base_release: None,
            major: Some(1),
            publish_id: format!("id-{sequence}"),
            tables: BTreeMap::from([("results".into(), table)]),
            contract_version: Some("1.0.0".into()),
            contract_hash: Some("h".into()),
            contract: Some("id: x\n".into()),
            report: Some("{}".into()),
            depends_on: BTreeMap::from([("other".into(), 3)]),
            time: DateTime::from_timestamp_micros(1_700_000_000_000_001).unwrap(),
            publisher: Some("me".into()),
            run_id: None,
            sources: vec![Source { repo: Some("r".into()), commit: None, dirty: Some(true) }],
            labels: BTreeMap::from([("model".into(), "als".into())]),
            format_version: 1,
        }
    }

    #[test]
    fn an_entry_survives_the_way_there_and_back() {
        assert_eq!(decode(&encode(&entry(4)).unwrap()).unwrap(), [entry(4)]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_ledger_that_folds_keeps_every_entry_in_order_and_its_newest_release() {
        let folder = tempfile::tempdir().unwrap();
        let count = FOLD_AFTER as u64 * 2 + 5;
        for n in 0..count {
            let ledger = Ledger::read(folder.path().to_owned()).await.unwrap();
            assert_eq!(ledger.next_sequence(), n);
            assert_eq!(ledger.append(&entry(n)).await.unwrap(), Append::Appended);
        }
        let ledger = Ledger::read(folder.path().to_owned()).await.unwrap();
        assert!(ledger.files.len() <= FOLD_AFTER + 1);
        let sequences: Vec<u64> = ledger.entries().unwrap().iter().map(|e| e.sequence).collect();
        assert_eq!(sequences, (0..count).collect::<Vec<_>>());
        assert_eq!(ledger.current().unwrap(), Some(entry(count - 1)));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_two_appends_on_one_reading_one_conflicts() {
        let folder = tempfile::tempdir().unwrap();
        let first = Ledger::read(folder.path().to_owned()).await.unwrap();
        let second = first.clone();
        assert_eq!(first.append(&entry(0)).await.unwrap(), Append::Appended);
        let mut other = entry(0);
        other.publish_id = "other".into();
        assert_eq!(second.append(&other).await.unwrap(), Append::Conflict);
        let ledger = Ledger::read(folder.path().to_owned()).await.unwrap();
        assert_eq!(ledger.entries().unwrap(), [entry(0)]);
    }
}
