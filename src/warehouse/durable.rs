//! Durable writes: what is acknowledged survives a power cut.
//!
//! Content is synced before its name appears, and the folder after: readers, even after a crash,
//! see a whole file or none.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use crate::engine::regular::without_waiting;
use crate::error::{Error, Result};

/// Whether a file was created, or was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Created {
    /// By this call.
    Yes,
    /// Another writer was faster.
    AlreadyThere,
}

/// Creates a file whole and synced, or not at all when its name is taken: the compare-and-swap
/// that commits stand on.
pub(super) fn create(path: &Path, bytes: &[u8]) -> Result<Created> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_folder(folder)?;
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    // A name that no reader of a Delta log takes for a commit.
    let staged = folder.join(format!(".{name}.{}.tmp", uuid::Uuid::now_v7()));
    let written = write_synced(&staged, bytes);
    let linked = written.and_then(|()| match std::fs::hard_link(&staged, path) {
        Ok(()) => Ok(Created::Yes),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(Created::AlreadyThere),
        Err(e) => Err(Error::io(path, e)),
    });
    remove_quietly(&staged);
    let created = linked?;
    sync_folder(folder)?;
    Ok(created)
}

/// Writes a file, whole and synced, replacing an existing one.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_folder(folder)?;
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let staged = folder.join(format!(".{name}.{}.tmp", uuid::Uuid::now_v7()));
    let written = write_synced(&staged, bytes)
        .and_then(|()| std::fs::rename(&staged, path).map_err(|e| Error::io(path, e)));
    if written.is_err() {
        remove_quietly(&staged);
    }
    written?;
    sync_folder(folder)
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|e| Error::io(path, e))
}

/// Creates a folder and its missing parents, each synced into its own parent.
///
/// # Errors
/// When the store cannot.
pub fn create_folder(path: &Path) -> Result<()> {
    let mut missing: Vec<PathBuf> = Vec::new();
    let mut at = path;
    while !is_folder(at)? {
        missing.push(at.to_owned());
        match at.parent() {
            Some(parent) => at = parent,
            None => break,
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    std::fs::create_dir_all(path).map_err(|e| Error::io(path, e))?;
    for folder in missing.iter().rev() {
        if let Some(parent) = folder.parent() {
            sync_folder(parent)?;
        }
    }
    Ok(())
}

/// Whether a folder exists. An inaccessible one is an error, and never an empty place.
///
/// # Errors
/// When something on the path cannot be read.
pub(super) fn is_folder(path: &Path) -> Result<bool> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    match std::fs::metadata(path) {
        Ok(metadata) => Ok(metadata.is_dir()),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
        Err(e) => Err(Error::io(path, e)),
    }
}

/// The entries of a folder, sorted; none where there is no such folder.
///
/// # Errors
/// When it cannot be listed.
pub(super) fn list(path: &Path) -> Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::io(path, e)),
    };
    let paths = entries.map(|entry| entry.map(|e| e.path()).map_err(|e| Error::io(path, e)));
    let mut paths: Vec<PathBuf> = paths.collect::<Result<_>>()?;
    paths.sort();
    Ok(paths)
}

/// A file's bytes; `None` where there is no such file.
///
/// # Errors
/// When it cannot be read.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    let file = match without_waiting(path) {
        Ok(file) => file,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::io(path, e)),
    };
    let mut bytes = Vec::new();
    match file.metadata() {
        Ok(found) if found.is_file() => {}
        Ok(_) => return Err(not_a_file(path)),
        Err(e) => return Err(Error::io(path, e)),
    }
    (&file).read_to_end(&mut bytes).map_err(|e| Error::io(path, e))?;
    Ok(Some(bytes))
}

/// Something else is in the file's place: reading a pipe would block forever.
pub(super) fn not_a_file(path: &Path) -> Error {
    Error::try_again("not-a-file", "this is not a regular file")
        .at(path.display().to_string())
        .hint("restore it from a backup of the warehouse")
}

/// Syncs a file's content.
///
/// # Errors
/// When the store cannot.
pub fn sync_file(path: &Path) -> Result<()> {
    File::open(path).and_then(|f| f.sync_all()).map_err(|e| Error::io(path, e))
}

/// Syncs a folder: the names in it.
///
/// # Errors
/// When the store cannot.
pub fn sync_folder(path: &Path) -> Result<()> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    File::open(path).and_then(|f| f.sync_all()).map_err(|e| Error::io(path, e))
}

/// Removes a file that nothing refers to; failing to do so is harmless.
pub fn remove_quietly(path: &Path) {
    let _ = std::fs::remove_file(path);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_creators_of_one_name_one_wins_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log/00.json");
        let wins: usize = std::thread::scope(|scope| {
            let handles: Vec<_> = (0..8)
                .map(|n| {
                    let path = path.clone();
                    scope.spawn(move || create(&path, format!("{n}").repeat(1000).as_bytes()))
                })
                .collect();
            handles
                .into_iter()
                .map(|h| usize::from(h.join().unwrap().unwrap() == Created::Yes))
                .sum()
        });
        assert_eq!(wins, 1);
        assert_eq!(std::fs::read(&path).unwrap().len(), 1000);
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_replacement_that_failed_leaves_no_staged_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        std::fs::create_dir(&path).unwrap();
        assert!(replace(&path, b"x").is_err());
        assert_eq!(list(folder.path()).unwrap(), [path]);
    }

    #[test]
    fn what_cannot_be_looked_into_is_an_error_and_what_is_missing_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let looped = folder.path().join("loop");
        std::os::unix::fs::symlink(&looped, &looped).unwrap();
        assert_eq!(is_folder(&looped).unwrap_err().code(), "io");
        assert_eq!(list(&looped).unwrap_err().code(), "io");
        assert_eq!(read(&looped).unwrap_err().code(), "io");
        let missing = folder.path().join("missing");
        assert!(!is_folder(&missing).unwrap());
        assert!(list(&missing).unwrap().is_empty());
        assert_eq!(read(&missing).unwrap(), None);
    }
}
