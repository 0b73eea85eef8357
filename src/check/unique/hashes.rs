//! Hashes of keys, partitioned: finds the hashes that occur more than once, in bounded memory.
//!
//! Of a 64-bit hash the first bits choose a partition and 32 more are kept, so that a hundred
//! million keys take 400 MB. Beyond the budget, parts go to a file without a name. Equal keys have
//! equal hashes, so a key whose hash occurs once is unique; the others are compared themselves.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::engine::{in_parallel, temporary};
use crate::error::{Error, Result};

/// Bits of a hash that choose its partition.
const PARTITION_BITS: u32 = 10;
const PARTITIONS: usize = 1 << PARTITION_BITS;
/// Hashes that are handed over together.
const CHUNK: usize = 1024;

/// The bits of a hash that are kept: its partition and the 32 behind.
pub(in crate::check) fn code(hash: u64) -> u64 {
    hash >> (32 - PARTITION_BITS)
}

/// The hashes of all keys.
pub(in crate::check) struct Hashes {
    partitions: Vec<Mutex<Partition>>,
    used: AtomicUsize,
    budget: usize,
    spill: Mutex<Spill>,
}

#[derive(Default)]
struct Partition {
    chunks: Vec<Box<[u32]>>,
    /// Places in the spill file, in bytes, and the number of hashes there.
    spilled: Vec<(u64, usize)>,
}

#[derive(Default)]
struct Spill {
    file: Option<File>,
    length: u64,
}

/// Hashes of one thread on their way to the partitions.
pub(in crate::check) struct Outbox<'a> {
    hashes: &'a Hashes,
    waiting: Vec<Vec<u32>>,
}

impl Hashes {
    /// No hashes yet, in at most so many bytes of memory.
    pub fn new(budget: usize) -> Self {
        Self {
            partitions: (0..PARTITIONS).map(|_| Mutex::default()).collect(),
            used: AtomicUsize::new(0),
            budget,
            spill: Mutex::default(),
        }
    }

    /// A way in, for one thread.
    pub fn outbox(&self) -> Outbox<'_> {
        Outbox { hashes: self, waiting: vec![Vec::new(); PARTITIONS] }
    }

    fn take(&self, partition: usize, hashes: &[u32]) -> Result<()> {
        let bytes = size_of_val(hashes);
        if self.used.fetch_add(bytes, Ordering::Relaxed) + bytes <= self.budget {
            lock(&self.partitions[partition]).chunks.push(hashes.into());
            return Ok(());
        }
        self.used.fetch_sub(bytes, Ordering::Relaxed);
        let place = self.spill(hashes)?;
        lock(&self.partitions[partition]).spilled.push((place, hashes.len()));
        Ok(())
    }

    fn spill(&self, hashes: &[u32]) -> Result<u64> {
        let mut spill = lock(&self.spill);
        let place = spill.length;
        let bytes: Vec<u8> = hashes.iter().flat_map(|h| h.to_le_bytes()).collect();
        let file = match spill.file.take() {
            Some(file) => file,
            None => temporary::place()?.unnamed()?,
        };
        file.write_all_at(&bytes, place).map_err(unwritable)?;
        spill.file = Some(file);
        spill.length += bytes.len() as u64;
        Ok(place)
    }

    /// The codes that occur more than once, ascending; `None` when there are more than `most`.
    ///
    /// # Errors
    /// When the spill file cannot be read.
    pub fn repeated(self, threads: usize, most: usize) -> Result<Option<Vec<u64>>> {
        let mut found: Result<Vec<u64>> = Ok(Vec::new());
        let numbers: Vec<usize> = (0..PARTITIONS).collect();
        in_parallel(
            &numbers,
            threads,
            |partition| self.repeated_in(*partition),
            |_, codes| match (&mut found, codes) {
                (Ok(found), Ok(codes)) => {
                    let room = (most + 1).saturating_sub(found.len());
                    found.extend(codes.into_iter().take(room));
                }
                (Ok(_), Err(error)) => found = Err(error),
                (Err(_), _) => {}
            },
        );
        let mut found = found?;
        found.sort_unstable();
        Ok((found.len() <= most).then_some(found))
    }

    fn repeated_in(&self, partition: usize) -> Result<Vec<u64>> {
        let Partition { chunks, spilled } = std::mem::take(&mut *lock(&self.partitions[partition]));
        let count = chunks.iter().map(|c| c.len()).sum::<usize>()
            + spilled.iter().map(|(_, n)| n).sum::<usize>();
        let mut all: Vec<u32> = Vec::with_capacity(count);
        for chunk in chunks {
            all.extend_from_slice(&chunk);
        }
        for (place, length) in spilled {
            self.read_spilled(place, length, &mut all)?;
        }
        all.sort_unstable();
        let mut repeated = Vec::new();
        for pair in all.windows(2) {
            let code = ((partition as u64) << 32) | u64::from(pair[0]);
            if pair[0] == pair[1] && repeated.last() != Some(&code) {
                repeated.push(code);
            }
        }
        Ok(repeated)
    }

    fn read_spilled(&self, place: u64, length: usize, all: &mut Vec<u32>) -> Result<()> {
        let spill = lock(&self.spill);
        let mut bytes = vec![0; length * size_of::<u32>()];
        if let Some(file) = &spill.file {
            file.read_exact_at(&mut bytes, place).map_err(unwritable)?;
        }
        let (words, _) = bytes.as_chunks::<4>();
        all.extend(words.iter().map(|word| u32::from_le_bytes(*word)));
        Ok(())
    }
}

