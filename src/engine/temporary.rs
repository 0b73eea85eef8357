//! Temporary copies: one folder for each run, closed to other users, removed with the run.
//!
//! Data from standard input, addresses and text files are copied here, and data that do not fit
//! into memory spill here. A process has one such folder, as it has one `TMPDIR`.
//!
//! A run holds a lock on a file of its folder. The system releases the lock when the process ends,
//! however it ends, so the next run can tell folders to remove from folders in use: process numbers
//! are reused, locks are not.

use std::ffi::OsStr;
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tempfile::{NamedTempFile, TempDir};

use crate::error::{Error, Result};

/// Prefix of the folders of runs.
const RUN: &str = "pactum-run-";
/// Prefix of files that wait beside their final place.
const PART: &str = ".pactum-part-";
/// The file of a run's folder that the run has locked.
const LOCK: &str = "lock";
/// Times that a name is tried while other runs clean up.
const TRIES: usize = 32;

static PARENT: OnceLock<PathBuf> = OnceLock::new();
static PLACE: Mutex<Option<Arc<Place>>> = Mutex::new(None);

/// The folder of this run.
#[derive(Debug)]
pub struct Place {
    path: PathBuf,
    /// Locked for as long as the process lives.
    _lock: File,
}

/// Sets where this run's folder will be made, and removes those that dead runs left there.
///
/// # Errors
/// When the folder is named and does not exist.
pub fn begin(named: Option<&Path>) -> Result<()> {
    let parent = match named.filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) if !folder.is_dir() => return Err(missing(folder)),
        Some(folder) => folder.to_owned(),
        None => default_parent(),
    };
    // The demo changes the working folder.
    let parent = std::path::absolute(&parent).map_err(|e| Error::io(&parent, e))?;
    sweep(&parent);
    PARENT.get_or_init(|| parent);
    Ok(())
}

/// Removes this run's folder, including files that background work still holds.
pub fn end() {
    let place = PLACE.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(place) = place {
        let _ = std::fs::remove_dir_all(&place.path);
    }
}

/// The folder of this run, made when it is first needed.
///
/// # Errors
/// When it cannot be made.
pub fn place() -> Result<Arc<Place>> {
    let mut place = PLACE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(place) = &*place {
        return Ok(Arc::clone(place));
    }
    let made = Arc::new(Place::create(&parent())?);
    *place = Some(Arc::clone(&made));
    Ok(made)
}

fn parent() -> PathBuf {
    PARENT.get().cloned().unwrap_or_else(default_parent)
}

/// The system's folder. A variable that is set and empty names none.
fn default_parent() -> PathBuf {
    let found = std::env::temp_dir();
    if found.as_os_str().is_empty() { PathBuf::from("/tmp") } else { found }
}

impl Place {
    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A separate folder for one purpose, removed when it is dropped.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn folder(&self, purpose: &str) -> Result<TempDir> {
        made_private(tempfile::Builder::new().prefix(purpose).tempdir_in(&self.path), &self.path)
    }

    /// A file without a name, which disappears when it is closed.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn unnamed(&self) -> Result<File> {
        tempfile::tempfile_in(&self.path).map_err(|e| unusable(&self.path, e))
    }

    fn create(parent: &Path) -> Result<Self> {
        if !parent.is_dir() {
            return Err(missing(parent));
        }
        let failed = |e| unusable(parent, e);
        for _ in 0..TRIES {
            let unique = uuid::Uuid::now_v7().simple();
            let path = parent.join(format!("{RUN}{}-{unique}", std::process::id()));
            DirBuilder::new().mode(0o700).create(&path).map_err(failed)?;
            let lock = match std::fs::set_permissions(&path, Permissions::from_mode(0o700))
                .and_then(|()| lock_file(&path.join(LOCK)))
            {
                Ok(lock) => lock,
                // Another run mistook the folder for an abandoned one.
                Err(e) if e.kind() == ErrorKind::NotFound => continue,
                Err(e) => return Err(failed(e)),
            };
            // Where locking does not work, no run finds this folder unlocked either.
            let _ = lock.lock();
            if is_at(&lock, &path.join(LOCK)) {
                return Ok(Self { path, _lock: lock });
            }
        }
        Err(failed(std::io::Error::other("other runs removed this run's folder")))
    }
}

