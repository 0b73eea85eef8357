//! A delivered file, held: opened once, and watched for changes while a run reads it.
//!
//! A rename or another target of a link changes nothing, since the open file stays. A rewrite in
//! place shows in the size and in two times. Programs set the modification time back; they cannot
//! set the change time, but renames and new links move it as well. A page that a program has mapped
//! may change without moving either. So reads are remembered by hash: where times do not decide,
//! the bytes are read again, and must be the same.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use super::bytes::FileBytes;
use super::paths::real_path;
use super::reads::Reads;
use super::regular::without_waiting;

/// Longer than the step of the clock that file systems take times from.
const STEP: Duration = Duration::from_millis(40);
/// The same where times have no fractions of a second.
const WHOLE_SECONDS: Duration = Duration::from_millis(2_100);
/// Of a file up to this size, what was read is always read again.
const SMALL: u64 = 64 << 20;
/// Times that a path is followed while links on it move.
const TRIES: usize = 3;

/// Why a file cannot be read on.
#[derive(Debug)]
pub(super) enum Fault {
    /// It has changed.
    Changed,
    /// It could not be opened or looked at.
    Io(std::io::Error),
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// A file as it was when a run began.
#[derive(Debug)]
pub(super) struct Held {
    /// Where it lies, without links.
    path: PathBuf,
    seen: Stat,
    opened: Instant,
    /// How long after that a rewrite shows in the change time for sure.
    unsettled: Duration,
    settled: OnceLock<()>,
    /// The open file; `None` beyond the limit of descriptors.
    open: Option<(FileBytes, Permit)>,
    reads: Arc<Reads>,
}

impl Held {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        for _ in 0..TRIES {
            let file = without_waiting(path)?;
            if !file.metadata()?.is_file() {
                return Err(Fault::Changed);
            }
            let (seen, opened) = (Stat::of(&file.metadata()?), Instant::now());
            let real = real_path(path).map_err(|_| Fault::Changed)?;
            // A link may have moved between the two.
            if !std::fs::symlink_metadata(&real)
                .is_ok_and(|there| Stat::of(&there).is_file_of(&seen))
            {
                continue;
            }
            let reads = Arc::new(Reads::default());
            let open = match Permit::take() {
                Some(permit) => Some((FileBytes::watched(file, &reads)?, permit)),
                None => None,
            };
            let (unsettled, settled) = (seen.unsettled(SystemTime::now()), OnceLock::new());
            return Ok(Self { path: real, seen, opened, unsettled, settled, open, reads });
        }
        Err(Fault::Changed)
    }

    /// Where it lies, without links.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        self.seen.size
    }

    /// The file's bytes: those of the file that was opened first.
    pub fn bytes(&self) -> Result<FileBytes, Fault> {
        self.settled.get_or_init(|| self.settle());
        if self.reads.is_changed() {
            return Err(Fault::Changed);
        }
        if let Some((bytes, _)) = &self.open {
            return Ok(bytes.clone());
        }
        let bytes = match without_waiting(&self.path) {
            Ok(file) => FileBytes::watched(file, &self.reads)?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(self.changed()),
            Err(e) => return Err(e.into()),
        };
        match Stat::of(&bytes.metadata()?).is_unwritten_since(&self.seen) {
            true => Ok(bytes),
            false => Err(self.changed()),
        }
    }

    /// Refuses a file that has changed. `content` asks for a second look at everything that was
    /// read, whatever the times say.
    pub fn verify(&self, content: bool) -> Result<(), Fault> {
        if self.reads.is_changed() {
            return Err(Fault::Changed);
        }
        let now = match &self.open {
            Some((bytes, _)) => bytes.metadata()?,
            None => std::fs::metadata(&self.path).map_err(|_| self.changed())?,
        };
        let now = Stat::of(&now);
        if !now.is_unwritten_since(&self.seen) {
            return Err(self.changed());
        }
        let touched = now.changed != self.seen.changed;
        if touched && !self.reads.is_complete() {
            return Err(self.changed());
        }
        if touched || content || self.seen.size <= SMALL {
            self.read_again()?;
        }
        Ok(())
    }

    fn read_again(&self) -> Result<(), Fault> {
        let bytes = self.bytes()?;
        for (at, length) in self.reads.ranges() {
            // The reader itself records a difference.
            if let Err(error) = bytes.get(at, length) {
                let cut = error.kind() == std::io::ErrorKind::UnexpectedEof;
                let changed = cut || self.reads.is_changed();
                return Err(if changed { self.changed() } else { error.into() });
            }
        }
        Ok(())
    }

    /// Waits until the clock of files has moved on: before that, a rewrite could leave the times
    /// unchanged.
    fn settle(&self) {
        let left = self.unsettled.saturating_sub(self.opened.elapsed());
        if left.is_zero() {
            return;
        }
        std::thread::sleep(left);
        let now = match &self.open {
            Some((bytes, _)) => bytes.metadata(),
            None => std::fs::metadata(&self.path),
        };
        // Nothing has been read yet. A rename or a link moves the change time alone; the content
        // shows at the end whether it was a rewrite, because the time differs.
        if !now.is_ok_and(|now| Stat::of(&now).is_unwritten_since(&self.seen)) {
            self.reads.set_changed();
        }
    }

    fn changed(&self) -> Fault {
        self.reads.set_changed();
        Fault::Changed
    }
}

