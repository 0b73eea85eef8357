//! The bytes of one file: the only way in which readers reach what a Parquet file holds.
//!
//! If a file's blocks were hashed when it was written, whole blocks are read and compared before
//! any byte of them is handed out. A claim inside a file never reserves more than the file has.

use std::fs::{File, Metadata};
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

use super::blocks::BLOCK;
use super::reads::Reads;
use super::recorded::Recorded;

/// Bytes that a sequential reader reads in one go.
const WINDOW: usize = 8 * 1024;

/// Blocks that are kept for further reads: one for each column that is read concurrently.
const KEPT: usize = 32;

/// Blocks that are read before they are compared: few enough to be in the processor's cache still.
const AT_ONCE: usize = 2;

/// An open file. Clones share it.
#[derive(Debug, Clone)]
pub struct FileBytes(Arc<Opened>);

#[derive(Debug)]
struct Opened {
    file: File,
    size: u64,
    /// Earlier reads, where a second reader must see the same.
    reads: Option<Arc<Reads>>,
    /// What was recorded of it, with hashes of its blocks.
    recorded: Option<Arc<Recorded>>,
    /// Compared blocks: the next read often begins in the last block.
    kept: Mutex<Vec<(u64, Bytes)>>,
    /// Bytes that were taken from the file so far.
    taken: AtomicU64,
}

impl FileBytes {
    /// The bytes of an open file.
    ///
    /// # Errors
    /// When its size cannot be determined.
    pub fn new(file: File) -> Result<Self> {
        let size = file.metadata()?.len();
        Ok(Self::opened(file, size, None, None))
    }

    /// The bytes of an open file that must not change: reads are remembered and compared.
    ///
    /// # Errors
    /// When its size cannot be determined.
    pub(super) fn watched(file: File, reads: &Arc<Reads>) -> Result<Self> {
        let size = file.metadata()?.len();
        Ok(Self::opened(file, size, Some(Arc::clone(reads)), None))
    }

    /// The bytes of a file of which something was recorded.
    ///
    /// # Errors
    /// When the file is gone, or of another size.
    pub fn recorded(recorded: &Arc<Recorded>) -> crate::error::Result<Self> {
        let file = recorded.open()?;
        let size = recorded.size();
        Ok(Self::opened(file, size, None, Some(Arc::clone(recorded))))
    }

    fn opened(
        file: File,
        size: u64,
        reads: Option<Arc<Reads>>,
        recorded: Option<Arc<Recorded>>,
    ) -> Self {
        let (kept, taken) = (Mutex::default(), AtomicU64::new(0));
        Self(Arc::new(Opened { file, size, reads, recorded, kept, taken }))
    }

    /// The system's metadata of the open file, wherever it is by now.
    pub(super) fn metadata(&self) -> Result<Metadata> {
        self.0.file.metadata()
    }

    /// How many there are.
    pub fn size(&self) -> u64 {
        self.0.size
    }

    /// Bytes that were taken from the file so far, by all clones.
    pub fn taken(&self) -> u64 {
        self.0.taken.load(Ordering::Relaxed)
    }

    /// The first damage that any reader of this file has met.
    pub fn damage(&self) -> Option<crate::error::Error> {
        self.0.recorded.as_ref().and_then(|recorded| recorded.damage())
    }

    /// Fills a buffer from a place of the file.
    ///
    /// # Errors
    /// When the file ends before, cannot be read, or is damaged there.
    pub fn read_exact_at(&self, buffer: &mut [u8], at: u64) -> Result<()> {
        match self.hashed() {
            None => self.take(buffer, at),
            Some(_) => {
                buffer.copy_from_slice(&self.get(at, buffer.len())?);
                Ok(())
            }
        }
    }

    /// A range of the file.
    ///
    /// # Errors
    /// When the file ends before, cannot be read, or is damaged there.
    pub fn get(&self, at: u64, length: usize) -> Result<Bytes> {
        if at.checked_add(length as u64).is_none_or(|end| end > self.size()) {
            return Err(Error::new(ErrorKind::UnexpectedEof, "the file ends before what it names"));
        }
        match self.hashed() {
            _ if length == 0 => Ok(Bytes::new()),
            Some(recorded) => self.compared(recorded, at, length),
            None => {
                let mut buffer = vec![0; length];
                self.take(&mut buffer, at)?;
                Ok(buffer.into())
            }
        }
    }