/// A folder that outlives the run, such as the demo's.
///
/// # Errors
/// When it cannot be made.
pub fn lasting(prefix: &str) -> Result<PathBuf> {
    let parent = parent();
    if !parent.is_dir() {
        return Err(missing(&parent));
    }
    let made = tempfile::Builder::new().prefix(prefix).tempdir_in(&parent);
    made_private(made, &parent).map(TempDir::keep)
}

fn made_private(made: std::io::Result<TempDir>, parent: &Path) -> Result<TempDir> {
    let made = made.map_err(|e| unusable(parent, e))?;
    make_private(made.path()).map_err(|e| unusable(parent, e))?;
    Ok(made)
}

/// Closes a folder to other users.
///
/// # Errors
/// When its mode cannot be set.
pub fn make_private(folder: &Path) -> std::io::Result<()> {
    std::fs::set_permissions(folder, Permissions::from_mode(0o700))
}

/// Makes a file that nobody else can read, or empties one that is there.
///
/// # Errors
/// When it cannot be made.
pub fn private_file(path: &Path) -> std::io::Result<File> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Makes a folder and its missing parents; other users cannot read those that it makes.
///
/// # Errors
/// When it cannot be made.
pub fn private_folder(path: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// A file that is written beside its final place and renamed into it.
///
/// One that a killed run left in the folder is removed.
///
/// # Errors
/// When the folder cannot be written.
pub fn beside(folder: &Path) -> Result<NamedTempFile> {
    sweep_parts(folder);
    for _ in 0..TRIES {
        let file = tempfile::Builder::new().prefix(PART).tempfile_in(folder);
        let file = file.map_err(|e| Error::io(folder, e))?;
        let _ = file.as_file().lock();
        if is_at(file.as_file(), file.path()) {
            return Ok(file);
        }
    }
    Err(Error::io(folder, std::io::Error::other("other runs removed this run's file")))
}

/// A temporary copy could not be made or written.
pub fn unusable(path: &Path, error: std::io::Error) -> Error {
    let what = match error.kind() {
        ErrorKind::NotFound if !path.exists() => return missing(path).caused_by(error),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            ("disk-full", "there is no room for a temporary copy".to_owned())
        }
        // An existing folder that takes no new names, such as /proc, reports them as not found.
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::NotFound => {
            ("permission-denied", "the folder for temporary copies cannot be written".to_owned())
        }
        _ => ("temporary-folder", format!("a temporary copy cannot be written: {error}")),
    };
    Error::try_again(what.0, what.1)
        .at(path.display().to_string())
        .hint("make room, or name another folder with --temp-dir or TMPDIR")
        .caused_by(error)
}

fn missing(folder: &Path) -> Error {
    Error::usage("temporary-folder", "the folder for temporary copies does not exist")
        .at(folder.display().to_string())
        .hint("make it, or name another one with --temp-dir or TMPDIR")
}

/// Removes the folders of runs that have ended. Best effort: what cannot be removed stays.
fn sweep(parent: &Path) {
    let mut own = None;
    for path in named(parent, RUN) {
        // Another user's folder, or a link under such a name, is left alone.
        let is_folder = |m: &std::fs::Metadata| m.is_dir() && m.mode() & 0o022 == 0;
        if is_ours(parent, &path, is_folder, &mut own) {
            remove_if_dead(&path);
        }
    }
}

fn sweep_parts(folder: &Path) {
    let mut own = None;
    for path in named(folder, PART) {
        if !is_ours(folder, &path, std::fs::Metadata::is_file, &mut own) {
            continue;
        }
        // Removed while it is locked, so that its maker, who locks it too, sees that it is gone.
        let Ok(file) = File::open(&path) else { continue };
        if file.try_lock().is_ok() && is_at(&file, &path) {
            let _ = std::fs::remove_file(&path);
        }
    }
}

fn named(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let begins = |name: &OsStr| name.as_encoded_bytes().starts_with(prefix.as_bytes());
    entries.filter(|entry| begins(&entry.file_name())).map(|entry| entry.path()).collect()
}