/// What distinguishes one state of a file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stat {
    file: (u64, u64),
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stat {
    fn of(metadata: &Metadata) -> Self {
        Self {
            file: (metadata.dev(), metadata.ino()),
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    fn is_file_of(&self, other: &Self) -> bool {
        self.file == other.file
    }

    /// Whether nothing shows that the file was written to; ignores the change time.
    fn is_unwritten_since(&self, before: &Self) -> bool {
        self.file == before.file && self.size == before.size && self.modified == before.modified
    }

    /// How long from now a rewrite might leave the change time as it is.
    fn unsettled(&self, now: SystemTime) -> Duration {
        let step = if self.changed.1 == 0 { WHOLE_SECONDS } else { STEP };
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let nanos =
            |(seconds, nanos): (i64, i64)| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
        let age = i128::try_from(since.as_nanos()).unwrap_or(i128::MAX) - nanos(self.changed);
        // Where the clock of a file server is ahead, only waiting helps.
        if age < i128::try_from(step.as_nanos()).unwrap_or_default() {
            step
        } else {
            Duration::ZERO
        }
    }
}

/// Descriptors used to hold files, out of all that a process may have.
static HELD: AtomicUsize = AtomicUsize::new(0);

/// Permission to hold one file open.
#[derive(Debug)]
struct Permit;

impl Permit {
    fn take() -> Option<Self> {
        static MOST: OnceLock<usize> = OnceLock::new();
        let most = *MOST.get_or_init(most_held);
        if HELD.fetch_add(1, Ordering::Relaxed) < most {
            return Some(Self);
        }
        HELD.fetch_sub(1, Ordering::Relaxed);
        None
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        HELD.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Half of what the process may open: spilling and the warehouse need descriptors too.
fn most_held() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next());
    let limit = soft.map_or(256, |soft| soft.parse().unwrap_or(usize::MAX));
    (limit / 2).saturating_sub(16)
}

#[cfg(test)]
mod tests {
    use std::fs::FileTimes;
    use std::io::{Seek, Write};
    use std::os::unix::fs::{FileExt, symlink};

    use std::fs::File;

    use super::*;

    /// A file of these bytes, held, and read whole.
    fn held(folder: &Path, bytes: &[u8]) -> Held {
        let path = folder.join("a");
        std::fs::write(&path, bytes).unwrap();
        let held = Held::open(&path).unwrap();
        assert_eq!(held.bytes().unwrap().get(0, bytes.len()).unwrap(), bytes);
        held.verify(true).unwrap();
        held
    }

    fn closed(held: Held) -> Held {
        Held { open: None, ..held }
    }

    fn rewrite(path: &Path, bytes: &[u8], times: &Metadata) {
        let mut file = File::options().write(true).open(path).unwrap();
        file.rewind().unwrap();
        file.write_all(bytes).unwrap();
        let before = FileTimes::new().set_modified(times.modified().unwrap());
        file.set_times(before.set_accessed(times.accessed().unwrap())).unwrap();
    }

    #[test]
    fn a_rename_changes_nothing_for_an_open_file_and_is_refused_for_a_closed_one() {
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("b");
        for close in [false, true] {
            let held = held(folder.path(), b"old");
            let held = if close { closed(held) } else { held };
            std::fs::write(&other, b"new").unwrap();
            let times = held.path().metadata().unwrap();
            rewrite(&other, b"new", &times);
            std::fs::rename(&other, held.path()).unwrap();
            match close {
                false => {
                    assert_eq!(held.bytes().unwrap().get(0, 3).unwrap(), b"old"[..]);
                    held.verify(false).unwrap();
                    held.verify(true).unwrap();
                }
                true => {
                    assert!(matches!(held.bytes(), Err(Fault::Changed)));
                    assert!(matches!(held.verify(false), Err(Fault::Changed)));
                }
            }
        }
    }

    #[test]
    fn a_rewrite_in_place_is_told_though_size_and_times_are_set_back() {
        let folder = tempfile::tempdir().unwrap();
        for close in [false, true] {
            let held = held(folder.path(), b"old");
            let held = if close { closed(held) } else { held };
            let times = held.path().metadata().unwrap();
            rewrite(held.path(), b"new", &times);
            assert_eq!(
                held.path().metadata().unwrap().modified().unwrap(),
                times.modified().unwrap()
            );
            assert!(matches!(held.verify(false), Err(Fault::Changed)), "closed: {close}");
            // Even where its bytes are restored.
            rewrite(held.path(), b"old", &times);
            assert!(matches!(held.verify(false), Err(Fault::Changed)), "closed: {close}");
        }
    }

    #[test]
    fn bytes_that_change_and_change_back_while_they_are_read_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"old").unwrap();
        let held = Held::open(&path).unwrap();
        let times = path.metadata().unwrap();
        held.bytes().unwrap();
        rewrite(&path, b"new", &times);
        assert_eq!(held.bytes().unwrap().get(0, 3).unwrap(), b"new"[..]);
        rewrite(&path, b"old", &times);
        assert!(matches!(held.verify(false), Err(Fault::Changed)));
    }

    #[test]
    fn what_moves_the_change_time_alone_is_no_change() {
        let folder = tempfile::tempdir().unwrap();
        let held = held(folder.path(), b"old");
        std::fs::hard_link(held.path(), folder.path().join("link")).unwrap();
        assert_ne!(Stat::of(&held.path().metadata().unwrap()), held.seen);
        held.verify(false).unwrap();
        // More was read than is remembered: then only the times can show a change.
        held.reads.forget();
        assert!(matches!(held.verify(false), Err(Fault::Changed)));
    }

    #[test]
    fn a_file_that_was_written_just_now_is_read_once_its_times_can_tell() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"old").unwrap();
        let held = Held::open(&path).unwrap();
        let times = path.metadata().unwrap();
        // In the same step of the clock, so that the change time may stay.
        rewrite(&path, b"new", &times);
        match held.bytes() {
            Ok(bytes) => {
                assert!(Stat::of(&bytes.metadata().unwrap()).is_unwritten_since(&held.seen));
                assert_eq!(bytes.get(0, 3).unwrap(), b"new"[..]);
                held.verify(false).unwrap();
            }
            Err(fault) => assert!(matches!(fault, Fault::Changed)),
        }
        assert!(held.opened.elapsed() >= STEP);
        // From here on, any rewrite moves it.
        rewrite(&path, b"alt", &times);
        assert!(matches!(held.verify(false), Err(Fault::Changed)));
    }

    #[test]
    fn a_file_that_is_renamed_over_or_linked_while_its_times_settle_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let other = folder.path().join("b");
        for rename in [false, true] {
            std::fs::write(&path, b"old").unwrap();
            let held = Held::open(&path).unwrap();
            assert!(!held.unsettled.is_zero());
            match rename {
                true => {
                    std::fs::write(&other, b"new").unwrap();
                    std::fs::rename(&other, &path).unwrap();
                }
                false => std::fs::hard_link(&path, folder.path().join("link")).unwrap(),
            }
            assert_eq!(held.bytes().unwrap().get(0, 3).unwrap(), b"old"[..]);
            held.verify(false).unwrap();
            held.verify(true).unwrap();
        }
    }

    #[test]
    fn times_that_cannot_tell_wait_and_old_ones_do_not() {
        let stat = |changed| Stat { file: (0, 0), size: 0, modified: (0, 0), changed };
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(100);
        assert_eq!(stat((99, 900_000_000)).unsettled(now), Duration::ZERO);
        assert_eq!(stat((99, 999_000_000)).unsettled(now), STEP);
        assert_eq!(stat((500, 1)).unsettled(now), STEP);
        assert_eq!(stat((99, 0)).unsettled(now), WHOLE_SECONDS);
        assert_eq!(stat((90, 0)).unsettled(now), Duration::ZERO);
    }

    #[test]
    fn a_link_that_leads_elsewhere_later_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("first"), folder.path().join("second"));
        std::fs::write(&first, b"old").unwrap();
        std::fs::write(&second, b"new").unwrap();
        let link = folder.path().join("link");
        symlink(&first, &link).unwrap();
        for close in [false, true] {
            let held = Held::open(&link).unwrap();
            let held = if close { closed(held) } else { held };
            std::fs::remove_file(&link).unwrap();
            symlink(&second, &link).unwrap();
            assert_eq!(held.bytes().unwrap().get(0, 3).unwrap(), b"old"[..]);
            held.verify(true).unwrap();
            std::fs::remove_file(&link).unwrap();
            symlink(&first, &link).unwrap();
        }
    }

    #[test]
    fn a_change_that_no_time_tells_is_told_by_the_content() {
        // What a mapped page can do: the bytes differ, and size and times do not.
        let folder = tempfile::tempdir().unwrap();
        let held = held(folder.path(), b"old");
        let file = File::options().write(true).open(held.path()).unwrap();
        file.write_all_at(b"new", 0).unwrap();
        let seen = Stat::of(&held.path().metadata().unwrap());
        let held = Held { seen, ..held };
        assert!(matches!(held.verify(true), Err(Fault::Changed)));
    }
}