    /// Several ranges of the file, in their order. Those that follow each other in the file are read
    /// in one go: the block in which one ends and the next begins is compared once.
    ///
    /// # Errors
    /// As [`FileBytes::get`].
    pub fn get_all(&self, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let mut found = Vec::with_capacity(ranges.len());
        for run in ranges.chunk_by(|one, next| one.end == next.start) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            let mut bytes = self.get(first.start, length(&(first.start..last.end))?)?;
            for range in run {
                found.push(bytes.split_to(length(range)?));
            }
        }
        Ok(found)
    }

    /// Compares every block of the file with its hash, where there are hashes.
    ///
    /// # Errors
    /// When the file cannot be read, or a block is damaged.
    pub fn compare_all(&self) -> Result<()> {
        if self.hashed().is_none() {
            return Ok(());
        }
        let step = 16 * BLOCK;
        let mut at = 0;
        while at < self.size() {
            let length = usize::try_from(self.size() - at).unwrap_or(step).min(step);
            self.get(at, length)?;
            at += length as u64;
        }
        Ok(())
    }

    /// Reads on from a place of the file to its end.
    pub fn reader(&self, at: u64) -> FromHere {
        FromHere { bytes: self.clone(), at, window: Bytes::new() }
    }

    fn hashed(&self) -> Option<&Recorded> {
        self.0.recorded.as_deref().filter(|recorded| recorded.blocks().is_some())
    }

    fn take(&self, buffer: &mut [u8], at: u64) -> Result<()> {
        self.0.taken.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        match (self.0.file.read_exact_at(buffer, at), &self.0.recorded) {
            (Err(e), Some(recorded)) if e.kind() == ErrorKind::UnexpectedEof => {
                Err(Error::other(recorded.damaged("the file was cut while it was read".to_owned())))
            }
            (Err(e), _) => Err(e),
            (Ok(()), _) => self.0.reads.as_ref().map_or(Ok(()), |reads| reads.note(at, buffer)),
        }
    }

    /// A range out of whole blocks; only those not at hand are read.
    fn compared(&self, recorded: &Recorded, at: u64, length: usize) -> Result<Bytes> {
        let block = BLOCK as u64;
        let (first, last) = (at / block, (at + length as u64 - 1) / block);
        let begin = first * block;
        let within = usize::try_from(at - begin).unwrap_or_default();
        if first == last {
            return Ok(self.block(recorded, first)?.slice(within..within + length));
        }
        let end = ((last + 1) * block).min(self.size());
        let mut buffer = vec![0; usize::try_from(end - begin).unwrap_or_default()];
        let skip = match self.known(first) {
            Some(known) => {
                buffer[..BLOCK].copy_from_slice(&known);
                BLOCK
            }
            None => 0,
        };
        let mut next = first + u64::from(skip > 0);
        for part in buffer[skip..].chunks_mut(AT_ONCE * BLOCK) {
            self.take(part, next * block)?;
            recorded.verify(next, part).map_err(Error::other)?;
            next += AT_ONCE as u64;
        }
        if at + length as u64 != end {
            let tail = usize::try_from(last * block - begin).unwrap_or_default();
            // A slice would keep everything that was read with it.
            self.keep(last, Bytes::copy_from_slice(&buffer[tail..]));
        }
        Ok(Bytes::from(buffer).slice(within..within + length))
    }

    /// One whole block.
    fn block(&self, recorded: &Recorded, block: u64) -> Result<Bytes> {
        if let Some(known) = self.known(block) {
            return Ok(known);
        }
        let begin = block * BLOCK as u64;
        let length = usize::try_from(self.size() - begin).unwrap_or(BLOCK).min(BLOCK);
        let mut buffer = vec![0; length];
        self.take(&mut buffer, begin)?;
        recorded.verify(block, &buffer).map_err(Error::other)?;
        let bytes = Bytes::from(buffer);
        self.keep(block, bytes.clone());
        Ok(bytes)
    }

    /// The rest of the block that a place lies in, or a window where no blocks were hashed.
    fn window(&self, at: u64) -> Result<Bytes> {
        let left = usize::try_from(self.size().saturating_sub(at)).unwrap_or(usize::MAX);
        match self.hashed().filter(|_| left > 0) {
            None => self.get(at, left.min(WINDOW)),
            Some(recorded) => {
                let within = usize::try_from(at % BLOCK as u64).unwrap_or_default();
                Ok(self.block(recorded, at / BLOCK as u64)?.slice(within..))
            }
        }
    }

    fn known(&self, block: u64) -> Option<Bytes> {
        let kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(known, _)| *known == block).map(|(_, bytes)| bytes.clone())
    }

    /// Keeps a compared block in place of its predecessor: a reader that moves on does not come
    /// back.
    fn keep(&self, block: u64, bytes: Bytes) {
        let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(known, _)| *known != block && *known + 1 != block);
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push((block, bytes));
    }
}

