//! The warehouse: where releases live. The only user of deltalake.
//!
//! Owns the layout, the ledger, the Delta tables and durability. Knows nothing about clauses or
//! SQL: it stores what it is given, by compare-and-swap, or changes nothing.

mod actions;
mod attempts;
mod blocks;
mod deletions;
mod delivered;
mod delta;
mod durable;
mod files;
mod layout;
mod ledger;
mod log;
mod logged;
mod names;
mod paths;
mod registry;
mod release;
mod stats;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::contract::names::{from_path_segment, is_control, shown};
use crate::engine::address::without_credentials;
use crate::error::{Error, Result};

pub use attempts::Attempt;
pub use blocks::{record_blocks, remove_data_file};
pub use delivered::{delivered_files, is_delta_table};
pub use delta::Head;
use durable::is_folder;
pub use durable::{create_folder, remove_quietly, sync_file, sync_folder};
pub use files::{DataFile, TableFiles, Tags};
pub use layout::ContractFolder;
pub use ledger::{Append, Entry, Ledger, Origin, TableVersion};
pub use names::Claim;
pub use registry::{RegisteredSql, Registration};
pub use release::{Release, ReleasedTable, is_lost};
pub use stats::file_statistics;

/// The format that this version writes.
const FORMAT_VERSION: u32 = 1;

/// A folder of releases.
#[derive(Debug, Clone)]
pub struct Warehouse {
    root: PathBuf,
}

#[derive(Debug, Serialize, Deserialize)]
struct Marker {
    format_version: u32,
    min_reader_version: u32,
    min_writer_version: u32,
    #[serde(default)]
    written_by: String,
}

impl Warehouse {
    /// Names a warehouse by a path or a `file://` URL. Touches nothing.
    ///
    /// # Errors
    /// When this build does not support the kind of location.
    pub fn at(location: &str) -> Result<Self> {
        Self::of_setting(location, location)
    }

