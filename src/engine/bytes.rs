//! The bytes of one file: the only way in which readers reach what a Parquet file holds.
//!
//! A claim inside a file never reserves more than the file has.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

/// Bytes that a sequential reader takes at a time.
const WINDOW: usize = 8 * 1024;

/// An open file. Clones share it.
#[derive(Debug, Clone)]
pub struct FileBytes(Arc<Opened>);

#[derive(Debug)]
struct Opened {
    file: File,
    size: u64,
}

impl FileBytes {
    /// The bytes of an open file.
    ///
    /// # Errors
    /// When its size cannot be told.
    pub fn new(file: File) -> Result<Self> {
        let size = file.metadata()?.len();
        Ok(Self(Arc::new(Opened { file, size })))
    }

    /// How many there are.
    pub fn size(&self) -> u64 {
        self.0.size
    }

    /// Fills a buffer from a place of the file.
    ///
    /// # Errors
    /// When the file ends before, or cannot be read.
    pub fn read_exact_at(&self, buffer: &mut [u8], at: u64) -> Result<()> {
        self.0.file.read_exact_at(buffer, at)
    }

    /// A range of the file.
    ///
    /// # Errors
    /// When the file ends before, or cannot be read.
    pub fn get(&self, at: u64, length: usize) -> Result<Bytes> {
        if at.checked_add(length as u64).is_none_or(|end| end > self.size()) {
            return Err(Error::new(ErrorKind::UnexpectedEof, "the file ends before what it names"));
        }
        let mut buffer = vec![0; length];
        self.read_exact_at(&mut buffer, at)?;
        Ok(buffer.into())
    }

    /// Reads on from a place of the file to its end.
    pub fn reader(&self, at: u64) -> FromHere {
        FromHere { bytes: self.clone(), at, window: Bytes::new() }
    }
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
            let left = self.bytes.size().saturating_sub(self.at);
            let length = usize::try_from(left).unwrap_or(WINDOW).min(WINDOW);
            self.window = self.bytes.get(self.at, length)?;
            self.at += length as u64;
        }
        let length = buffer.len().min(self.window.len());
        buffer[..length].copy_from_slice(&self.window.split_to(length));
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(bytes: &[u8]) -> FileBytes {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        FileBytes::new(file).unwrap()
    }

    #[test]
    fn what_is_read_is_what_the_file_holds() {
        let content: Vec<u8> = (0..50_000u32).map(|n| (n % 251) as u8).collect();
        let bytes = file(&content);
        assert_eq!(bytes.get(40_000, 10_000).unwrap(), content[40_000..]);
        let mut rest = Vec::new();
        bytes.reader(7).read_to_end(&mut rest).unwrap();
        assert_eq!(rest, content[7..]);
    }

    #[test]
    fn a_claim_beyond_the_end_is_refused_before_memory_is_reserved() {
        let bytes = file(b"short");
        assert!(bytes.get(2, usize::MAX >> 1).is_err());
        assert!(bytes.get(u64::MAX, 1).is_err());
    }
}
