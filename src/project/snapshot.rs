//! Snapshots: the contracts and consumers of a project at one moment, wherever they are read from:
//! files, folders, a commit, or the releases of a warehouse.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::contract::yaml::MAX_BYTES;
use crate::contract::{self, Contract, Parsed};
use crate::diagnostic::{Diagnostic, Severity, Source};
use crate::engine::in_parallel;
use crate::error::{Error, Result};

use super::consumer::{Consumer, parse as parse_consumer};
use super::git::{Blob, Repository};
use super::rules::consumer_header;
use super::{
    FILE_NAME, Project, Settings, collect, consumer_name, document, is_consumer, is_contract, read,
};

/// A document by its path relative to the project.
#[derive(Debug, Clone)]
pub struct Document {
    /// The path, with `/`.
    pub path: String,
    /// The document.
    pub source: Arc<Source>,
}

/// A consumer that cannot be read: it is in nobody's list of the unaffected.
#[derive(Debug, Clone)]
pub struct Unreadable {
    /// Its name.
    pub name: String,
    /// Its document.
    pub source: Arc<Source>,
    /// Why.
    pub diagnostics: Vec<Diagnostic>,
}

/// The contracts and consumers of one moment.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// How the user knows it: `main (1a2b3c4)`, `working tree`.
    pub name: String,
    /// The contracts that could be understood.
    pub contracts: Vec<Arc<Contract>>,
    /// What is wrong with contracts.
    pub diagnostics: Vec<Diagnostic>,
    /// The consumers.
    pub consumers: Vec<Consumer>,
    /// Consumers whose header cannot be read.
    pub unreadable: Vec<Unreadable>,
    /// The settings of that moment.
    pub settings: Settings,
}

/// Where a snapshot comes from.
#[derive(Debug, Clone)]
pub enum Side {
    /// The working tree of the project.
    WorkingTree,
    /// A file or a folder.
    Path(PathBuf),
    /// A commit, and how the user called it.
    Commit {
        /// Its id.
        id: String,
        /// The revision as it was named.
        name: String,
        /// What places in it begin with, as git writes them (`1a2b3c4:path`); `None` for paths of the
        /// working tree.
        shown: Option<String>,
    },
}

/// Documents of one moment, not yet parsed.
#[derive(Debug, Default)]
pub(super) struct Documents {
    contracts: Vec<Document>,
    /// Consumers by name.
    consumers: Vec<(String, Arc<Source>)>,
    settings: Settings,
}

impl Snapshot {
    /// Reads one side.
    ///
    /// # Errors
    /// When something cannot be read, or a path has no contract.
    pub fn read(side: &Side, project: Option<&Project>) -> Result<Self> {
        let pair = Self::read_both(&[side], project)?;
        pair.into_iter().next().ok_or_else(|| Error::usage("nothing-to-compare", "nothing to read"))
    }

    /// Reads several sides; a document that is the same on two is parsed once.
    ///
    /// # Errors
    /// As [`Snapshot::read`].
    pub fn read_both(sides: &[&Side], project: Option<&Project>) -> Result<Vec<Self>> {
        let read: Vec<Documents> =
            sides.iter().map(|side| documents(side, project)).collect::<Result<_>>()?;
        let mut sources: Vec<Arc<Source>> = Vec::new();
        let mut places: HashMap<(String, String), usize> = HashMap::new();
        let mut chosen: Vec<Vec<usize>> = Vec::new();
        // The last side is the one that is worked on: what is the same everywhere bears its names.
        for documents in read.iter().rev() {
            let of = documents.contracts.iter().map(|document| {
                let key = (document.path.clone(), document.source.text.clone());
                *places.entry(key).or_insert_with(|| {
                    sources.push(Arc::clone(&document.source));
                    sources.len() - 1
                })
            });
            chosen.push(of.collect());
        }
        chosen.reverse();
        let parsed: Vec<(Option<Arc<Contract>>, Vec<Diagnostic>)> = parse_all(&sources)
            .into_iter()
            .map(|parsed| (parsed.contract.map(Arc::new), parsed.diagnostics))
            .collect();
        let snapshots = sides.iter().zip(read).zip(chosen).map(|((side, documents), chosen)| {
            let mut snapshot = Self { name: side.name(), ..Self::default() };
            for n in chosen {
                snapshot.contracts.extend(parsed[n].0.clone());
                snapshot.diagnostics.extend(parsed[n].1.iter().cloned());
            }
            let (consumers, faults) = parse_consumers(&documents.consumers);
            let read = |u: &Unreadable| consumers.iter().any(|c| c.name == u.name);
            snapshot.unreadable = faults.into_iter().filter(|u| !read(u)).collect();
            snapshot.consumers = consumers;
            snapshot.settings = documents.settings;
            snapshot
        });
        Ok(snapshots.collect())
    }

