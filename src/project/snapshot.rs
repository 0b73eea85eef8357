//! Snapshots: the contracts and consumers of a project at one moment, wherever they are read from:
//! files, folders, a commit, or the releases of a warehouse.

use std::collections::{HashMap, HashSet};
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
            // What has faults and still could be read is planned.
            let read: HashSet<*const Source> =
                consumers.iter().map(|c| Arc::as_ptr(&c.source)).collect();
            let unread = |u: &Unreadable| !read.contains(&Arc::as_ptr(&u.source));
            snapshot.unreadable = faults.into_iter().filter(unread).collect();
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
    let sql = if folder.join("sql").is_dir() { "sql" } else { "" };
    let everything =
        Settings { contracts: String::new(), sql: vec![sql.to_owned()], ..Settings::default() };
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
    let tree = Tree { files: repository.files(commit)?, repository };
    let settings = tree.settings(project)?;
    let contracts = tree.below(&settings.contracts, is_contract)?;
    let mut consumers: Vec<(String, Found<'_>)> = Vec::new();
    for folder in &settings.sql {
        for found in tree.below(folder, is_consumer)? {
            consumers.push((consumer_name(&found.relative), found));
        }
    }
    let all: Vec<&Found<'_>> = contracts.iter().chain(consumers.iter().map(|(_, f)| f)).collect();
    let objects: Vec<&str> = all.iter().map(|found| found.blob.object.as_str()).collect();
    let mut sources = Vec::with_capacity(all.len());
    for (found, bytes) in all.iter().zip(tree.repository.read(&objects)?) {
        sources.push(match shown {
            // What was is what it is: a text that is none is a fault of its document.
            Some(commit) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                document(format!("{commit}:{}", found.path), text.into_bytes())?
            }
            None => document(tree.shown(&found.path, project), bytes)?,
        });
    }
    let of_consumers = sources.split_off(contracts.len());
    let documents = contracts
        .iter()
        .zip(sources)
        .map(|(found, source)| Document { path: tree.in_project(&found.path), source });
    Ok(Documents {
        contracts: documents.collect(),
        consumers: consumers.into_iter().map(|(name, _)| name).zip(of_consumers).collect(),
        settings,
    })
}

/// The files of a commit.
struct Tree {
    repository: Repository,
    files: Vec<Blob>,
}

/// A file below a folder.
struct Found<'a> {
    /// Its path below the folder.
    relative: String,
    /// Its path from the top of the repository.
    path: String,
    /// Its content.
    blob: &'a Blob,
}

impl Tree {
    /// A path of the project as one from the top of the repository; `None` where it leads out of it.
    fn place(&self, path: &str) -> Option<String> {
        clean(&format!("{}{path}", self.repository.prefix()))
    }

    /// A path from the top of the repository as one of the project.
    fn in_project(&self, path: &str) -> String {
        path.strip_prefix(self.repository.prefix()).unwrap_or(path).to_owned()
    }

    /// How a file of the working tree is called.
    fn shown(&self, path: &str, project: &Project) -> String {
        super::display_name(&project.root.join(self.in_project(path)))
    }

    fn file(&self, path: &str) -> Option<&Blob> {
        self.files.iter().find(|f| f.path == path)
    }

    /// The files below a folder of the project that fit, as a working tree would show them: hidden
    /// folders below it are passed over, links are followed.
    fn below(&self, folder: &str, fits: fn(&Path) -> bool) -> Result<Vec<Found<'_>>> {
        let Some(folder) = self.place(folder) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for blob in self.files.iter().filter(|f| fits(Path::new(&f.path))) {
            let relative = match folder.as_str() {
                "" => Some(blob.path.as_str()),
                folder => blob.path.strip_prefix(folder).and_then(|p| p.strip_prefix('/')),
            };
            let Some(relative) =
                relative.filter(|p| !p.split('/').any(|part| part.starts_with('.')))
            else {
                continue;
            };
            let Some(target) = self.followed(blob)? else { continue };
            if target.size > MAX_BYTES {
                let message = format!("the file has {} bytes", target.size);
                return Err(Error::mend("too-large", message)
                    .at(blob.path.clone())
                    .hint(format!("at most {MAX_BYTES} bytes are read")));
            }
            let path = blob.path.clone();
            found.push(Found { relative: relative.to_owned(), path, blob: target });
        }
        Ok(found)
    }

    /// Where a link leads, as far as it stays in the commit.
    fn followed<'a>(&'a self, blob: &'a Blob) -> Result<Option<&'a Blob>> {
        const LINKS: usize = 8;
        let mut blob = blob;
        for _ in 0..LINKS {
            if !blob.is_link {
                return Ok(Some(blob));
            }
            let target = self.repository.read(&[&blob.object])?.pop().unwrap_or_default();
            let target = String::from_utf8_lossy(&target).into_owned();
            let folder = blob.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let next = clean(&format!("{folder}/{target}")).and_then(|path| self.file(&path));
            let Some(next) = next else { return Ok(None) };
            blob = next;
        }
        Ok(None)
    }

    /// What the commit's own pactum.yaml says, with the settings of the commit that it builds on; the
    /// project's where that cannot be read.
    fn settings(&self, project: &Project) -> Result<Settings> {
        let own = self.place(FILE_NAME).and_then(|path| self.file(&path));
        let Some(own) = own else { return Ok(project.settings.clone()) };
        let source = |blob: &Blob| -> Result<Arc<Source>> {
            let text = self.repository.read(&[&blob.object])?.pop().unwrap_or_default();
            document(self.shown(&blob.path, project), text)
        };
        let text = source(own)?;
        let below = match Settings::builds_on(&text) {
            None => Ok(Settings::default()),
            Some(extends) if extends.value.contains("://") => {
                super::extends::below(&project.root, &text)
            }
            Some(extends) => {
                let path = extends.value.split('#').next().unwrap_or_default();
                match self.place(path).and_then(|path| self.file(&path)) {
                    Some(shared) => Settings::parse(&source(shared)?),
                    None => super::extends::below(&project.root, &text),
                }
            }
        };
        // Variables and shared settings of another time may not be there: then today's count.
        let settings = below.and_then(|below| Settings::over(below, &text));
        Ok(settings.unwrap_or_else(|_| project.settings.clone()))
    }
}

/// A path without `.` and `..`; `None` where it leads above its beginning.
fn clean(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
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
            let message = format!("consumer '{name}' stands in two folders");
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
