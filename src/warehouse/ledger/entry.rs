//! An entry of a ledger: a release, or a clean-up.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

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

/// The source of a release's data or code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
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
    pub sources: Vec<Origin>,
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

    /// Whether the entry is a published delivery, and not a rollback.
    pub fn is_published(&self) -> bool {
        self.kind == "release"
    }
}
