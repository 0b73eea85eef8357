//! Projects: a folder with a `pactum.yaml`, its contracts and its consumers.
//!
//! Owns the settings file and what is on disk beside it. Nothing here knows about data.

mod commands;
mod commit;
mod consumer;
mod documents;
mod extends;
mod fetch;
mod files;
mod git;
mod majors;
mod policy;
mod rules;
mod settings;
mod snapshot;
mod undeclared;
mod waivers;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::contract::{Contract, lint};
use crate::diagnostic::{Diagnostic, Source};
use crate::error::{Error, Result};

pub use commands::{publish_command, shell_word};
pub(crate) use consumer::sql_type;
pub use consumer::{Consumer, Parameter, parse as parse_consumer};
pub use files::{Bounds, collect};
pub use git::{Repository, repository_name};
pub use majors::default_first;
pub use policy::{BreakingIf, Deprecation, Mode, Policy};
pub use rules::{
    RULES, bad_setting, consumer_parameter, consumer_plan, expired_waiver, incomparable_types,
    rule_plan, star_in_endpoint, unnamed_column, unsettled_contract_read, unused_waiver,
    unwaivable,
};
pub use settings::{Settings, expand, variable};
pub use snapshot::{Side, Snapshot, Unreadable};
pub use undeclared::{USUAL_TYPE, Undeclared, declaration, undeclared};
pub use waivers::{CheckWaiver, DiffWaiver, Waivers, waiver_of_change};

/// The settings file that makes a folder a project.
pub const FILE_NAME: &str = "pactum.yaml";

/// A project.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder.
    pub root: PathBuf,
    /// What `pactum.yaml` says.
    pub settings: Settings,
}

/// The contracts of a project with everything that was found wrong in them.
#[derive(Debug, Default)]
pub struct Contracts {
    /// The contracts that could be understood.
    pub contracts: Vec<Contract>,
    /// The findings.
    pub diagnostics: Vec<Diagnostic>,
    /// Documents read.
    pub files: usize,
}

impl Project {
    /// Opens the project of a folder.
    ///
    /// # Errors
    /// When the folder has no `pactum.yaml`, or that file is faulty.
    pub fn open(root: &Path) -> Result<Self> {
        let path = root.join(FILE_NAME);
        if !files::is_there(&path) {
            return Err(Error::usage("no-project", format!("the folder has no {FILE_NAME}"))
                .at(root.display().to_string())
                .hint("pactum init makes a folder a project"));
        }
        let bounds = Bounds::of_project(root)?;
        let source = bounds.read(&path)?;
        let below = extends::below(&source, &|path| bounds.read(&root.join(path)))?;
        let settings = Settings::over(below, &source)?;
        settings.refuse_missing_folders(root)?;
        Ok(Self { root: root.to_owned(), settings })
    }

    /// Opens the project of the nearest folder upward that has one.
    ///
    /// # Errors
    /// When its `pactum.yaml` is faulty.
    pub fn discover(from: &Path) -> Result<Option<Self>> {
        let from = std::path::absolute(from).map_err(|e| Error::io(from, e))?;
        let is_project = |folder: &&Path| files::is_there(&folder.join(FILE_NAME));
        from.ancestors().find(is_project).map(Self::open).transpose()
    }