fn length(range: &Range<u64>) -> Result<usize> {
    let length = range.end.checked_sub(range.start).and_then(|n| usize::try_from(n).ok());
    length.ok_or_else(|| Error::new(ErrorKind::InvalidInput, "a range that ends before it begins"))
}

impl Length for FileBytes {
    fn len(&self) -> u64 {
        self.size()
    }
}

impl ChunkReader for FileBytes {
    type T = FromHere;

    fn get_read(&self, start: u64) -> parquet::errors::Result<FromHere> {
        Ok(self.reader(start))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        self.get(start, length).map_err(ParquetError::from)
    }
}

/// Reads a file from a place on, a window at a time.
#[derive(Debug)]
pub struct FromHere {
    bytes: FileBytes,
    /// Where the next window begins.
    at: u64,
    window: Bytes,
}

impl Read for FromHere {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        if self.window.is_empty() {
            self.window = self.bytes.window(self.at)?;
            self.at += self.window.len() as u64;
        }
        let length = buffer.len().min(self.window.len());
        buffer[..length].copy_from_slice(&self.window.split_to(length));
        Ok(length)
    }
}

impl Seek for FromHere {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let here = self.at - self.window.len() as u64;
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(step) => here.checked_add_signed(step),
            SeekFrom::End(step) => self.bytes.size().checked_add_signed(step),
        };
        let before = || Error::new(ErrorKind::InvalidInput, "a place before the file's beginning");
        self.at = place.ok_or_else(before)?;
        self.window = Bytes::new();
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::blocks::Hashing;
    use super::*;

    fn content(length: usize) -> Vec<u8> {
        (0..length as u64).map(|n| (n * n % 251) as u8).collect()
    }

    fn plain(bytes: &[u8]) -> FileBytes {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        FileBytes::new(file).unwrap()
    }

    /// A file whose blocks were hashed, and then a byte of it changed.
    fn hashed(bytes: &[u8], flip: Option<usize>) -> (tempfile::NamedTempFile, FileBytes) {
        let mut sink = Hashing::new(Vec::new());
        sink.write_all(bytes).unwrap();
        let mut stored = bytes.to_vec();
        if let Some(at) = flip {
            stored[at] ^= 4;
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), stored).unwrap();
        let path = file.path().to_owned();
        let recorded = Recorded::new(path, bytes.len() as u64, Some(sink.blocks()));
        let opened = FileBytes::recorded(&Arc::new(recorded)).unwrap();
        (file, opened)
    }

    #[test]
    fn what_is_read_is_what_the_file_holds_with_and_without_hashes() {
        for length in [1, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 3000] {
            let content = content(length);
            let (_file, hashed) = hashed(&content, None);
            let mut state = 7u64;
            for bytes in [plain(&content), hashed] {
                for _ in 0..300 {
                    state =
                        state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    let at = (state >> 33) as usize % (length + 1);
                    let most = (length - at).min(if state & 1 == 0 { 300 } else { length });
                    let size = (state >> 12) as usize % (most + 1);
                    assert_eq!(bytes.get(at as u64, size).unwrap(), content[at..at + size]);
                    let mut buffer = vec![0; size];
                    bytes.read_exact_at(&mut buffer, at as u64).unwrap();
                    assert_eq!(buffer, content[at..at + size]);
                }
                let mut rest = Vec::new();
                bytes.reader(length as u64 / 3).read_to_end(&mut rest).unwrap();
                assert_eq!(rest, content[length / 3..]);
                bytes.compare_all().unwrap();
            }
        }
    }

    #[test]
    fn a_claim_beyond_the_end_is_refused_before_memory_is_reserved() {
        for bytes in [plain(b"short"), hashed(b"short", None).1] {
            assert!(bytes.get(2, usize::MAX >> 1).is_err());
            assert!(bytes.get(u64::MAX, 1).is_err());
        }
    }

    #[test]
    fn ranges_that_follow_each_other_come_back_as_they_were_asked_for() {
        let content = content(5 * BLOCK + 77);
        let (_file, bytes) = hashed(&content, None);
        let end = content.len() as u64;
        let ranges = [0..10, 10..10, 10..BLOCK as u64 + 3, BLOCK as u64 + 3..end, 7..9, 20..30];
        for bytes in [bytes, plain(&content)] {
            let found = bytes.get_all(&ranges).unwrap();
            let expected = ranges.iter().map(|r| &content[r.start as usize..r.end as usize]);
            assert!(found.iter().map(Bytes::as_ref).eq(expected));
            let backwards = Range { start: 3, end: 2 };
            assert!(bytes.get_all(&[backwards]).is_err());
            assert!(bytes.get_all(&[0..4, 4..end + 1]).is_err());
        }
    }

    #[test]
    fn a_changed_byte_is_told_by_whoever_reads_its_block_and_by_no_other() {
        let content = content(4 * BLOCK + 10);
        for flip in [0, BLOCK - 1, BLOCK, 2 * BLOCK + 77, 4 * BLOCK + 9] {
            let (_file, bytes) = hashed(&content, Some(flip));
            for (n, block) in content.chunks(BLOCK).enumerate() {
                let read = bytes.get((n * BLOCK) as u64 + 3, 5);
                match n == flip / BLOCK {
                    true => assert!(read.unwrap_err().to_string().contains("not those")),
                    false => assert_eq!(read.unwrap(), block[3..8]),
                }
            }
            assert!(bytes.compare_all().is_err());
            assert!(bytes.get(0, content.len()).is_err());
            assert!(bytes.reader(0).read_to_end(&mut Vec::new()).is_err());
            assert_eq!(bytes.damage().unwrap().code(), "damaged-file");
        }
    }

    #[test]
    fn a_block_is_read_once_by_readers_that_move_on() {
        let content = content(8 * BLOCK);
        let (_file, bytes) = hashed(&content, None);
        // Two columns, a page of each in turn.
        for page in 0..40 {
            for column in [0, 4 * BLOCK] {
                bytes.get((column + page * 6_000) as u64, 6_000).unwrap();
            }
        }
        assert_eq!(bytes.taken(), 8 * BLOCK as u64);
    }

    #[test]
    fn a_small_range_takes_its_own_blocks_alone() {
        let content = content(20 * BLOCK);
        let (_file, bytes) = hashed(&content, None);
        bytes.get(3 * BLOCK as u64 + 9, 100).unwrap();
        assert_eq!(bytes.taken(), BLOCK as u64);
        bytes.get(7 * BLOCK as u64 - 9, 100).unwrap();
        assert_eq!(bytes.taken(), 3 * BLOCK as u64);
    }

    #[test]
    fn a_file_of_another_size_is_damaged_and_one_that_is_gone_is_lost() {
        let (file, bytes) = hashed(&content(100), None);
        let recorded = bytes.0.recorded.clone().unwrap();
        std::fs::write(file.path(), b"less").unwrap();
        assert!(bytes.get(0, 100).unwrap_err().to_string().contains("cut"));
        assert_eq!(FileBytes::recorded(&recorded).unwrap_err().code(), "damaged-file");
        std::fs::remove_file(file.path()).unwrap();
        assert_eq!(FileBytes::recorded(&recorded).unwrap_err().code(), "lost-file");
    }
}