impl Outbox<'_> {
    /// Takes one hash.
    ///
    /// # Errors
    /// When the spill file cannot be written.
    pub fn push(&mut self, hash: u64) -> Result<()> {
        let code = code(hash);
        let partition = (code >> 32) as usize;
        let waiting = &mut self.waiting[partition];
        if waiting.capacity() == 0 {
            waiting.reserve_exact(CHUNK);
        }
        // The partition's number gives the rest: only the low 32 bits are kept.
        waiting.push((code & u64::from(u32::MAX)) as u32);
        if waiting.len() == CHUNK {
            self.hashes.take(partition, waiting)?;
            waiting.clear();
        }
        Ok(())
    }

    /// Hands over what is left.
    ///
    /// # Errors
    /// When the spill file cannot be written.
    pub fn finish(self) -> Result<()> {
        let mut waiting = self.waiting.iter().enumerate().filter(|(_, w)| !w.is_empty());
        waiting.try_for_each(|(partition, hashes)| self.hashes.take(partition, hashes))
    }
}

fn unwritable(error: std::io::Error) -> Error {
    temporary::unusable(Path::new("temporary folder"), error)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(n: u64) -> u64 {
        n.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    fn repeated(budget: usize, hashes: impl Iterator<Item = u64>, most: usize) -> Option<Vec<u64>> {
        let all = Hashes::new(budget);
        let mut outbox = all.outbox();
        hashes.for_each(|h| outbox.push(h).unwrap());
        outbox.finish().unwrap();
        all.repeated(2, most).unwrap()
    }

    #[test]
    fn what_stands_twice_is_found_in_memory_and_spilled() {
        let hashes = || (0..100_000).chain([7, 7, 99_999]).map(spread);
        let mut expected = vec![code(spread(7)), code(spread(99_999))];
        expected.sort_unstable();
        for budget in [usize::MAX, 100_000, 0] {
            assert_eq!(repeated(budget, hashes(), 10), Some(expected.clone()), "{budget}");
        }
    }

    #[test]
    fn more_than_can_be_compared_is_said() {
        assert_eq!(repeated(0, (0..50).chain(0..50).map(spread), 10), None);
        assert_eq!(repeated(0, (0..50).chain(0..11).map(spread), 10), None);
        let most = repeated(0, (0..50).chain(0..10).map(spread), 10);
        assert_eq!(most.map(|codes| codes.len()), Some(10));
    }
}
