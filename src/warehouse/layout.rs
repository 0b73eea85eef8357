//! Where things are under a warehouse.

use std::path::{Path, PathBuf};

use crate::contract::model::Table;
use crate::contract::names::path_segment;
use crate::error::Result;

use super::Warehouse;
use super::delta::Head;

/// The folder of one contract, with everything of it.
#[derive(Debug, Clone)]
pub struct ContractFolder {
    warehouse: Warehouse,
    root: PathBuf,
    id: String,
}

impl ContractFolder {
    pub(super) fn new(warehouse: &Warehouse, id: &str) -> Self {
        let root = warehouse.root().join(path_segment(id));
        Self { warehouse: warehouse.clone(), root, id: id.to_owned() }
    }

    /// The warehouse that it lies in.
    pub(super) fn warehouse(&self) -> &Warehouse {
        &self.warehouse
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

    /// One of the contract's tables, if there is any: a folder with a Delta log below `v<major>`.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub(super) fn any_table(&self) -> Result<Option<PathBuf>> {
        for major in self.majors()? {
            for table in folders(&self.root.join(format!("v{major}")))? {
                if Head::new(table.clone()).has_log()? {
                    return Ok(Some(table));
                }
            }
        }
        Ok(None)
    }

    /// The tables of a major that have a folder, by their paths relative to this one.
    ///
    /// # Errors
    /// When the major's folder cannot be looked into.
    pub fn table_paths(&self, major: u64) -> Result<Vec<String>> {
        let named = |path: PathBuf| Some(format!("v{major}/{}", path.file_name()?.to_str()?));
        let found = folders(&self.root.join(format!("v{major}")))?;
        Ok(found.into_iter().filter_map(named).collect())
    }

    /// The majors that have a folder.
    ///
    /// # Errors
    /// When the contract's folder cannot be read.
    pub fn majors(&self) -> Result<Vec<u64>> {
        let named = |path: PathBuf| path.file_name()?.to_str()?.strip_prefix('v')?.parse().ok();
        Ok(folders(&self.root)?.into_iter().filter_map(named).collect())
    }

    /// The folder of a table, by its relative path.
    pub fn table(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }
}

/// The folders in a folder; none where it does not exist.
fn folders(path: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in super::durable::list(path)? {
        // A link counts as its target.
        if super::is_folder(&entry)? {
            found.push(entry);
        }
    }
    Ok(found)
}
