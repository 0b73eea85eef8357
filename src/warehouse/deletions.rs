//! Deletion vectors: the rows of a file that its table no longer has.
//!
//! The Delta kernel decodes them. Where they lie is looked at first, so that a log cannot have
//! another file read.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use buoyant_kernel::actions::deletion_vector::{
    DeletionVectorDescriptor, DeletionVectorStorageType,
};
use buoyant_kernel::{DeltaResult, Error as KernelError, FileMeta, FileSlice, StorageHandler};
use bytes::Bytes;
use deltalake_core::kernel::DeletionVectorDescriptor as Logged;
use url::Url;

use crate::engine::damage::contained;
use crate::engine::deleted_rows::DeletedRows;
use crate::engine::files::InputFile;
use crate::error::{Error, Result};

use super::paths;

/// The longest file of deletion vectors that is read.
const LONGEST: u64 = 1 << 30;
/// The signs of an encoded file name at the end of a relative path.
const NAME_SIGNS: usize = 20;

/// The deletion vectors of one table. One file may hold those of many.
pub(super) struct Deletions<'a> {
    folder: &'a Path,
    files: HashMap<PathBuf, Bytes>,
}

impl<'a> Deletions<'a> {
    /// Those of the table in a folder.
    pub fn of(folder: &'a Path) -> Self {
        Self { folder, files: HashMap::new() }
    }

    /// The rows that a deletion vector takes from a file with so many rows.
    ///
    /// # Errors
    /// When it lies outside of the table, or is damaged.
    pub fn rows(&mut self, vector: Logged, rows: u64) -> Result<DeletedRows> {
        let vector: DeletionVectorDescriptor =
            vector.try_into().map_err(|e: KernelError| self.damaged(&e.to_string()))?;
        let vector = &vector;
        let found = match vector.storage_type {
            DeletionVectorStorageType::Inline => Bytes::new(),
            _ => self.file(vector)?,
        };
        let storage = Arc::new(OneFile(found));
        let root = Url::parse("file:///").map_err(|e| self.damaged(&e.to_string()))?;
        let Some(read) = contained(|| vector.read(storage, &root)) else {
            return Err(self.damaged("it cannot be decoded"));
        };
        let deleted = read.map_err(|e| self.damaged(&e.to_string()))?;
        if u64::try_from(vector.cardinality) != Ok(deleted.len()) {
            let (said, found) = (vector.cardinality, deleted.len());
            return Err(self.damaged(&format!("the log says {said} rows, it has {found}")));
        }
        match deleted.max().filter(|last| *last >= rows) {
            Some(last) => Err(self.damaged(&format!("it deletes row {last} of {rows}"))),
            None => Ok(DeletedRows::new(deleted.iter())),
        }
    }

    fn file(&mut self, vector: &DeletionVectorDescriptor) -> Result<Bytes> {
        let path = self.place(vector).map_err(|why| self.outside(&why))?;
        if let Some(known) = self.files.get(&path) {
            return Ok(known.clone());
        }
        if std::fs::symlink_metadata(&path).is_err() {
            let missing = path.display();
            return Err(self.damaged(&format!("{missing} is missing")));
        }
        let file = InputFile::delivered(&path)?;
        if !paths::is_below(&file.path, self.folder) {
            return Err(self.outside("it leads out of the folder by a link"));
        }
        if file.size > LONGEST {
            return Err(self.damaged(&format!("its file has {} bytes", file.size)));
        }
        let length = usize::try_from(file.size).unwrap_or_default();
        let bytes = file.bytes()?.get(0, length).map_err(|e| Error::io(&path, e))?;
        self.files.insert(path, bytes.clone());
        Ok(bytes)
    }

    /// Where the vector's file lies: inside the table's folder.
    fn place(&self, vector: &DeletionVectorDescriptor) -> std::result::Result<PathBuf, String> {
        let named = &vector.path_or_inline_dv;
        let root = Url::parse("file:///").map_err(|e| e.to_string())?;
        let found = vector.absolute_path(&root).map_err(|e| e.to_string())?;
        let found = found.ok_or("it has no file")?;
        let path = found.to_file_path().map_err(|()| format!("{named} is not a file here"))?;
        if vector.storage_type == DeletionVectorStorageType::PersistedAbsolute {
            let real = std::fs::canonicalize(&path).map_err(|e| format!("{named}: {e}"))?;
            return match paths::is_below(&real, self.folder) {
                true => Ok(real),
                false => Err(format!("{named} lies outside of the folder")),
            };
        }
        // The prefix is a folder's name, which the URL has already been put together with.
        let signs = named.len().checked_sub(NAME_SIGNS).ok_or("its name is too short")?;
        let prefix = named.get(..signs).ok_or("its name is not a name")?;
        if !prefix.is_empty() {
            paths::refuse_words(prefix).map_err(|why| format!("{prefix} {why}"))?;
        }
        let relative = path.strip_prefix("/").map_err(|e| e.to_string())?;
        let relative = relative.to_str().ok_or("its name is not a name")?;
        paths::inside(self.folder, relative).map_err(|why| format!("{relative} {why}"))
    }

    fn damaged(&self, why: &str) -> Error {
        Error::mend("damaged-log", format!("a deletion vector cannot be read: {why}"))
            .at(self.folder.display().to_string())
            .hint("deliver the table again, whole")
    }

    fn outside(&self, why: &str) -> Error {
        let message =
            format!("the Delta table is more than its folder: of a deletion vector, {why}");
        Error::mend("foreign-path", message)
            .at(self.folder.join("_delta_log").display().to_string())
            .hint("deliver a table whose files all lie in its folder: a deep copy, not a clone")
    }
}

/// The one file that the kernel is to read, whatever it calls it.
struct OneFile(Bytes);

fn refused<T>() -> DeltaResult<T> {
    Err(KernelError::generic("deletion vectors are only read"))
}

impl StorageHandler for OneFile {
    fn list_from(&self, _: &Url) -> DeltaResult<Box<dyn Iterator<Item = DeltaResult<FileMeta>>>> {
        refused()
    }

    fn read_files(
        &self,
        files: Vec<FileSlice>,
    ) -> DeltaResult<Box<dyn Iterator<Item = DeltaResult<Bytes>>>> {
        let bytes = self.0.clone();
        Ok(Box::new(files.into_iter().map(move |_| Ok(bytes.clone()))))
    }

    fn copy_atomic(&self, _: &Url, _: &Url) -> DeltaResult<()> {
        refused()
    }

    fn put(&self, _: &Url, _: Bytes, _: bool) -> DeltaResult<()> {
        refused()
    }

    fn head(&self, _: &Url) -> DeltaResult<FileMeta> {
        refused()
    }

    fn delete(&self, _: &Url) -> DeltaResult<()> {
        refused()
    }
}