    /// Contracts as they stand in a warehouse.
    pub fn of_contracts(name: impl Into<String>, contracts: Vec<Arc<Contract>>) -> Self {
        Self { name: name.into(), contracts, ..Self::default() }
    }
}

impl Side {
    /// How the user knows it.
    pub fn name(&self) -> String {
        match self {
            Self::WorkingTree => "working tree".to_owned(),
            Self::Path(path) => path.display().to_string(),
            Self::Commit { name, .. } => name.clone(),
        }
    }
}

fn documents(side: &Side, project: Option<&Project>) -> Result<Documents> {
    match (side, project) {
        (Side::WorkingTree, Some(project)) => of_folder(&project.root, &project.settings),
        (Side::Path(path), _) if path.is_dir() => of_any_folder(path),
        (Side::Path(path), _) => {
            let document = Document { path: String::new(), source: read(path)? };
            Ok(Documents { contracts: vec![document], ..Documents::default() })
        }
        (Side::Commit { id, shown, .. }, Some(project)) => of_commit(id, shown.as_deref(), project),
        (_, None) => {
            Err(Error::usage("no-project", "there is no pactum.yaml here or in a folder above")
                .hint("pactum init makes this folder a project; or name two files or two folders"))
        }
    }
}

/// The folder of a project by its own settings; of any other folder every contract and consumer.
fn of_any_folder(folder: &Path) -> Result<Documents> {
    if folder.join(FILE_NAME).is_file() {
        let project = Project::open(folder)?;
        return of_folder(folder, &project.settings);
    }
    let everything =
        Settings { contracts: ".".to_owned(), sql: vec![".".to_owned()], ..Settings::default() };
    of_folder(folder, &everything)
}

fn of_folder(root: &Path, settings: &Settings) -> Result<Documents> {
    let mut found = Documents { settings: settings.clone(), ..Documents::default() };
    let mut files = Vec::new();
    collect(&root.join(&settings.contracts), is_contract, &mut files)?;
    for file in &files {
        let relative = file.strip_prefix(root).unwrap_or(file).to_string_lossy();
        let path = relative.trim_start_matches("./").replace('\\', "/");
        found.contracts.push(Document { path, source: read(file)? });
    }
    for folder in &settings.sql {
        let folder = root.join(folder);
        let mut files = Vec::new();
        collect(&folder, is_consumer, &mut files)?;
        for file in &files {
            let relative = file.strip_prefix(&folder).unwrap_or(file).to_string_lossy();
            found.consumers.push((consumer_name(&relative), read(file)?));
        }
    }
    Ok(found)
}