    /// Reads every contract of the project.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn contracts(&self) -> Result<Contracts> {
        let folder = self.root.join(&self.settings.contracts);
        let bounds = self.bounds()?.with(&folder)?;
        let mut files = Vec::new();
        collect(&bounds, &folder, is_contract, &mut files)?;
        let sources = files.iter().map(|file| bounds.read(file)).collect::<Result<_>>()?;
        Ok(Self::parse_contracts(sources))
    }

    /// How far links of the project may lead.
    fn bounds(&self) -> Result<Bounds> {
        Bounds::of_project(&self.root)
    }

    /// Reads contracts from these files.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read_contracts(files: &[PathBuf]) -> Result<Contracts> {
        let sources = files.iter().map(|f| read(f)).collect::<Result<_>>()?;
        Ok(Self::parse_contracts(sources))
    }

    fn parse_contracts(sources: Vec<Arc<Source>>) -> Contracts {
        let mut found = Contracts { files: sources.len(), ..Contracts::default() };
        for parsed in snapshot::parse_all(&sources) {
            found.diagnostics.extend(parsed.diagnostics);
            found.contracts.extend(parsed.contract);
        }
        found.diagnostics.extend(lint::project(&found.contracts));
        found
    }

    /// The one contract of an id or SQL name (an exact id first), without errors.
    ///
    /// # Errors
    /// When there is none, or its document has errors.
    pub fn contract(&self, name: &str) -> Result<Contract> {
        let found = self.contracts()?;
        let chosen = choose(&found.contracts, name)?.clone();
        let is_own = |source: &Source| source.name == chosen.source.name;
        let mut own: Vec<Diagnostic> =
            found.diagnostics.into_iter().filter(|d| is_own(&d.source)).collect();
        // A clash is a fault of both sides, whichever is read first.
        let others: Vec<&Contract> =
            found.contracts.iter().filter(|c| !is_own(&c.source)).collect();
        own.retain(|d| d.meta.name != lint::rules::project_clash::META.name);
        own.extend(lint::beside(&chosen, &others));
        if crate::diagnostic::has_errors(&own) { Err(Error::invalid(own)) } else { Ok(chosen) }
    }

    /// Reads the approved exceptions, where there are any.
    ///
    /// # Errors
    /// When `waivers.yaml` cannot be read, or is faulty.
    pub fn waivers(&self) -> Result<Option<Waivers>> {
        let path = self.root.join(waivers::FILE_NAME);
        if !files::is_there(&path) {
            return Ok(None);
        }
        Waivers::parse(&self.bounds()?.read(&path)?).map(Some)
    }

    /// Reads every consumer of the project.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn consumers(&self) -> Result<(Vec<Consumer>, Vec<Diagnostic>)> {
        let documents = snapshot::consumers_of_folder(&self.bounds()?, &self.root, &self.settings)?;
        let (consumers, faults) = snapshot::parse_consumers(&documents);
        Ok((consumers, faults.into_iter().flat_map(|f| f.diagnostics).collect()))
    }

    /// The name of the consumer that a file of the project is; `None` where the file is not below the
    /// project's folders of consumers.
    pub fn consumer_of(&self, path: &Path) -> Option<String> {
        let path = path.canonicalize().ok()?;
        self.settings.sql.iter().find_map(|folder| {
            let folder = self.root.join(folder).canonicalize().ok()?;
            let relative = path.strip_prefix(&folder).ok()?;
            Some(consumer_name(&relative.to_string_lossy()))
        })
    }
}

/// The name of a consumer by its path below its folder.
pub fn consumer_name(relative: &str) -> String {
    let relative = relative.replace('\\', "/");
    relative.strip_suffix(".sql").unwrap_or(&relative).to_owned()
}

/// Whether a file is a consumer by its name.
pub fn is_consumer(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "sql")
}

/// The contract that a name on the command line means: an exact id first, then an SQL name in any
/// case; of several majors the newest.
///
/// # Errors
/// When there is none; the nearest name is in the hint.
pub fn choose<'a>(contracts: &'a [Contract], name: &str) -> Result<&'a Contract> {
    let newest = |c: &&Contract| c.version;
    let by_id = contracts.iter().filter(|c| c.id == name).max_by_key(newest);
    let by_name = || {
        let named = contracts.iter().filter(|c| {
            c.sql_name.value.eq_ignore_ascii_case(name)
                || c.sql_name_with_major().eq_ignore_ascii_case(name)
        });
        named.max_by_key(newest)
    };
    by_id.or_else(by_name).ok_or_else(|| {
        let names = contracts.iter().flat_map(|c| [c.id.as_str(), c.sql_name.value.as_str()]);
        let error = Error::usage("unknown-contract", format!("no contract '{name}'"));
        match crate::diagnostic::nearest(name, names.clone()) {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None if contracts.is_empty() => error.hint("the project has no contract yet"),
            None => {
                let mut names: Vec<&str> =
                    contracts.iter().map(|c| c.sql_name.value.as_str()).collect();
                names.dedup();
                error.hint(format!("contracts: {}", names.join(", ")))
            }
        }
    })
}

/// Reads a document that somebody names; its name is the path from the working directory, where it
/// lies under it.
///
/// # Errors
/// When the file cannot be read, is not UTF-8, or is a link of a project that leads out of it.
pub fn read(path: &Path) -> Result<Arc<Source>> {
    Bounds::around(path)?.read(path)
}

/// A document of bytes.
///
/// # Errors
/// When they are not UTF-8.
pub(crate) fn document(name: String, bytes: Vec<u8>) -> Result<Arc<Source>> {
    let text = String::from_utf8(bytes).map_err(|e| {
        Error::mend("not-utf8", "the file is not UTF-8 text").at(name.clone()).caused_by(e)
    })?;
    // A byte-order mark is not part of the text.
    let text = text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned);
    Ok(Arc::new(Source::new(name, text)))
}

fn display_name(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let relative = here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    relative.unwrap_or_else(|| path.to_owned()).display().to_string()
}

/// Whether a file is a contract by its name.
pub fn is_contract(path: &Path) -> bool {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    name.ends_with(".odcs.yaml") || name.ends_with(".odcs.yml")
}
