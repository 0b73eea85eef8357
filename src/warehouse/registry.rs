//! The registry of consumers: what repositories have pushed, so that anyone who changes a contract
//! knows who reads it.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::contract::names::{is_unprintable, path_segment, shown};
use crate::engine::regular;
use crate::error::{Error, Result};

use super::{Warehouse, durable};

/// A name that no contract's folder has: `~` is followed by digits there.
const FOLDER: &str = "consumers~";

/// Largest registration that is read.
const MOST_BYTES: usize = 64 << 20;

/// The format that this version writes.
const FORMAT_VERSION: u32 = 1;

/// What one repository has pushed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Registration {
    /// Format of this document.
    pub format_version: u32,
    /// The repository.
    pub repository: String,
    /// Whether the pusher named the repository, and git's remote does not confirm it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub declared: bool,
    /// Its commit.
    pub commit: Option<String>,
    /// When it was pushed.
    pub time: DateTime<Utc>,
    /// Who pushed it.
    pub publisher: Option<String>,
    /// The consumers.
    pub consumers: Vec<RegisteredSql>,
}

/// One registered consumer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredSql {
    /// Its name.
    pub name: String,
    /// Its file in the repository.
    pub file: String,
    /// Its text, with the header.
    pub text: String,
}

impl Registration {
    /// A registration as this version writes it.
    pub fn new(repository: String, commit: Option<String>, consumers: Vec<RegisteredSql>) -> Self {
        let (format_version, time) = (FORMAT_VERSION, Utc::now());
        let (declared, publisher) = (false, None);
        Self { format_version, repository, declared, commit, time, publisher, consumers }
    }
}

impl Warehouse {
    /// Registers a repository's consumers, replacing those that it had registered.
    ///
    /// # Errors
    /// When the warehouse cannot be written.
    pub fn register(&self, registration: &Registration) -> Result<()> {
        refuse_unusable(&registration.repository)?;
        self.prepare()?;
        let text = serde_json::to_vec_pretty(registration)
            .map_err(|e| Error::try_again("registry", e.to_string()))?;
        durable::replace(&self.registration(&registration.repository), &text)
    }

    /// Removes a repository's consumers; returns whether there were any.
    ///
    /// # Errors
    /// When the warehouse cannot be written.
    pub fn unregister(&self, repository: &str) -> Result<bool> {
        let path = self.registration(repository);
        match std::fs::remove_file(&path) {
            Ok(()) => {
                durable::sync_folder(&self.root().join(FOLDER))?;
                Ok(true)
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(e) => Err(Error::io(&path, e)),
        }
    }

    /// What every repository has registered, by repository.
    ///
    /// # Errors
    /// When a registration cannot be read: an unseen consumer would be broken unknowingly.
    pub fn registrations(&self) -> Result<Vec<Registration>> {
        self.check_readable()?;
        let folder = self.root().join(FOLDER);
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(Error::io(&folder, e)),
        };
        let mut all = Vec::new();
        for entry in entries {
            let path = entry.map_err(|e| Error::io(&folder, e))?.path();
            let is_document = path.extension().is_some_and(|e| e == "json");
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
            if is_document && name.is_some_and(|n| !n.starts_with('.')) {
                all.push(read(&path)?);
            }
        }
        all.sort_by(|a, b| a.repository.cmp(&b.repository));
        Ok(all)
    }

    fn registration(&self, repository: &str) -> PathBuf {
        self.root().join(FOLDER).join(format!("{}.json", path_segment(repository)))
    }
}

/// Most bytes of a repository's name as a file name: 255 less an ending and the suffix used while
/// the file is written.
const LONGEST_NAME: usize = 200;

fn refuse_unusable(repository: &str) -> Result<()> {
    let refused = |message: &str| {
        let error = Error::usage("bad-repository", message).at(shown(repository));
        Err(error.hint("--repository NAME: a short name of visible characters"))
    };
    if repository.trim().is_empty() {
        return refused("the repository's name is empty");
    }
    if repository.chars().any(is_unprintable) {
        return refused("the repository's name holds a control character");
    }
    match path_segment(repository).len() > LONGEST_NAME {
        true => refused("the repository's name is too long to be stored"),
        false => Ok(()),
    }
}

/// What every version of a registration says.
#[derive(Deserialize)]
struct Format {
    format_version: u32,
}

fn read(path: &std::path::Path) -> Result<Registration> {
    let text = regular::read(path, MOST_BYTES)?;
    let unreadable = |e: serde_json::Error| {
        Error::usage("bad-registration", format!("the registration cannot be read: {e}"))
            .at(path.display().to_string())
            .hint("push the repository's consumers again: pactum consumers push")
    };
    // A newer format may have other members: its version is read first.
    let Format { format_version: version } = serde_json::from_slice(&text).map_err(unreadable)?;
    if version > FORMAT_VERSION {
        return Err(Error::usage(
            "newer-format",
            format!("its format {version} is newer than this version"),
        )
        .at(path.display().to_string())
        .hint("install a newer pactum"));
    }
    serde_json::from_slice(&text).map_err(unreadable)
}