/// Whether what is at a path, links not followed, is of this kind and belongs to this user.
fn is_ours(
    folder: &Path,
    path: &Path,
    kind: impl Fn(&std::fs::Metadata) -> bool,
    own: &mut Option<u32>,
) -> bool {
    let Ok(found) = std::fs::symlink_metadata(path) else { return false };
    if own.is_none() {
        // The owner of what this process makes is this process's user.
        *own = tempfile::tempfile_in(folder).and_then(|f| f.metadata()).map(|m| m.uid()).ok();
    }
    kind(&found) && *own == Some(found.uid())
}

fn remove_if_dead(path: &Path) {
    let name = path.join(LOCK);
    let plain = std::fs::symlink_metadata(&name);
    if plain.is_ok_and(|found| !found.is_file()) {
        return;
    }
    let Ok(lock) = lock_file(&name) else { return };
    // Locked or not lockable: a living run's, as far as anybody can tell.
    if lock.try_lock().is_err() || !is_at(&lock, &name) {
        return;
    }
    // A run that is about to lock this folder then sees that it is gone.
    let gone = path.with_file_name(format!("{RUN}gone-{}", uuid::Uuid::now_v7().simple()));
    if std::fs::rename(path, &gone).is_ok() {
        let _ = std::fs::remove_dir_all(&gone);
    }
}

fn lock_file(path: &Path) -> std::io::Result<File> {
    let file =
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Whether an open file is the one at a path.
fn is_at(file: &File, path: &Path) -> bool {
    let identity = |m: std::fs::Metadata| (m.dev(), m.ino());
    match (file.metadata(), std::fs::symlink_metadata(path)) {
        (Ok(open), Ok(there)) => identity(open) == identity(there),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn dead(parent: &Path, name: &str) -> PathBuf {
        let path = parent.join(format!("{RUN}{name}"));
        std::fs::create_dir(&path).unwrap();
        make_private(&path).unwrap();
        std::fs::write(path.join("copy"), "secret").unwrap();
        path
    }

    #[test]
    fn folders_of_dead_runs_are_removed_and_those_of_living_ones_stay() {
        let parent = tempfile::tempdir().unwrap();
        let living = Place::create(parent.path()).unwrap();
        let without_lock = dead(parent.path(), "1-a");
        let unlocked = dead(parent.path(), "2-b");
        std::fs::write(unlocked.join(LOCK), "").unwrap();
        sweep(parent.path());
        assert!(living.path().join(LOCK).exists());
        assert!(!without_lock.exists() && !unlocked.exists());
        let path = living.path().to_owned();
        drop(living);
        sweep(parent.path());
        assert!(!path.exists());
        assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[test]
    fn links_and_what_others_could_have_planted_are_left_alone() {
        let parent = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let kept = elsewhere.path().join("kept");
        std::fs::write(&kept, "x").unwrap();
        symlink(elsewhere.path(), parent.path().join(format!("{RUN}link"))).unwrap();
        // Other users can write here, so they choose where its names lead.
        let open = dead(parent.path(), "open");
        std::fs::set_permissions(&open, Permissions::from_mode(0o777)).unwrap();
        // Its lock leads to a file elsewhere.
        let led = dead(parent.path(), "led");
        symlink(&kept, led.join(LOCK)).unwrap();
        // A folder of a dead run with a link inside: the link is removed, its target stays.
        let inside = dead(parent.path(), "inside");
        symlink(elsewhere.path(), inside.join("link")).unwrap();
        sweep(parent.path());
        assert!(kept.exists() && open.exists() && led.exists() && !inside.exists());
        assert!(parent.path().join(format!("{RUN}link")).symlink_metadata().is_ok());
    }

    #[test]
    fn runs_that_begin_and_clean_up_at_once_keep_their_own_folders() {
        let parent = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..25 {
                        sweep(parent.path());
                        let place = Place::create(parent.path()).unwrap();
                        std::fs::write(place.path().join("copy"), "x").unwrap();
                        sweep(parent.path());
                        assert!(place.path().join("copy").exists());
                    }
                });
            }
        });
        sweep(parent.path());
        assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_part_that_is_being_written_stays_and_one_that_was_left_goes() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(format!("{PART}left"));
        std::fs::write(&left, "x").unwrap();
        let first = beside(folder.path()).unwrap();
        let second = beside(folder.path()).unwrap();
        assert!(!left.exists() && first.path().exists() && second.path().exists());
    }
}
