//! The files of a commit, as its working tree would show them: links are followed as far as they
//! stay in it, hidden files and folders are skipped. What a commit cannot show is reported.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::contract::yaml::MAX_BYTES;
use crate::diagnostic::Source;
use crate::error::{Error, Result};

use super::documents::{Document, Documents, tidy};
use super::files::{MOST_FOLDERS, is_hidden, led_out, same_kind, too_many_folders};
use super::git::{Blob, Kind, Repository};
use super::{
    Bounds, FILE_NAME, Project, Settings, consumer_name, document, extends, is_consumer,
    is_contract, waivers,
};

/// As many links are followed one after the other as systems follow.
const LINKS: usize = 40;

/// The longest place that a link leads to, in bytes: as systems have it.
const LONGEST_LINK: usize = 4096;

/// Reads a commit. `shown` is the prefix of its places, where they are in the commit and not in the
/// working tree.
pub(super) fn documents(id: &str, shown: Option<&str>, project: &Project) -> Result<Documents> {
    let tree = Tree::of(id, shown, project)?;
    let (settings, unread_settings) = match (tree.settings(), shown) {
        (Ok(settings), _) => (settings, None),
        // Variables and shared settings of another time may be missing: then today's count.
        (Err(error), Some(_)) => (project.settings.clone(), Some(error.to_string())),
        (Err(error), None) => return Err(error),
    };
    let contracts = tree.below(&settings.contracts, is_contract)?;
    let mut consumers = Vec::new();
    for folder in &settings.sql {
        consumers.extend(tree.below(folder, is_consumer)?);
    }
    let mut sources = tree.read(contracts.iter().chain(&consumers))?;
    let of_consumers = sources.split_off(contracts.len());
    let names = consumers.iter().map(|found| consumer_name(&found.relative));
    let documents = contracts.iter().zip(sources);
    let waivers = tree.own(waivers::FILE_NAME)?;
    Ok(Documents {
        contracts: documents
            .filter_map(|(found, source)| {
                Some(Document { path: found.path.clone(), source: source? })
            })
            .collect(),
        consumers: names.zip(of_consumers).filter_map(|(name, of)| Some((name, of?))).collect(),
        settings,
        unread_settings,
        unseen: tree.unseen.take(),
        is_project: true,
        waivers,
    })
}

/// The files of a commit.
struct Tree<'a> {
    repository: Repository,
    /// The top of the working tree.
    top: PathBuf,
    /// The project's folder in the commit, with a `/` at its end; empty at the top.
    prefix: String,
    /// By path.
    files: Vec<Blob>,
    /// Where each link leads, by its object; one that no system would follow has no target.
    links: HashMap<String, String>,
    project: &'a Project,
    shown: Option<&'a str>,
    /// Files that the working tree may hold but the commit does not show, and why.
    unseen: RefCell<Vec<String>>,
}

/// A file below a folder.
struct Found<'a> {
    /// Its path below the folder.
    relative: String,
    /// Its path from the project's folder.
    path: String,
    /// Its content.
    blob: &'a Blob,
}

/// A search below a folder.
struct Search<'a> {
    /// The folder, as the settings name it.
    folder: &'a str,
    fits: fn(&Path) -> bool,
    found: Vec<Found<'a>>,
    /// The folders above, by their real paths: a link back to one would lead there again.
    above: Vec<String>,
    /// How many folders there were.
    count: usize,
}

impl<'a> Tree<'a> {
    fn of(id: &str, shown: Option<&'a str>, project: &'a Project) -> Result<Self> {
        let repository = Repository::of(&project.root)?;
        let mut files = repository.files(id)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let (prefix, top) = (repository.prefix().to_owned(), repository.top()?);
        let unseen = RefCell::default();
        let links = links(&repository, &files)?;
        let mut tree = Self { repository, top, prefix, files, links, project, shown, unseen };
        if let Some(moved) = tree.moved() {
            tree.prefix = moved;
        }
        Ok(tree)
    }

