//! Snapshots: the contracts and consumers of a project at one moment, wherever they are read from:
//! files, folders, a commit, or the releases of a warehouse.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::contract::{self, Contract, Parsed};
use crate::diagnostic::{Diagnostic, Severity, Source};
use crate::engine::in_parallel;
use crate::error::{Error, Result};

use super::consumer::{Consumer, parse as parse_consumer};
use super::documents::{Document, Documents, tidy};
use super::rules::consumer_header;
use super::{
    Bounds, FILE_NAME, Project, Settings, collect, commit, consumer_name, files, is_consumer,
    is_contract, read, waivers,
};

/// A consumer that cannot be read: it never counts as unaffected.
#[derive(Debug, Clone)]
pub struct Unreadable {
    /// Its name.
    pub name: String,
    /// Its document.
    pub source: Arc<Source>,
    /// Why.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether another file of that name was read before it.
    pub is_second: bool,
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
    /// Why the settings of that moment cannot be read: then those of today stand in for them.
    pub unread_settings: Option<String>,
    /// Documents of that moment that could not be read, and why.
    pub unseen: Vec<String>,
    /// Documents of contracts that are too faulty to be understood.
    pub unread: Vec<Document>,
    /// Where the documents of contracts lie, by the names of their sources.
    pub paths: HashMap<String, String>,
    /// Whether settings and waivers are its own; else the surrounding ones apply.
    pub is_project: bool,
    /// The approved exceptions of that moment.
    pub waivers: Option<Arc<Source>>,
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
        /// The prefix of places in it, as git writes them (`1a2b3c4:path`); `None` for paths of the
        /// working tree.
        shown: Option<String>,
    },
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
        // The last side is the one being edited: documents that are the same everywhere bear its
        // names.
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
            for (n, document) in chosen.into_iter().zip(&documents.contracts) {
                snapshot.paths.insert(sources[n].name.clone(), document.path.clone());
                snapshot.contracts.extend(parsed[n].0.clone());
                snapshot.diagnostics.extend(parsed[n].1.iter().cloned());
                if parsed[n].0.is_none() {
                    snapshot.unread.push(document.clone());
                }
            }
            let (consumers, faults) = parse_consumers(&documents.consumers);
            // Faulty but readable consumers are planned.
            let read: HashSet<*const Source> =
                consumers.iter().map(|c| Arc::as_ptr(&c.source)).collect();
            let unread = |u: &Unreadable| !read.contains(&Arc::as_ptr(&u.source));
            snapshot.unreadable = faults.into_iter().filter(unread).collect();
            snapshot.consumers = consumers;
            snapshot.settings = documents.settings;
            snapshot.unread_settings = documents.unread_settings;
            snapshot.unseen = documents.unseen;
            snapshot.is_project = documents.is_project;
            snapshot.waivers = documents.waivers;
            snapshot
        });
        Ok(snapshots.collect())
    }

    /// Whether the document at a path is too faulty to be understood.
    pub fn is_unread_at(&self, path: &str) -> bool {
        self.unread.iter().any(|document| document.path == path)
    }

    /// Contracts as a warehouse has them.
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
        (Side::WorkingTree, Some(project)) => of_project(project),
        (Side::Path(path), _) if path.is_dir() => of_any_folder(path),
        (Side::Path(path), _) => {
            let document = Document { path: String::new(), source: read(path)? };
            Ok(Documents { contracts: vec![document], ..Documents::default() })
        }
        (Side::Commit { id, shown, .. }, Some(project)) => {
            commit::documents(id, shown.as_deref(), project)
        }
        (_, None) => {
            Err(Error::usage("no-project", "there is no pactum.yaml here or in a folder above")
                .hint("pactum init makes this folder a project; or name two files or two folders"))
        }
    }
}

/// The folder of a project by its own settings; of any other folder every contract and consumer.
fn of_any_folder(folder: &Path) -> Result<Documents> {
    if files::is_there(&folder.join(FILE_NAME)) {
        return of_project(&Project::open(folder)?);
    }
    let sql = if folder.join("sql").is_dir() { "sql" } else { "" };
    let everything =
        Settings { contracts: String::new(), sql: vec![sql.to_owned()], ..Settings::default() };
    of_folder(&Bounds::around(folder)?, folder, &everything)
}

fn of_project(project: &Project) -> Result<Documents> {
    let bounds = Bounds::of_project(&project.root)?;
    let mut found = of_folder(&bounds, &project.root, &project.settings)?;
    found.is_project = true;
    let path = project.root.join(waivers::FILE_NAME);
    found.waivers = files::is_there(&path).then(|| bounds.read(&path)).transpose()?;
    Ok(found)
}

fn of_folder(bounds: &Bounds, root: &Path, settings: &Settings) -> Result<Documents> {
    let mut found = Documents { settings: settings.clone(), ..Documents::default() };
    let mut files = Vec::new();
    let folder = root.join(&settings.contracts);
    let wider = bounds.with(&folder)?;
    collect(&wider, &folder, is_contract, &mut files)?;
    for file in &files {
        let relative = file.strip_prefix(&folder).unwrap_or(file).to_string_lossy();
        let path = tidy(&format!("{}/{}", settings.contracts, relative.replace('\\', "/")));
        found.contracts.push(Document { path, source: wider.read(file)? });
    }
    found.consumers = consumers_of_folder(bounds, root, settings)?;
    Ok(found)
}

/// The consumers of a project by name.
pub(super) fn consumers_of_folder(
    bounds: &Bounds,
    root: &Path,
    settings: &Settings,
) -> Result<Vec<(String, Arc<Source>)>> {
    let mut found = Vec::new();
    for folder in &settings.sql {
        let folder = root.join(folder);
        let bounds = bounds.with(&folder)?;
        let mut files = Vec::new();
        collect(&bounds, &folder, is_consumer, &mut files)?;
        for file in &files {
            let relative = file.strip_prefix(&folder).unwrap_or(file).to_string_lossy();
            found.push((consumer_name(&relative), bounds.read(file)?));
        }
    }
    Ok(found)
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
    let mut places: HashMap<&str, &Arc<Source>> = HashMap::new();
    for (name, source) in documents {
        let (consumer, mut diagnostics) = parse_consumer(name, source);
        let other = places.get(name.as_str()).copied();
        if let Some(other) = other {
            let message = format!("consumer '{name}' is in two folders");
            let span = crate::diagnostic::Span::START;
            diagnostics.push(
                Diagnostic::new(&consumer_header::META, source, span, message)
                    .severity(Severity::Error)
                    .hint(format!("the other is {}", other.name)),
            );
        } else if let Some(consumer) = consumer {
            places.insert(name, source);
            consumers.push(consumer);
        }
        if !diagnostics.is_empty() {
            let source = Arc::clone(source);
            let is_second = other.is_some();
            unreadable.push(Unreadable { name: name.clone(), source, diagnostics, is_second });
        }
    }
    (consumers, unreadable)
}
