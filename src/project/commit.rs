//! The files of a commit, as its working tree would show them: links are followed as far as they stay
//! in it, hidden files and folders are passed over.

use std::path::Path;
use std::sync::Arc;

use crate::contract::yaml::MAX_BYTES;
use crate::diagnostic::Source;
use crate::error::{Error, Result};

use super::git::{Blob, Repository};
use super::snapshot::{Document, Documents};
use super::{
    FILE_NAME, Project, Settings, consumer_name, document, extends, is_consumer, is_contract,
    waivers,
};

/// As many links are followed one after the other as systems follow.
const LINKS: usize = 40;

/// Reads a commit. `shown` is what its places begin with, where they are those of the commit and not
/// of the working tree.
pub(super) fn documents(id: &str, shown: Option<&str>, project: &Project) -> Result<Documents> {
    let repository = Repository::of(&project.root)?;
    let mut files = repository.files(id)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let tree = Tree { files, repository, project, shown };
    let (settings, unread_settings) = match (tree.settings(), shown) {
        (Ok(settings), _) => (settings, None),
        // Variables and shared settings of another time may not be there: then today's count.
        (Err(error), Some(_)) => (project.settings.clone(), Some(error.to_string())),
        (Err(error), None) => return Err(error),
    };
    let contracts = tree.below(&settings.contracts, is_contract)?;
    let mut consumers: Vec<(String, Found<'_>)> = Vec::new();
    for folder in &settings.sql {
        for found in tree.below(folder, is_consumer)? {
            consumers.push((consumer_name(&found.relative), found));
        }
    }
    let all = contracts.iter().chain(consumers.iter().map(|(_, found)| found));
    let mut sources = tree.read(all)?;
    let of_consumers = sources.split_off(contracts.len());
    let documents = contracts.iter().zip(sources);
    let documents =
        documents.map(|(found, source)| Document { path: tree.in_project(&found.path), source });
    Ok(Documents {
        contracts: documents.collect(),
        consumers: consumers.into_iter().map(|(name, _)| name).zip(of_consumers).collect(),
        settings,
        unread_settings,
        is_project: true,
        waivers: tree.text(waivers::FILE_NAME)?,
    })
}

/// The files of a commit.
struct Tree<'a> {
    repository: Repository,
    /// By path.
    files: Vec<Blob>,
    project: &'a Project,
    shown: Option<&'a str>,
}

/// A file below a folder.
struct Found<'a> {
    /// Its path below the folder.
    relative: String,
    /// Its path from the top of the repository, as the folder shows it.
    path: String,
    /// Its content.
    blob: &'a Blob,
}

/// A search below a folder.
struct Search<'a> {
    fits: fn(&Path) -> bool,
    found: Vec<Found<'a>>,
    /// The folders above, by their real paths: a link back to one would lead there again.
    above: Vec<String>,
}

