//! Footers that were read: a released file never changes, so its footer is read once a process.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use super::files::InputFile;
use super::parquet_file::ParquetFile;

/// What tells one state of a file from another.
type Key = (PathBuf, u64, Option<SystemTime>);

/// Footers of released files, up to a number of bytes; the oldest make room for new ones.
#[derive(Debug)]
pub struct Footers {
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    files: HashMap<Key, (ParquetFile, usize)>,
    order: VecDeque<Key>,
    bytes: usize,
}

impl Default for Footers {
    fn default() -> Self {
        Self::new(64 << 20)
    }
}

impl Footers {
    /// Keeps at most so many bytes of footers.
    pub(super) fn new(most: usize) -> Self {
        Self { most, kept: Mutex::default() }
    }

    /// The file with its footer.
    ///
    /// # Errors
    /// In words for a report: why the file is not readable as Parquet.
    pub fn open(&self, input: &InputFile) -> Result<ParquetFile, String> {
        let key = input.state();
        if let Some((file, _)) = self.kept().files.get(&key) {
            // The file is read as this caller has recorded it.
            let mut file = file.clone();
            file.input = input.clone();
            return Ok(file);
        }
        // Two readers may open a file at once: that costs time, and waiting could cost more.
        let file = ParquetFile::open(input)?;
        self.keep(key, &file);
        Ok(file)
    }

    fn keep(&self, key: Key, file: &ParquetFile) {
        let size = file.footer().memory_size();
        if size > self.most {
            return;
        }
        let mut kept = self.kept();
        if kept.files.insert(key.clone(), (file.clone(), size)).is_some() {
            return;
        }
        kept.bytes += size;
        kept.order.push_back(key);
        while kept.bytes > self.most {
            let Some(oldest) = kept.order.pop_front() else { break };
            if let Some((_, size)) = kept.files.remove(&oldest) {
                kept.bytes -= size;
            }
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, RecordBatch};
    use parquet::arrow::ArrowWriter;

    use super::*;

    fn write(path: &std::path::Path, values: &[i64]) -> InputFile {
        let column: ArrayRef = Arc::new(Int64Array::from(values.to_vec()));
        let batch = RecordBatch::try_from_iter([("v", column)]).unwrap();
        let file = std::fs::File::create(path).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        InputFile::open(path).unwrap()
    }

    #[test]
    fn a_footer_is_read_once_and_again_when_the_file_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        let footers = Footers::new(1 << 20);
        let input = write(&path, &[1, 2, 3]);
        let first = footers.open(&input).unwrap();
        let again = footers.open(&input).unwrap();
        assert!(Arc::ptr_eq(first.footer(), again.footer()));
        let longer: Vec<i64> = (0..1000).collect();
        let other = footers.open(&write(&path, &longer)).unwrap();
        assert_eq!((again.rows(), other.rows()), (3, 1000));
    }

    #[test]
    fn the_oldest_footers_make_room() {
        let folder = tempfile::tempdir().unwrap();
        let open = |n: i64| write(&folder.path().join(format!("{n}.parquet")), &[n]);
        let size = Footers::new(usize::MAX).open(&open(0)).unwrap().footer().memory_size();
        let footers = Footers::new(size * 2);
        let inputs: Vec<InputFile> = (0..3).map(open).collect();
        let opened: Vec<ParquetFile> = inputs.iter().map(|i| footers.open(i).unwrap()).collect();
        assert!(footers.kept().bytes <= size * 2);
        let is_kept =
            |n: usize| Arc::ptr_eq(opened[n].footer(), footers.open(&inputs[n]).unwrap().footer());
        assert!(is_kept(2) && is_kept(1) && !is_kept(0));
    }
}
