//! One Delta table: its head, its files at a version, and commits by compare-and-swap.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::Schema;
use deltalake_core::kernel::Action;
use deltalake_core::kernel::transaction::CommitData;
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::{DeltaTable, DeltaTableBuilder, DeltaTableError};
use object_store::local::LocalFileSystem;
use serde_json::{Value, json};

use crate::error::{Error, Result};

use super::actions::{add_action, changed, created, remove_action};
use super::durable::{self, Created};
use super::files::{DataFile, TableFiles, files_of, internal};
use super::{log, paths};

/// The key under which a commit keeps its publish id.
const PUBLISH_ID: &str = "pactum.publishId";

/// Commits between checkpoints: a reader replays at most so many small files.
const CHECKPOINT_EVERY: u64 = 20;

/// A Delta table, addressed by its folder.
#[derive(Debug, Clone)]
pub struct Head {
    folder: PathBuf,
}

impl Head {
    /// Addresses a table. Touches nothing.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The table's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The newest version's files; `None` when there is no table yet.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn newest(&self) -> Result<Option<TableFiles>> {
        // The Delta crate skips an emptied commit: the files would be those before it.
        self.refuse_damage()?;
        self.load(None).await?.map(|table| files_of(&table)).transpose()
    }

    /// The files of one version.
    ///
    /// # Errors
    /// When there is no such version.
    pub async fn at(&self, version: u64) -> Result<TableFiles> {
        self.refuse_damage()?;
        if log::newest(&self.folder.join("_delta_log"))? < Some(version) {
            return Err(self.missing(version));
        }
        match self.load(Some(version)).await? {
            Some(table) => {
                self.refuse_foreign(&table)?;
                files_of(&table)
            }
            None => Err(self.missing(version)),
        }
    }

    fn missing(&self, version: u64) -> Error {
        let message = format!("version {version} of the table is missing in its Delta log");
        Error::try_again("missing-version", message)
            .at(self.folder.join("_delta_log").display().to_string())
            .hint(
                "restore the log from a backup, or publish again; was it cleaned by another tool?",
            )
    }

    /// Refuses anything that no publish writes: it would be read as released.
    fn refuse_foreign(&self, table: &DeltaTable) -> Result<()> {
        let damaged = |what: String| {
            Error::try_again("damaged-release", format!("the log of a released table {what}"))
                .at(self.folder.join("_delta_log").display().to_string())
                .hint("the log was changed; restore it from a backup, or publish again")
        };
        let state = table.snapshot().map_err(internal)?;
        let log = state.snapshot().try_log_data().map_err(internal)?;
        for view in log.iter() {
            let named = view.path();
            paths::inside(&self.folder, &named)
                .map_err(|why| damaged(format!("names a file elsewhere: {named} {why}")))?;
            if view.deletion_vector_descriptor().is_some() {
                return Err(damaged(format!("deletes rows of {named}")));
            }
        }
        Ok(())
    }

    /// Sets the head's files and schema to these, by one commit on the present head.
    ///
    /// Returns the version that holds them. Another writer's commit in between is not a conflict
    /// here: the difference is computed again from the newer head.
    ///
    /// # Errors
    /// When the log cannot be read or written.
    pub async fn put(&self, files: &[DataFile], schema: &Schema, publish_id: &str) -> Result<u64> {
        loop {
            let (version, actions) = match self.load(None).await? {
                None => (0, created(files, schema)?),
                Some(table) => {
                    let head = files_of(&table)?;
                    (head.version + 1, changed(&table, &head, files, schema)?)
                }
            };
            if self.commit(version, actions, publish_id)? == Created::Yes {
                self.checkpoint(version).await;
                return Ok(version);
            }
        }
    }

    /// Sets the head's files and schema to those of an earlier version, where they differ.
    ///
    /// # Errors
    /// When the log cannot be read or written.
    pub async fn restore(&self, version: u64, publish_id: &str) -> Result<()> {
        let Some(newest) = self.newest().await? else { return Ok(()) };
        let wanted = self.at(version).await?;
        let named = |t: &TableFiles| -> Vec<_> {
            t.files.iter().map(|f| (f.path.clone(), f.size, f.tags.clone())).collect()
        };
        let schema = self.schema_at(version).await?;
        if named(&newest) == named(&wanted) && self.schema_at(newest.version).await? == schema {
            return Ok(());
        }
        self.put(&wanted.files, &schema, publish_id).await.map(|_| ())
    }

    /// Empties the head of a table that no release has.
    ///
    /// # Errors
    /// When the log cannot be read or written.
    pub async fn clear(&self, publish_id: &str) -> Result<()> {
        match self.newest().await? {
            Some(newest) if !newest.files.is_empty() => {
                let schema = self.schema_at(newest.version).await?;
                self.put(&[], &schema, publish_id).await.map(|_| ())
            }
            _ => Ok(()),
        }
    }

    async fn schema_at(&self, version: u64) -> Result<Schema> {
        use deltalake_core::kernel::engine::arrow_conversion::TryIntoArrow;
        let Some(table) = self.load(Some(version)).await? else {
            return Err(Error::try_again("missing-version", format!("no version {version}"))
                .at(self.folder.display().to_string()));
        };
        let structure = table.snapshot().map_err(internal)?.schema();
        structure.as_ref().try_into_arrow().map_err(internal)
    }

    /// Appends and removes files on a known version, or reports that the head has moved.
    pub(super) async fn swap(
        &self,
        expected: Option<u64>,
        add: &[DataFile],
        remove: &[DataFile],
        schema: &Schema,
        publish_id: &str,
    ) -> Result<Option<u64>> {
        let version = expected.map_or(0, |v| v + 1);
        let mut actions = match expected {
            None => created(&[], schema)?,
            Some(_) => Vec::new(),
        };
        actions.extend(add.iter().map(add_action));
        actions.extend(remove.iter().map(remove_action));
        match self.commit(version, actions, publish_id)? {
            Created::Yes => {
                self.checkpoint(version).await;
                Ok(Some(version))
            }
            Created::AlreadyThere => Ok(None),
        }
    }

    /// Whether a version's commit added this file.
    pub(super) fn has_added(&self, version: u64, file: &str) -> Result<bool> {
        let path = self.log_entry(version);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(e) => return Err(Error::io(&path, e)),
        };
        let added = |line: &str| {
            let action: Value = serde_json::from_str(line).unwrap_or_default();
            action["add"]["path"].as_str() == Some(file)
        };
        Ok(text.lines().any(added))
    }

    fn log_entry(&self, version: u64) -> PathBuf {
        self.folder.join("_delta_log").join(format!("{version:020}.json"))
    }

    fn commit(&self, version: u64, actions: Vec<Action>, publish_id: &str) -> Result<Created> {
        let operation = DeltaOperation::Write {
            mode: SaveMode::Overwrite,
            partition_by: None,
            predicate: None,
        };
        let metadata = HashMap::from([(PUBLISH_ID.to_owned(), json!(publish_id))]);
        let data = CommitData::new(actions, operation, metadata, Vec::new());
        let bytes = data.get_bytes().map_err(|e| self.failed(e.into()))?;
        let created = durable::create(&self.log_entry(version), &bytes)?;
        // The folder of the table, and the log in it.
        durable::sync_folder(&self.folder)?;
        Ok(created)
    }

    /// Whether the table has a log with a commit. A publisher that died in the first commit leaves
    /// only the folder, which is not a table yet.
    ///
    /// # Errors
    /// When the folder cannot be read: something unseen may exist.
    pub(super) fn has_log(&self) -> Result<bool> {
        let entries = durable::list(&self.folder.join("_delta_log"))?;
        Ok(entries.iter().any(|path| log::is_commit_or_checkpoint(path)))
    }

    pub(super) async fn load(&self, version: Option<u64>) -> Result<Option<DeltaTable>> {
        if !self.has_log()? {
            return Ok(None);
        }
        // Rooted at the table itself, so that no character of its path is ever part of a URL.
        let root = url::Url::parse("file:///").map_err(internal)?;
        let store = LocalFileSystem::new_with_prefix(&self.folder).map_err(internal)?;
        let mut builder = DeltaTableBuilder::from_url(root.clone())
            .map_err(|e| self.failed(e))?
            .with_storage_backend(Arc::new(store), root);
        if let Some(version) = version {
            builder = builder.with_version(version);
        }
        builder.load().await.map(Some).map_err(|error| self.unreadable(error))
    }

    /// A checkpoint spares readers the replay; a missing one only costs time.
    async fn checkpoint(&self, version: u64) {
        if version == 0 || !version.is_multiple_of(CHECKPOINT_EVERY) {
            return;
        }
        if let Ok(Some(table)) = self.load(Some(version)).await {
            let _ = deltalake_core::checkpoints::create_checkpoint(&table, None).await;
            self.sync_checkpoint(version);
        }
    }

    /// A checkpoint is renamed into place unsynced; a power cut must not leave an empty one.
    fn sync_checkpoint(&self, version: u64) {
        let log = self.folder.join("_delta_log");
        let checkpoint = log.join(format!("{version:020}.checkpoint.parquet"));
        for file in [checkpoint, log.join("_last_checkpoint")] {
            let _ = durable::sync_file(&file);
        }
        let _ = durable::sync_folder(&log);
    }

    /// Refuses a log with a damaged file, even where the Delta crate would ignore the damage.
    ///
    /// # Errors
    /// Names the file.
    pub(super) fn refuse_damage(&self) -> Result<()> {
        self.refuse_other_kinds()?;
        match log::damage(&self.folder.join("_delta_log"))? {
            None => Ok(()),
            Some((path, words)) => Err(Error::try_again("damaged-log", words)
                .at(path.display().to_string())
                .hint("restore this file from a backup of the warehouse")),
        }
    }

    /// Refuses a table whose folders are something else: a file, or a dangling link.
    fn refuse_other_kinds(&self) -> Result<()> {
        for path in
            [self.folder.clone(), self.folder.join("_delta_log"), self.folder.join("_blocks")]
        {
            let found = std::fs::symlink_metadata(&path).is_ok();
            if found && !durable::is_folder(&path)? {
                return Err(Error::try_again("damaged-log", "this is not a folder")
                    .at(path.display().to_string())
                    .hint("restore it from a backup of the warehouse"));
            }
        }
        Ok(())
    }

    /// Why a log cannot be read: the damaged file in it, where one is found. Every file of it was
    /// read, so the fault is not temporary.
    fn unreadable(&self, error: DeltaTableError) -> Error {
        let words = error.to_string();
        let words = words.split("\n").next().unwrap_or_default().to_owned();
        match self.refuse_damage() {
            Ok(()) => Error::try_again("damaged-log", words)
                .at(self.folder.join("_delta_log").display().to_string())
                .hint("restore the log from a backup of the warehouse"),
            Err(damaged) => damaged,
        }
        .caused_by(error)
    }

    fn failed(&self, error: DeltaTableError) -> Error {
        Error::try_again("delta", error.to_string())
            .at(self.folder.display().to_string())
            .caused_by(error)
    }
}

#[cfg(test)]
mod tests;