impl Tree<'_> {
    /// A path of the project as one from the top of the repository; `None` where it leads out of it.
    fn place(&self, path: &str) -> Option<String> {
        clean(&format!("{}{path}", self.repository.prefix()))
    }

    /// A path from the top of the repository as one of the project.
    fn in_project(&self, path: &str) -> String {
        path.strip_prefix(self.repository.prefix()).unwrap_or(path).to_owned()
    }

    /// How reports call a file.
    fn name(&self, path: &str) -> String {
        match self.shown {
            Some(commit) => format!("{commit}:{path}"),
            None => super::display_name(&self.project.root.join(self.in_project(path))),
        }
    }

    fn file(&self, path: &str) -> Option<&Blob> {
        let at = self.files.binary_search_by(|f| f.path.as_str().cmp(path)).ok()?;
        Some(&self.files[at])
    }

    /// What lies below a folder, in the order of paths.
    fn inside(&self, folder: &str) -> &[Blob] {
        if folder.is_empty() {
            return &self.files;
        }
        let prefix = format!("{folder}/");
        let start = self.files.partition_point(|f| f.path < prefix);
        let many = self.files[start..].partition_point(|f| f.path.starts_with(&prefix));
        &self.files[start..start + many]
    }

    /// The path that a path means when its links are followed; `None` where one leads out of the commit.
    fn real(&self, path: &str) -> Result<Option<String>> {
        let mut path = path.to_owned();
        for _ in 0..LINKS {
            let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
            let link = ends
                .filter_map(|end| Some((end, self.file(&path[..end])?)))
                .find(|(_, blob)| blob.is_link);
            let Some((end, link)) = link else { return Ok(Some(path)) };
            let target = self.repository.read(&[&link.object])?.pop().unwrap_or_default();
            let target = String::from_utf8_lossy(&target).into_owned();
            let folder = path[..end].rsplit_once('/').map_or("", |(folder, _)| folder);
            let is_absolute = target.starts_with('/');
            let next = clean(&format!("{folder}/{target}{}", &path[end..]));
            let Some(next) = next.filter(|_| !is_absolute) else { return Ok(None) };
            path = next;
        }
        Ok(None)
    }

    /// The files below a folder of the project that fit.
    fn below(&self, folder: &str, fits: fn(&Path) -> bool) -> Result<Vec<Found<'_>>> {
        let Some(folder) = self.place(folder) else { return Ok(Vec::new()) };
        let mut search = Search { fits, found: Vec::new(), above: Vec::new() };
        self.walk(&folder, "", &mut search)?;
        Ok(search.found)
    }

    fn walk<'t>(&'t self, top: &str, relative: &str, search: &mut Search<'t>) -> Result<()> {
        let Some(real) = self.real(&joined(top, relative))? else { return Ok(()) };
        if search.above.contains(&real) {
            return Ok(());
        }
        let mut inside = self.inside(&real);
        search.above.push(real.clone());
        while let Some(first) = inside.first() {
            let rest = first.path[real.len()..].trim_start_matches('/');
            let name = rest.split('/').next().unwrap_or(rest);
            let child = joined(relative, name);
            let is_folder = name.len() < rest.len();
            let many = match is_folder {
                true => self.inside(&joined(&real, name)).len(),
                false => 1,
            };
            inside = &inside[many..];
            if name.starts_with('.') {
                continue;
            }
            match is_folder || first.is_link && self.leads_to_folder(first)? {
                true => self.walk(top, &child, search)?,
                false => self.keep(first, joined(top, &child), child, search)?,
            }
        }
        search.above.pop();
        Ok(())
    }

    fn leads_to_folder(&self, link: &Blob) -> Result<bool> {
        Ok(self.real(&link.path)?.is_some_and(|path| !self.inside(&path).is_empty()))
    }

    fn keep<'t>(
        &'t self,
        blob: &'t Blob,
        path: String,
        relative: String,
        search: &mut Search<'t>,
    ) -> Result<()> {
        if !(search.fits)(Path::new(&path)) {
            return Ok(());
        }
        let target = match blob.is_link {
            true => self.real(&blob.path)?.and_then(|path| self.file(&path)),
            false => Some(blob),
        };
        // A link that leads nowhere is no file.
        let Some(blob) = target else { return Ok(()) };
        if blob.size > MAX_BYTES {
            let message = format!("the file has {} bytes", blob.size);
            return Err(Error::mend("too-large", message)
                .at(self.name(&path))
                .hint(format!("at most {MAX_BYTES} bytes are read")));
        }
        search.found.push(Found { relative, path, blob });
        Ok(())
    }

    fn read<'f>(&self, all: impl Iterator<Item = &'f Found<'f>>) -> Result<Vec<Arc<Source>>> {
        let all: Vec<&Found<'_>> = all.collect();
        let objects: Vec<&str> = all.iter().map(|found| found.blob.object.as_str()).collect();
        let contents = self.repository.read(&objects)?.into_iter();
        all.iter().zip(contents).map(|(found, bytes)| self.source(&found.path, bytes)).collect()
    }

    fn source(&self, path: &str, bytes: Vec<u8>) -> Result<Arc<Source>> {
        let bytes = match self.shown {
            // What was is what it is: a text that is none is a fault of its document.
            Some(_) => String::from_utf8_lossy(&bytes).into_owned().into_bytes(),
            None => bytes,
        };
        document(self.name(path), bytes)
    }

    /// A file of the project, where it is there.
    fn text(&self, path: &str) -> Result<Option<Arc<Source>>> {
        let Some(path) = self.place(path) else { return Ok(None) };
        let Some(blob) = self.real(&path)?.and_then(|path| self.file(&path)) else {
            return Ok(None);
        };
        let bytes = self.repository.read(&[&blob.object])?.pop().unwrap_or_default();
        self.source(&path, bytes).map(Some)
    }

    /// What the commit's own pactum.yaml says, over the settings of the commit that it builds on; the
    /// project's where it has none.
    fn settings(&self) -> Result<Settings> {
        let Some(own) = self.text(FILE_NAME)? else { return Ok(self.project.settings.clone()) };
        let local = |path: &str| match self.text(path)? {
            Some(shared) => Ok(shared),
            // It may lie outside of the repository.
            None => super::read(&self.project.root.join(path)),
        };
        Settings::over(extends::below(&own, &local)?, &own)
    }
}

fn joined(folder: &str, name: &str) -> String {
    match (folder, name) {
        ("", name) => name.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, name) => format!("{folder}/{name}"),
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