fn of_commit(commit: &str, shown: Option<&str>, project: &Project) -> Result<Documents> {
    let repository = Repository::of(&project.root)?;
    let files = repository.files(commit)?;
    let settings = settings_of(&repository, &files, project)?;
    let below = |folder: &str, path: &str| {
        let folder = folder.trim_start_matches("./").trim_end_matches('/');
        match folder {
            "" | "." => Some(path.to_owned()),
            folder => Some(path.strip_prefix(folder)?.strip_prefix('/')?.to_owned()),
        }
    };
    let visible = |path: &str| !path.split('/').any(|part| part.starts_with('.'));
    let contracts: Vec<&Blob> = files
        .iter()
        .filter(|f| is_contract(Path::new(&f.path)) && visible(&f.path))
        .filter(|f| below(&settings.contracts, &f.path).is_some())
        .collect();
    let mut consumers: Vec<(String, &Blob)> = Vec::new();
    for folder in &settings.sql {
        let own = files.iter().filter(|f| is_consumer(Path::new(&f.path)) && visible(&f.path));
        consumers.extend(own.filter_map(|f| Some((consumer_name(&below(folder, &f.path)?), f))));
    }
    let blobs: Vec<&Blob> =
        contracts.iter().copied().chain(consumers.iter().map(|(_, blob)| *blob)).collect();
    let objects: Vec<&str> = blobs.iter().map(|blob| blob.object.as_str()).collect();
    let mut sources = Vec::with_capacity(blobs.len());
    for (blob, bytes) in blobs.iter().zip(repository.read(&objects)?) {
        let name = match shown {
            Some(commit) => format!("{commit}:{}", blob.path),
            None => super::display_name(&project.root.join(&blob.path)),
        };
        if bytes.len() > MAX_BYTES {
            return Err(Error::mend("too-large", format!("the file has {} bytes", bytes.len()))
                .at(name)
                .hint(format!("at most {MAX_BYTES} bytes are read")));
        }
        sources.push(document(name, bytes)?);
    }
    let of_consumers = sources.split_off(contracts.len());
    let contracts = contracts.iter().zip(sources);
    Ok(Documents {
        contracts: contracts
            .map(|(blob, source)| Document { path: blob.path.clone(), source })
            .collect(),
        consumers: consumers.into_iter().map(|(name, _)| name).zip(of_consumers).collect(),
        settings,
    })
}

/// The folders that the commit's own pactum.yaml names; the project's where it has none.
fn settings_of(repository: &Repository, files: &[Blob], project: &Project) -> Result<Settings> {
    let Some(blob) = files.iter().find(|f| f.path == FILE_NAME) else {
        return Ok(project.settings.clone());
    };
    let text = repository.read(&[&blob.object])?.pop().unwrap_or_default();
    let source = document(FILE_NAME.to_owned(), text)?;
    // Variables and shared settings of another time may not be there: then today's folders count.
    Ok(Settings::parse(&source).unwrap_or_else(|_| project.settings.clone()))
}

/// Parses documents, on several threads; in their order.
pub(super) fn parse_all(sources: &[Arc<Source>]) -> Vec<Parsed> {
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZeroUsize::get);
    let threads = threads.min(sources.len() / 8 + 1);
    let mut parsed: Vec<Option<Parsed>> = sources.iter().map(|_| None).collect();
    in_parallel(sources, threads, contract::parse, |n, one| parsed[n] = Some(one));
    parsed.into_iter().flatten().collect()
}

/// Parses consumers by name.
pub(super) fn parse_consumers(
    documents: &[(String, Arc<Source>)],
) -> (Vec<Consumer>, Vec<Unreadable>) {
    let (mut consumers, mut unreadable): (Vec<Consumer>, Vec<Unreadable>) = Default::default();
    for (name, source) in documents {
        let (consumer, mut diagnostics) = parse_consumer(name, source);
        if let Some(other) = consumers.iter().find(|c| c.name == *name) {
            let message = format!("consumer '{name}' stands in two folders");
            let span = crate::diagnostic::Span::START;
            diagnostics.push(
                Diagnostic::new(&consumer_header::META, source, span, message)
                    .severity(Severity::Error)
                    .hint(format!("the other is {}", other.source.name)),
            );
        } else {
            consumers.extend(consumer);
        }
        if !diagnostics.is_empty() {
            let source = Arc::clone(source);
            unreadable.push(Unreadable { name: name.clone(), source, diagnostics });
        }
    }
    (consumers, unreadable)
}
