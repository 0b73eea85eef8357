//! Files whose size, and often whose bytes, were recorded: those of released tables.
//!
//! The file is compared with the record whenever it is read. The first damage is kept: a library in
//! between may turn an error into words, or read on without the missing part.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::error::{Error, Result};

use super::blocks::{BLOCK, Blocks};
use super::regular::without_waiting;

/// What to do about a file that differs from its record.
const MEND: &str = "restore the file from a backup, or publish again; other releases stay readable \
                    with --release N";

/// What is known of a file.
#[derive(Debug)]
pub struct Recorded {
    path: PathBuf,
    size: u64,
    /// `None` where only the size was recorded.
    blocks: Option<Blocks>,
    damage: OnceLock<String>,
}

impl Recorded {
    /// A file of this size, with the hashes of its bytes. Touches nothing.
    pub fn new(path: PathBuf, size: u64, blocks: Option<Blocks>) -> Self {
        Self { path, size, blocks, damage: OnceLock::new() }
    }

    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the file, and compares its size.
    ///
    /// # Errors
    /// `lost-file` when it is gone, `damaged-file` when it has another size.
    pub fn open(&self) -> Result<File> {
        let opened = without_waiting(&self.path).and_then(|file| Ok((file.metadata()?, file)));
        match opened.map(|(found, file)| (found.is_file(), found.len(), file)) {
            Ok((true, size, file)) if size == self.size => Ok(file),
            Ok((false, ..)) => Err(self.damaged("this is not a regular file".to_owned())),
            Ok((_, size, _)) => {
                Err(self
                    .damaged(format!("the file has {size} bytes where {} were written", self.size)))
            }
            Err(e) => Err(unreadable(&self.path, e)),
        }
    }

    /// The hashes of the file's blocks, where there are any.
    pub fn blocks(&self) -> Option<&Blocks> {
        self.blocks.as_ref()
    }

    /// Compares whole blocks, the first of which has this number, with their hashes.
    ///
    /// # Errors
    /// `damaged-file` with the place of the first that differs.
    pub fn verify(&self, first: u64, bytes: &[u8]) -> Result<()> {
        let Some(blocks) = &self.blocks else { return Ok(()) };
        for (block, bytes) in (first..).zip(bytes.chunks(BLOCK)) {
            if !blocks.holds(block, bytes) {
                let at = block * BLOCK as u64;
                return Err(self.damaged(format!(
                    "the bytes {at} to {} of the file are not those that were written",
                    at + bytes.len() as u64 - 1
                )));
            }
        }
        Ok(())
    }

    /// Keeps a damage, and returns it.
    pub fn damaged(&self, message: String) -> Error {
        self.tell(self.damage.get_or_init(|| message))
    }

    /// The first damage that was met so far.
    pub fn damage(&self) -> Option<Error> {
        self.damage.get().map(|message| self.tell(message))
    }

    fn tell(&self, message: &str) -> Error {
        damaged(&self.path, message)
    }
}

/// A recorded file that differs from its record.
pub fn damaged(path: &Path, message: &str) -> Error {
    Error::try_again("damaged-file", message).at(path.display().to_string()).hint(MEND)
}

/// A recorded file that cannot be opened: only a missing file is lost.
pub fn unreadable(path: &Path, error: std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound => Error::try_again("lost-file", "the file is gone")
            .at(path.display().to_string())
            .hint(MEND)
            .caused_by(error),
        _ => Error::io(path, error),
    }
}
