//! Documents as files: which links are followed, and what is never read.
//!
//! A change from anywhere can put a link into a tree. Its target would be read with the rights of
//! the user who checks the change, and shown where a diagnostic shows a line. So a link is followed
//! only as far as it stays in the project, does not lead to what is hidden there (`.git`, `.env`),
//! and leads to a document of the same kind. A folder outside that settings or arguments name is
//! their author's choice.

use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::contract::yaml::MAX_BYTES;
use crate::diagnostic::Source;
use crate::engine::regular;
use crate::error::{Error, Result};

use super::{FILE_NAME, document, is_consumer, is_contract};

/// The folders that links must stay in.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Each as given, and resolved without links.
    roots: Vec<(PathBuf, PathBuf)>,
    /// The folder whose documents diagnostics quote; with none, they quote every document.
    quoted: Option<PathBuf>,
}

impl Bounds {
    /// Those of a project's folder. Documents outside its repository are shown without lines.
    ///
    /// # Errors
    /// When the folder cannot be looked at.
    pub fn of_project(root: &Path) -> Result<Self> {
        let real = root.canonicalize().map_err(|e| Error::io(root, e))?;
        let top = real.ancestors().find(|folder| is_there(&folder.join(".git")));
        let quoted = Some(top.unwrap_or(&real).to_owned());
        Ok(Self { roots: vec![(root.to_owned(), real)], quoted })
    }

    /// Those of a file or a folder that somebody names: its project, else its repository, else the
    /// folder itself or the folder that the file lies in.
    ///
    /// # Errors
    /// When the working directory is gone.
    pub fn around(path: &Path) -> Result<Self> {
        let absolute = std::path::absolute(path).map_err(|e| Error::io(path, e))?;
        let above = lexical(&absolute);
        let is_folder = absolute.is_dir();
        let from = usize::from(!is_folder);
        let home = |mark: &str| above.ancestors().skip(from).find(|f| is_there(&f.join(mark)));
        let own = if is_folder { Some(absolute.as_path()) } else { absolute.parent() };
        let root = home(FILE_NAME).or_else(|| home(".git")).or(own).unwrap_or(&absolute);
        let real = root.canonicalize().map_err(|e| Error::io(path, e))?;
        Ok(Self { roots: vec![(root.to_owned(), real)], quoted: None })
    }

    /// These, and a folder that settings name, wherever it is.
    ///
    /// # Errors
    /// When a link inside the project leads to it.
    pub(super) fn with(&self, folder: &Path) -> Result<Self> {
        let mut wider = self.clone();
        if is_there(folder) {
            let real = self.admit(folder)?;
            wider.roots.push((folder.to_owned(), real));
        }
        Ok(wider)
    }

    /// The place of a file or a folder without links.
    ///
    /// # Errors
    /// When a link leads out of the bounds, to something hidden or to a document of another kind.
    /// Names the link, and nothing of its target.
    pub(super) fn admit(&self, path: &Path) -> Result<PathBuf> {
        let absolute = std::path::absolute(path).map_err(|e| Error::io(path, e))?;
        let real = absolute.canonicalize().map_err(|e| Error::io(path, e))?;
        if real == self.plain(&absolute) {
            return Ok(real);
        }
        let below = self.roots.iter().filter_map(|(_, root)| real.strip_prefix(root).ok());
        let below: Vec<&Path> = below.collect();
        let what = if below.is_empty() {
            "the link leads out of the project"
        } else if below.iter().all(|rest| is_hidden(rest)) {
            "the link leads to something hidden"
        } else if !real.is_dir() && !same_kind(&absolute, &real) {
            "the link leads to a file of another kind"
        } else {
            return Ok(real);
        };
        Err(led_out(what, super::display_name(&absolute)))
    }

    /// Reads a document.
    ///
    /// # Errors
    /// As `Bounds::admit`, and when it is not a regular file, too large, or not UTF-8.
    pub fn read(&self, path: &Path) -> Result<Arc<Source>> {
        let real = self.admit(path)?;
        let named = |e: Error| e.at(super::display_name(path));
        let bytes = regular::read(&real, MAX_BYTES).map_err(named)?;
        let source = document(super::display_name(path), bytes)?;
        match self.quoted.as_ref().is_none_or(|folder| real.starts_with(folder)) {
            true => Ok(source),
            false => Ok(Arc::new(source.as_ref().clone().unquoted())),
        }
    }