    /// Where the project was before it was moved: the one folder that was a project and no longer
    /// is.
    fn moved(&self) -> Option<String> {
        if self.file(&format!("{}{FILE_NAME}", self.prefix)).is_some() {
            return None;
        }
        let folder = |blob: &'_ Blob| Some(blob.path.strip_suffix(FILE_NAME)?.to_owned());
        let projects = self.files.iter().filter_map(folder);
        let mut gone = projects.filter(|folder| {
            let is_folder = folder.is_empty() || folder.ends_with('/');
            let file = format!("{folder}{FILE_NAME}");
            is_folder && !self.top.join(&file).exists() && !self.repository.tracks(&file)
        });
        gone.next().filter(|_| gone.next().is_none())
    }

    fn file(&self, path: &str) -> Option<&Blob> {
        let at = self.files.binary_search_by(|f| f.path.as_str().cmp(path)).ok()?;
        Some(&self.files[at])
    }

    /// The files below a folder, in the order of paths.
    fn inside(&self, folder: &str) -> &[Blob] {
        if folder.is_empty() {
            return &self.files;
        }
        let prefix = format!("{folder}/");
        let start = self.files.partition_point(|f| f.path < prefix);
        let many = self.files[start..].partition_point(|f| f.path.starts_with(&prefix));
        &self.files[start..start + many]
    }

    /// The path from the top that a path from the project's folder means when its links are followed;
    /// `None` where it leads out of the commit.
    fn real(&self, path: &str) -> Option<String> {
        match Path::new(path).is_absolute() {
            true => self.resolved("", &self.within(path)?),
            false => self.resolved(&self.prefix, path),
        }
    }

    /// A path of the system as one from the top.
    fn within(&self, path: &str) -> Option<String> {
        Some(Path::new(path).strip_prefix(&self.top).ok()?.to_string_lossy().into_owned())
    }

