//! Attempts: the reports of publishes that were rejected. Best effort; never read to resolve a
//! table.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::contract::names::path_segment;
use crate::error::Result;

use super::{ContractFolder, durable};

/// A rejected attempt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attempt {
    /// The publish id.
    pub publish_id: String,
    /// Its outcome: `rejected` or `conflict`.
    pub outcome: String,
    /// When.
    pub time: DateTime<Utc>,
    /// Who published.
    pub publisher: Option<String>,
    /// The contract's version.
    pub contract_version: String,
    /// The report, as evidence.
    pub report: serde_json::Value,
}

impl Attempt {
    /// Keeps the attempt, replacing an earlier one with its id.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, folder: &ContractFolder) -> Result<()> {
        let path = folder.attempts().join(path_segment(&self.publish_id));
        let text = serde_json::to_vec_pretty(self).unwrap_or_default();
        durable::replace(&path, &text)
    }

    /// Every attempt, oldest first; unreadable ones are left out.
    ///
    /// # Errors
    /// When the folder or a file in it cannot be read.
    pub fn all(folder: &ContractFolder) -> Result<Vec<Self>> {
        let mut attempts: Vec<Self> = Vec::new();
        for path in durable::list(&folder.attempts())? {
            let text = durable::read(&path)?.unwrap_or_default();
            attempts.extend(serde_json::from_slice::<Self>(&text));
        }
        attempts.sort_by(|a, b| (a.time, &a.publish_id).cmp(&(b.time, &b.publish_id)));
        Ok(attempts)
    }
}