    /// Where a path leads if no part of it below the bounds is a link.
    fn plain(&self, path: &Path) -> PathBuf {
        let roots = self.roots.iter().rev();
        let below = |(given, real): &(PathBuf, PathBuf)| {
            let given = std::path::absolute(given).ok()?;
            Some(lexical(&real.join(path.strip_prefix(given).ok()?)))
        };
        roots.filter_map(below).next().unwrap_or_else(|| lexical(path))
    }
}

/// The refusal of a link.
pub(super) fn led_out(what: &str, place: String) -> Error {
    Error::mend("link-out", what).at(place).hint(
        "put the document there in the link's place; a folder elsewhere is named in pactum.yaml or on \
         the command line",
    )
}

/// Whether something exists, even a dangling link. Something inaccessible may exist: opening it
/// gives the reason.
pub(super) fn is_there(path: &Path) -> bool {
    match path.symlink_metadata() {
        Ok(_) => true,
        Err(e) => !matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory),
    }
}

/// Whether a path has a part that begins with a dot.
pub(super) fn is_hidden(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."))
}

/// Whether two documents are of one kind by their names: contracts, consumers, or else files of one
/// name. Any YAML could pass for settings or waivers, and its lines would be shown.
pub(super) fn same_kind(one: &Path, other: &Path) -> bool {
    let is = |fits: fn(&Path) -> bool| fits(one) && fits(other);
    is(is_contract) || is(is_consumer) || one.file_name() == other.file_name()
}

/// A path without `.` and `..`, resolved by text only.
fn lexical(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}

/// Files below a folder that fit, sorted; hidden files and folders are skipped.
///
/// # Errors
/// When a folder cannot be listed, or a link leads out of the bounds.
pub fn collect(
    bounds: &Bounds,
    folder: &Path,
    fits: fn(&Path) -> bool,
    found: &mut Vec<PathBuf>,
) -> Result<()> {
    let mut walk = Walk { bounds, fits, above: Vec::new(), count: 0 };
    walk.folder(folder, found)
}

/// Most folders that are visited: links to folders may form cycles.
pub(super) const MOST_FOLDERS: usize = 20_000;

/// Too many folders below one.
pub(super) fn too_many_folders(folder: &str) -> Error {
    Error::mend("too-many-folders", format!("there are more than {MOST_FOLDERS} folders below it"))
        .at(folder)
        .hint("links to folders may lead to each other: remove them")
}