    /// Follows a path part by part, as a system does.
    fn resolved(&self, from: &str, path: &str) -> Option<String> {
        let parts = |path: &str| path.split('/').rev().map(str::to_owned).collect::<Vec<_>>();
        let mut pending = parts(&format!("{from}{path}"));
        let mut at: Vec<String> = Vec::new();
        let mut links = 0;
        while let Some(part) = pending.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." if at.pop().is_none() => return None,
                ".." => continue,
                _ => at.push(part),
            }
            let here = at.join("/");
            let Some(blob) = self.file(&here) else {
                // Nothing is below a missing folder; an empty folder is in no commit.
                let leads_back = pending.iter().any(|part| part == "..");
                if !leads_back && self.inside(&here).is_empty() {
                    return Some(here);
                }
                continue;
            };
            if blob.kind != Kind::Link {
                continue;
            }
            links += 1;
            let target = self.links.get(&blob.object).filter(|_| links <= LINKS)?;
            let is_absolute = Path::new(target).is_absolute();
            let target = if is_absolute { self.within(target)? } else { target.clone() };
            at.pop();
            if is_absolute {
                at.clear();
            }
            pending.extend(parts(&target));
        }
        Some(at.join("/"))
    }

    /// Whether a link on the path leads to a forbidden place: out of the project and of `home`, the
    /// folder that settings name, or to something hidden.
    fn leads_out(&self, path: &str, real: &str, home: Option<&str>) -> bool {
        let plain = match Path::new(path).is_absolute() {
            true => self.within(path).map(|path| tidy(&path)),
            false => Some(tidy(&format!("{}{path}", self.prefix))),
        };
        let stays = |root: &str| {
            let rest = Path::new(real).strip_prefix(root.trim_end_matches('/'));
            rest.is_ok_and(|rest| !is_hidden(rest))
        };
        plain.as_deref() != Some(real) && !stays(&self.prefix) && !home.is_some_and(stays)
    }

    /// Notes what the commit cannot show.
    fn miss(&self, path: &str, why: &str) {
        self.unseen.borrow_mut().push(format!("{path} {why}"));
    }

    /// The files below a folder of the project that fit.
    fn below<'t>(&'t self, folder: &'t str, fits: fn(&Path) -> bool) -> Result<Vec<Found<'t>>> {
        let mut search = Search { folder, fits, found: Vec::new(), above: Vec::new(), count: 0 };
        self.walk(folder, "", &mut search)?;
        Ok(search.found)
    }

    /// Looks into a folder by its path from the project's, which is `relative` from where the search
    /// began.
    fn walk<'t>(&'t self, path: &str, relative: &str, search: &mut Search<'t>) -> Result<()> {
        let Some(real) = self.real(path) else {
            self.miss(path, "leads out of the repository");
            return Ok(());
        };
        if self.leads_out(path, &real, search.above.first().map(String::as_str)) {
            self.miss(path, "leads out of the project");
            return Ok(());
        }
        let ends = real.match_indices('/').map(|(at, _)| at).chain([real.len()]);
        let is_module =
            |end: usize| self.file(&real[..end]).is_some_and(|b| b.kind == Kind::Module);
        if ends.into_iter().any(is_module) {
            self.miss(path, "lies in a submodule");
        }
        if search.above.contains(&real) {
            return Ok(());
        }
        search.count += 1;
        if search.count > MOST_FOLDERS {
            return Err(too_many_folders(&self.name(search.folder)));
        }
        search.above.push(real.clone());
        let mut inside = self.inside(&real);
        while let Some(first) = inside.first() {
            let rest = first.path[real.len()..].trim_start_matches('/');
            let name = rest.split('/').next().unwrap_or(rest);
            let (path, relative) = (joined(path, name), joined(relative, name));
            let is_folder = name.len() < rest.len();
            let many = match is_folder {
                true => self.inside(&joined(&real, name)).len(),
                false => 1,
            };
            inside = &inside[many..];
            if name.starts_with('.') {
                continue;
            }
            match is_folder || self.leads_to_folder(first) {
                true => self.walk(&path, &relative, search)?,
                false => self.keep(first, &path, relative, search),
            }
        }
        search.above.pop();
        Ok(())
    }

    fn leads_to_folder(&self, blob: &Blob) -> bool {
        match blob.kind {
            Kind::File => false,
            Kind::Module => true,
            Kind::Link => match self.resolved("", &blob.path) {
                Some(path) => {
                    let is_module = self.file(&path).is_some_and(|b| b.kind == Kind::Module);
                    is_module || !self.inside(&path).is_empty()
                }
                // Its kind is unknown: it may be a folder with the files sought.
                None => true,
            },
        }
    }

    fn keep<'t>(&'t self, blob: &'t Blob, path: &str, relative: String, search: &mut Search<'t>) {
        if !(search.fits)(Path::new(path)) {
            return;
        }
        // A dangling link is not a file.
        let Some(real) = self.resolved("", &blob.path) else { return };
        let Some(target) = self.file(&real) else { return };
        let is_link = blob.kind == Kind::Link;
        let home = search.above.first().map(String::as_str);
        if is_link
            && (self.leads_out(path, &real, home) || !same_kind(Path::new(path), Path::new(&real)))
        {
            return self.miss(path, "leads out of the project's documents");
        }
        let blob = target;
        let path = tidy(&joined(search.folder, &relative));
        search.found.push(Found { relative, path, blob });
    }

    /// The documents of files; `None` for one of the base that is too large to be read.
    fn read<'f>(
        &self,
        all: impl Iterator<Item = &'f Found<'f>>,
    ) -> Result<Vec<Option<Arc<Source>>>> {
        let all: Vec<&Found<'_>> = all.collect();
        let objects: Vec<&str> = all.iter().map(|found| found.blob.object.as_str()).collect();
        let contents = self.repository.read(&objects, MAX_BYTES)?.into_iter();
        all.iter().zip(contents).map(|(found, bytes)| self.source(&found.path, bytes)).collect()
    }

    /// How reports call a file, by its path from the project's folder.
    fn name(&self, path: &str) -> String {
        match self.shown {
            Some(commit) => {
                let from_top = self
                    .within(path)
                    .map_or_else(|| tidy(&format!("{}{path}", self.prefix)), |path| tidy(&path));
                format!("{commit}:{from_top}")
            }
            None => super::display_name(&self.project.root.join(path)),
        }
    }

    fn source(&self, path: &str, bytes: Option<Vec<u8>>) -> Result<Option<Arc<Source>>> {
        let bytes = match (bytes, self.shown) {
            // The base is taken as it is: bytes that are not text are a fault of their document.
            (Some(bytes), Some(_)) => String::from_utf8_lossy(&bytes).into_owned().into_bytes(),
            (Some(bytes), None) => bytes,
            (None, Some(_)) => {
                self.miss(path, "is too large to be read");
                return Ok(None);
            }
            (None, None) => {
                return Err(Error::mend("too-large", "the file is too large to be read")
                    .at(self.name(path))
                    .hint(format!("at most {MAX_BYTES} bytes are read")));
            }
        };
        document(self.name(path), bytes).map(Some)
    }

    /// A file of the project, where it is there.
    fn text(&self, path: &str) -> Result<Option<Arc<Source>>> {
        let Some(real) = self.real(path) else { return Ok(None) };
        let Some(blob) = self.file(&real) else { return Ok(None) };
        let is_like = same_kind(Path::new(path), Path::new(&real));
        if self.leads_out(path, &real, None) || !is_like {
            return Err(led_out("the link leads out of the project", self.name(path)));
        }
        let bytes = self.repository.read(&[&blob.object], MAX_BYTES)?.pop().flatten();
        self.source(path, bytes)
    }

    /// As above; a link without a target in the commit is reported, because in the working tree it
    /// may lead to a document.
    fn own(&self, path: &str) -> Result<Option<Arc<Source>>> {
        let text = self.text(path)?;
        let is_link = |blob: &Blob| blob.kind == Kind::Link;
        if text.is_none() && self.file(&format!("{}{path}", self.prefix)).is_some_and(is_link) {
            self.miss(path, "leads to nothing that the commit holds");
        }
        Ok(text)
    }

    /// What the commit's own pactum.yaml says, over the settings of the commit that it builds on; the
    /// project's where it has none.
    fn settings(&self) -> Result<Settings> {
        let Some(own) = self.own(FILE_NAME)? else { return Ok(self.project.settings.clone()) };
        let local = |path: &str| match self.text(path)? {
            Some(shared) => Ok(shared),
            None if self.real(path).is_some() => {
                Err(Error::usage("missing-file", "the commit has no such file").at(self.name(path)))
            }
            // It is outside the repository, and no link leads there.
            None => Bounds::of_project(&self.project.root)?.read(&self.project.root.join(path)),
        };
        Settings::over(extends::below(&own, &local)?, &own)
    }
}

/// Where every link of a commit leads.
fn links(repository: &Repository, files: &[Blob]) -> Result<HashMap<String, String>> {
    let links: Vec<&str> =
        files.iter().filter(|f| f.kind == Kind::Link).map(|f| f.object.as_str()).collect();
    let targets = repository.read(&links, LONGEST_LINK)?;
    let known = links.iter().zip(targets).filter_map(|(object, target)| {
        Some(((*object).to_owned(), String::from_utf8_lossy(&target?).into_owned()))
    });
    Ok(known.collect())
}

fn joined(folder: &str, name: &str) -> String {
    match (folder, name) {
        ("", name) => name.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, name) => format!("{}/{name}", folder.trim_end_matches('/')),
    }
}