    /// As above, for a setting whose variables were filled in: errors show it as written. Parsing
    /// respells a location, and a respelled value is not recognised as a variable's.
    ///
    /// # Errors
    /// As [`Warehouse::at`].
    pub fn of_setting(location: &str, written: &str) -> Result<Self> {
        refuse_unusable(location, written)?;
        let path = match location.split_once("://") {
            None => PathBuf::from(location),
            Some(("file", _)) => url::Url::parse(location)
                .ok()
                .and_then(|url| url.to_file_path().ok())
                .ok_or_else(|| {
                    Error::usage("bad-warehouse", "not a file URL").at(without_credentials(written))
                })?,
            Some(_) => {
                let scheme = written.split_once("://").map(|(scheme, _)| scheme);
                let message = match scheme.filter(|scheme| !scheme.contains("${")) {
                    Some(scheme) => {
                        format!("a warehouse at {scheme}:// cannot be reached by this build")
                    }
                    None => "a warehouse of this kind cannot be reached by this build".to_owned(),
                };
                return Err(Error::usage("bad-warehouse", message)
                    .at(without_credentials(written))
                    .hint("use a folder, or a file:// URL"));
            }
        };
        let root = crate::engine::paths::real_path(&path)?;
        // A URL may have hidden them, or the folder that a relative path starts from.
        let real = root.to_string_lossy();
        refuse_unusable(&real, if written == location { &real } else { written })?;
        drop(real);
        Ok(Self { root })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Checks that this version can read the warehouse; an empty place is readable.
    ///
    /// # Errors
    /// When the format is newer than this version knows.
    pub fn check_readable(&self) -> Result<()> {
        match self.marker()? {
            Some(marker) if marker.min_reader_version > FORMAT_VERSION => {
                Err(self.too_new("read", marker.min_reader_version))
            }
            _ => Ok(()),
        }
    }

    /// Prepares the place for a publish: the folder and its marker.
    ///
    /// # Errors
    /// When the format is newer than this version knows, or the folder cannot be written.
    pub fn prepare(&self) -> Result<()> {
        match self.marker()? {
            Some(marker) if marker.min_writer_version > FORMAT_VERSION => {
                Err(self.too_new("write", marker.min_writer_version))
            }
            Some(_) => Ok(()),
            None => {
                durable::create_folder(&self.root)?;
                let marker = Marker {
                    format_version: FORMAT_VERSION,
                    min_reader_version: FORMAT_VERSION,
                    min_writer_version: FORMAT_VERSION,
                    written_by: format!("pactum {}", env!("CARGO_PKG_VERSION")),
                };
                let text = serde_json::to_vec_pretty(&marker).unwrap_or_default();
                // Another publisher may be first: its marker says the same.
                durable::create(&self.root.join("pactum.json"), &text).map(|_| ())
            }
        }
    }

    fn marker(&self) -> Result<Option<Marker>> {
        let path = self.root.join("pactum.json");
        let Some(text) = durable::read(&path)? else { return Ok(None) };
        serde_json::from_slice(&text).map(Some).map_err(|e| {
            Error::usage("bad-warehouse", format!("pactum.json cannot be read: {e}"))
                .at(path.display().to_string())
                .hint("is this folder a warehouse?")
        })
    }

    fn too_new(&self, verb: &str, version: u32) -> Error {
        Error::usage(
            "newer-format",
            format!(
                "the warehouse's format {version} is newer than this version can {verb} \
                 (format {FORMAT_VERSION})"
            ),
        )
        .at(self.root.display().to_string())
        .hint("install a newer pactum")
    }

    /// The folder of one contract.
    pub fn contract(&self, id: &str) -> ContractFolder {
        ContractFolder::new(self, id)
    }

    /// The ids of the contracts with anything here, sorted: a ledger, attempts, or tables whose
    /// ledger is missing.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn contracts(&self) -> Result<Vec<String>> {
        self.check_readable()?;
        let mut ids = Vec::new();
        for path in durable::list(&self.root)? {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
            let Some(id) = name.as_deref().and_then(from_path_segment) else { continue };
            let folder = self.contract(&id);
            // Another name could stand for the same id.
            if folder.root() != path || !is_folder(&path)? {
                continue;
            }
            if is_folder(&folder.ledger())?
                || is_folder(&folder.attempts())?
                || folder.any_table()?.is_some()
            {
                ids.push(id);
            }
        }
        ids.sort();
        Ok(ids)
    }

    /// Whether anything has ever been published here.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub fn exists(&self) -> Result<bool> {
        Ok(self.marker()?.is_some())
    }
}

/// Tables are addressed by URLs, which drop line ends and tabs: files would be written elsewhere.
fn refuse_unusable(location: &str, written: &str) -> Result<()> {
    let refused = |message: &str| {
        Err(Error::usage("bad-warehouse", message)
            .at(shown(written))
            .hint("name a folder whose path has visible characters only"))
    };
    if location.trim().is_empty() {
        return refused("the warehouse's location is empty");
    }
    match location.chars().any(is_control) {
        true => refused("the warehouse's path holds a line end or another control character"),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warehouse_of_a_newer_format_is_read_and_written_as_its_marker_allows() {
        let folder = tempfile::tempdir().unwrap();
        let warehouse = Warehouse::at(folder.path().to_str().unwrap()).unwrap();
        warehouse.prepare().unwrap();
        warehouse.check_readable().unwrap();
        let mark = |reader: u32, writer: u32| {
            let marker = Marker {
                format_version: 2,
                min_reader_version: reader,
                min_writer_version: writer,
                written_by: String::new(),
            };
            let text = serde_json::to_vec(&marker).unwrap();
            std::fs::write(folder.path().join("pactum.json"), text).unwrap();
        };
        mark(1, 1);
        warehouse.prepare().unwrap();
        mark(1, 2);
        warehouse.check_readable().unwrap();
        assert_eq!(warehouse.prepare().unwrap_err().code(), "newer-format");
        mark(2, 2);
        assert_eq!(warehouse.check_readable().unwrap_err().code(), "newer-format");
    }
}