/// A walk through folders.
struct Walk<'a> {
    bounds: &'a Bounds,
    fits: fn(&Path) -> bool,
    /// The folders above the one at hand.
    above: Vec<PathBuf>,
    /// How many there were.
    count: usize,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
        match folder.metadata() {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Ok(()),
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(Error::io(folder, e)),
        }
        let real = self.bounds.admit(folder)?;
        // A link that leads back above itself would lead there again.
        if self.above.contains(&real) {
            return Ok(());
        }
        self.count += 1;
        if self.count > MOST_FOLDERS {
            let top = self.above.first().unwrap_or(&real);
            return Err(too_many_folders(&top.display().to_string()));
        }
        self.above.push(real);
        for path in entries(folder)? {
            self.one(&path, found)?;
        }
        self.above.pop();
        Ok(())
    }

    fn one(&mut self, path: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
        if path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b".")) {
            return Ok(());
        }
        match path.metadata() {
            Ok(metadata) if metadata.is_dir() => self.folder(path, found)?,
            Ok(_) if (self.fits)(path) => {
                self.bounds.admit(path)?;
                found.push(path.to_owned());
            }
            Ok(_) => {}
            // A link without a target, or to itself, is not a file.
            Err(e) if e.kind() == ErrorKind::NotFound || e.raw_os_error() == Some(libc::ELOOP) => {}
            // Something inaccessible may be a document.
            Err(e) => return Err(Error::io(path, e)),
        }
        Ok(())
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let listed = std::fs::read_dir(folder).map_err(|e| Error::io(folder, e))?;
    let paths = listed.map(|entry| entry.map(|e| e.path())).collect::<std::io::Result<Vec<_>>>();
    let mut paths = paths.map_err(|e| Error::io(folder, e))?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A project with a document, and a folder beside it with another.
    fn tree() -> tempfile::TempDir {
        let top = tempfile::tempdir().unwrap();
        for folder in ["project/contracts", "project/.git", "outside"] {
            std::fs::create_dir_all(top.path().join(folder)).unwrap();
        }
        for file in [
            "project/contracts/a.odcs.yaml",
            "project/.git/b.odcs.yaml",
            "project/settings.yaml",
            "outside/c.odcs.yaml",
        ] {
            std::fs::write(top.path().join(file), "a: b\n").unwrap();
        }
        top
    }

    #[test]
    fn links_stay_in_the_project_and_lead_to_their_like() {
        let top = tree();
        let root = top.path().join("project");
        let link = |name: &str, to: &str| {
            let path = root.join("contracts").join(name);
            symlink(to, &path).unwrap();
            path
        };
        let inside = link("in.odcs.yaml", "a.odcs.yaml");
        let bounds = Bounds::of_project(&root).unwrap();
        bounds.read(&inside).unwrap();
        for (name, to) in [
            ("out.odcs.yaml", "../../outside/c.odcs.yaml"),
            ("hidden.odcs.yaml", "../.git/b.odcs.yaml"),
            ("kind.odcs.yaml", "../settings.yaml"),
            ("folder", "../../outside"),
        ] {
            let path = link(name, to);
            let error = bounds.read(&path).unwrap_err();
            assert_eq!(error.code(), "link-out", "{name}: {error}");
            assert!(error.place().is_some_and(|place| place.ends_with(name)), "{error}");
            let named = Bounds::around(&path).unwrap();
            assert_eq!(named.read(&path).unwrap_err().code(), "link-out", "{name}");
            let mut found = Vec::new();
            let walked = collect(&bounds, &root.join("contracts"), is_contract, &mut found);
            assert_eq!(walked.unwrap_err().code(), "link-out", "{name}");
            std::fs::remove_file(path).unwrap();
        }
    }

    #[test]
    fn a_document_outside_of_any_project_is_bounded_by_its_folder() {
        let top = tree();
        let folder = top.path().join("outside");
        let bounded = |name: &str, to: &str| {
            let path = folder.join(name);
            symlink(to, &path).unwrap();
            let read = Bounds::around(&path).unwrap().read(&path);
            std::fs::remove_file(path).unwrap();
            read.map(|_| ()).map_err(|e| e.code().to_owned())
        };
        std::fs::write(folder.join("s.sql"), "select 1").unwrap();
        for (name, to) in [
            ("x.odcs.yaml", "../project/contracts/a.odcs.yaml"),
            ("x.odcs.yaml", "s.sql"),
            ("x.sql", "c.odcs.yaml"),
        ] {
            assert_eq!(bounded(name, to), Err("link-out".to_owned()), "{name} -> {to}");
        }
        assert_eq!(bounded("x.odcs.yaml", "c.odcs.yaml"), Ok(()));
        assert_eq!(bounded("x.sql", "s.sql"), Ok(()));
    }

    #[test]
    fn settings_and_waivers_are_links_to_files_of_their_own_name_only() {
        let kind = |one: &str, other: &str| same_kind(Path::new(one), Path::new(other));
        assert!(kind("waivers.yaml", "shared/waivers.yaml"));
        assert!(!kind("waivers.yaml", "values.yaml"));
        assert!(!kind("pactum.yaml", "contracts/a.odcs.yaml"));
        assert!(kind("a.odcs.yaml", "b.odcs.yml"));
    }

    #[test]
    fn a_folder_that_is_named_may_lie_elsewhere_and_is_not_quoted() {
        let top = tree();
        let root = top.path().join("project");
        let bounds = Bounds::of_project(&root).unwrap();
        let folder = root.join("../outside");
        let wider = bounds.with(&folder).unwrap();
        assert!(!wider.read(&folder.join("c.odcs.yaml")).unwrap().is_quoted());
        assert!(wider.read(&root.join("contracts/a.odcs.yaml")).unwrap().is_quoted());
        symlink("../outside", root.join("linked")).unwrap();
        assert_eq!(bounds.with(&root.join("linked")).unwrap_err().code(), "link-out");
        // A project that is reached by a link itself is one.
        symlink("project", top.path().join("way")).unwrap();
        let way = top.path().join("way");
        let bounds = Bounds::of_project(&way).unwrap();
        bounds.read(&way.join("contracts/a.odcs.yaml")).unwrap();
    }
}
