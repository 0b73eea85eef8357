//! What was read of a file, by hash: the same range read again must have the same bytes.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::io::{Error, Result};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use twox_hash::XxHash3_64;

/// Ranges of all files that are remembered: about 50 MB of them.
const MOST: usize = 1 << 20;

static REMEMBERED: AtomicUsize = AtomicUsize::new(0);

/// The ranges that were read of one file.
#[derive(Debug, Default)]
pub(super) struct Reads {
    ranges: Mutex<HashMap<(u64, usize), u64>>,
    changed: AtomicBool,
    /// Whether more was read than is remembered.
    forgotten: AtomicBool,
}

impl Reads {
    /// Remembers what was read, or compares it with what was read before.
    ///
    /// # Errors
    /// When the bytes differ from before.
    pub fn note(&self, at: u64, bytes: &[u8]) -> Result<()> {
        let hash = XxHash3_64::oneshot_with_seed(seed(), bytes);
        let mut ranges = self.ranges.lock().unwrap_or_else(PoisonError::into_inner);
        match ranges.get(&(at, bytes.len())) {
            Some(before) if *before == hash => Ok(()),
            Some(_) => {
                self.set_changed();
                Err(Error::other("the file changed while it was being read"))
            }
            None if REMEMBERED.fetch_add(1, Ordering::Relaxed) < MOST => {
                ranges.insert((at, bytes.len()), hash);
                Ok(())
            }
            None => {
                REMEMBERED.fetch_sub(1, Ordering::Relaxed);
                self.forgotten.store(true, Ordering::Relaxed);
                Ok(())
            }
        }
    }

    /// Notes that the file has changed.
    pub fn set_changed(&self) {
        self.changed.store(true, Ordering::Relaxed);
    }

    /// Whether any reader met bytes that differ from an earlier read.
    pub fn is_changed(&self) -> bool {
        self.changed.load(Ordering::Relaxed)
    }

    /// Whether everything that was read is remembered.
    pub fn is_complete(&self) -> bool {
        !self.forgotten.load(Ordering::Relaxed)
    }

    /// As after more reads than are remembered.
    #[cfg(test)]
    pub fn forget(&self) {
        self.forgotten.store(true, Ordering::Relaxed);
    }

    /// The ranges that are remembered, in the order of the file.
    pub fn ranges(&self) -> Vec<(u64, usize)> {
        let ranges = self.ranges.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ranges: Vec<(u64, usize)> = ranges.keys().copied().collect();
        ranges.sort_unstable();
        ranges
    }
}

impl Drop for Reads {
    fn drop(&mut self) {
        let ranges = self.ranges.get_mut().unwrap_or_else(PoisonError::into_inner);
        REMEMBERED.fetch_sub(ranges.len(), Ordering::Relaxed);
    }
}

/// Two contents of one hash cannot be prepared.
fn seed() -> u64 {
    static SEED: OnceLock<u64> = OnceLock::new();
    *SEED.get_or_init(|| std::hash::RandomState::new().hash_one(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_range_must_hold_the_same_bytes() {
        let reads = Reads::default();
        reads.note(0, b"abc").unwrap();
        reads.note(3, b"abc").unwrap();
        reads.note(0, b"abc").unwrap();
        reads.note(0, b"abcd").unwrap();
        assert_eq!(reads.ranges(), [(0, 3), (0, 4), (3, 3)]);
        assert!(!reads.is_changed() && reads.is_complete());
        assert!(reads.note(0, b"abx").is_err());
        assert!(reads.is_changed());
    }
}
