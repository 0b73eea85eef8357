//! Where things lie under a warehouse.

use std::path::{Path, PathBuf};

use crate::contract::model::Table;
use crate::contract::names::path_segment;

/// The folder of one contract: everything of it lies here.
#[derive(Debug, Clone)]
pub struct ContractFolder {
    root: PathBuf,
    id: String,
}

impl ContractFolder {
    pub(super) fn new(warehouse: &Path, id: &str) -> Self {
        Self { root: warehouse.join(path_segment(id)), id: id.to_owned() }
    }

    /// The contract's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The Delta table of releases.
    pub fn ledger(&self) -> PathBuf {
        self.root.join("_ledger")
    }

    /// The reports of rejected attempts.
    pub fn attempts(&self) -> PathBuf {
        self.root.join("_attempts")
    }

    /// The path of a table relative to this folder: `v<major>/<table>`.
    pub fn table_path(major: u64, table: &Table) -> String {
        format!("v{major}/{}", path_segment(table.physical()))
    }

    /// The folder of a table, by its relative path.
    pub fn table(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }
}
