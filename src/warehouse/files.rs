//! The files of a Delta table at a version, with all that its log says about them.

use std::collections::BTreeMap;

use deltalake_core::DeltaTable;
use deltalake_core::kernel::LogicalFileView;

use crate::error::{Error, Result};

/// Tags of an `add` action.
pub type Tags = BTreeMap<String, Option<String>>;

/// A data file that a Delta log names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    /// Path relative to the table's folder.
    pub path: String,
    /// Bytes.
    pub size: i64,
    /// Milliseconds since 1970.
    pub modified: i64,
    /// Delta's statistics as JSON.
    pub statistics: Option<String>,
    /// Tags of its `add` action, by any writer: kept when it is added again.
    pub tags: Tags,
}

/// The files of a table at a version.
#[derive(Debug, Clone)]
pub struct TableFiles {
    /// The Delta version.
    pub version: u64,
    /// The files, sorted by path.
    pub files: Vec<DataFile>,
    /// Whether columns are in the files' paths; never in Pactum's own tables.
    pub is_partitioned: bool,
}

/// An error of the Delta crate that callers cannot handle.
pub(super) fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::try_again("delta", error.to_string()).caused_by(error)
}

/// The files of a table as it was loaded.
pub(super) fn files_of(table: &DeltaTable) -> Result<TableFiles> {
    let state = table.snapshot().map_err(internal)?;
    let log = state.snapshot().try_log_data().map_err(internal)?;
    let mut files: Vec<DataFile> = log.iter().map(|view| data_file(&view)).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let version = table.version().ok_or_else(|| Error::try_again("delta", "no version"))?;
    let is_partitioned = !state.metadata().partition_columns().is_empty();
    Ok(TableFiles { version, files, is_partitioned })
}

/// A file as in the log.
pub(super) fn data_file(view: &LogicalFileView) -> DataFile {
    // The only way to an action's tags; the newer interface has none.
    #[allow(deprecated)]
    let add = view.add_action();
    DataFile {
        path: add.path,
        size: add.size,
        modified: add.modification_time,
        statistics: add.stats,
        tags: add.tags.into_iter().flatten().collect(),
    }
}
