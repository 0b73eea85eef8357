//! FILES arguments, and files as they were when a run began.

use std::fs::File;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use arrow::datatypes::{DataType, SchemaRef};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};

use crate::contract::types::{common, plain};
use crate::error::{Error, Result};

/// A file of a delivery, as it was when it was first looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFile {
    /// Its path, absolute.
    pub path: PathBuf,
    /// The path as the user would write it.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    modified: Option<SystemTime>,
}

impl InputFile {
    /// Looks at a file.
    ///
    /// # Errors
    /// When it is not there.
    pub fn open(path: &Path) -> Result<Self> {
        let metadata = std::fs::metadata(path).map_err(|e| Error::io(path, e))?;
        let absolute = real_path(path)?;
        Ok(Self {
            path: absolute,
            name: path.display().to_string(),
            size: metadata.len(),
            modified: metadata.modified().ok(),
        })
    }

    /// Refuses a file that is no longer what it was.
    ///
    /// # Errors
    /// When its size or modification time differ, or it is gone.
    pub fn verify_unchanged(&self) -> Result<()> {
        let now = std::fs::metadata(&self.path).ok();
        let same = now.is_some_and(|m| m.len() == self.size && m.modified().ok() == self.modified);
        if same {
            return Ok(());
        }
        Err(Error::try_again("file-changed", "the file changed while it was being read")
            .at(&self.name)
            .hint("wait until its writer is done, then run again"))
    }
}

/// The absolute path without `..` and links, also of what does not exist yet.
///
/// # Errors
/// When the working directory is gone.
pub fn real_path(path: &Path) -> Result<PathBuf> {
    let absolute = std::path::absolute(path).map_err(|e| Error::io(path, e))?;
    let mut missing = Vec::new();
    let mut at = absolute.as_path();
    loop {
        if let Ok(real) = std::fs::canonicalize(at) {
            return Ok(missing.iter().rev().fold(real, |path, name| match name {
                Component::ParentDir => path.parent().map_or(path.clone(), Path::to_owned),
                name => path.join(name),
            }));
        }
        missing.extend(at.components().next_back());
        match at.parent() {
            Some(parent) => at = parent,
            None => return Ok(absolute),
        }
    }
}

/// Resolves FILES: a file, a glob, or a folder whose Parquet files are meant (names that begin
/// with `_` or `.` are passed over).
///
/// # Errors
/// When nothing is there.
pub fn resolve(pattern: &str) -> Result<Vec<InputFile>> {
    let path = Path::new(pattern);
    if path.is_dir() {
        let mut found = Vec::new();
        folder(path, &mut found)?;
        return non_empty(found, pattern, "the folder holds no Parquet file");
    }
    if path.exists() {
        return Ok(vec![InputFile::open(path)?]);
    }
    if !pattern.contains(['*', '?', '[']) {
        return Err(Error::usage("missing-file", "no such file").at(pattern));
    }
    let matches =
        glob::glob(pattern).map_err(|e| Error::usage("bad-glob", e.to_string()).at(pattern))?;
    let mut found = Vec::new();
    for path in matches {
        let path = path.map_err(|e| Error::io(e.path(), std::io::Error::other(e.to_string())))?;
        if path.is_file() && !is_hidden(&path) {
            found.push(InputFile::open(&path)?);
        }
    }
    non_empty(found, pattern, "the glob matches no file")
}

fn non_empty(mut found: Vec<InputFile>, pattern: &str, message: &str) -> Result<Vec<InputFile>> {
    if found.is_empty() {
        return Err(Error::usage("missing-file", message).at(pattern));
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn folder(path: &Path, found: &mut Vec<InputFile>) -> Result<()> {
    let entries = std::fs::read_dir(path).map_err(|e| Error::io(path, e))?;
    for entry in entries {
        let path = entry.map_err(|e| Error::io(path, e))?.path();
        if is_hidden(&path) {
            continue;
        }
        if path.is_dir() {
            folder(&path, found)?;
        } else if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet")) {
            found.push(InputFile::open(&path)?);
        }
    }
    Ok(())
}

fn is_hidden(path: &Path) -> bool {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    name.starts_with(['_', '.'])
}

/// A Parquet file whose footer has been read.
#[derive(Debug, Clone)]
pub struct ParquetFile {
    /// The file.
    pub input: InputFile,
    /// Footer and Arrow schema.
    pub metadata: ArrowReaderMetadata,
}

impl ParquetFile {
    /// Reads the footer.
    ///
    /// # Errors
    /// In words for a report: why the file is no readable Parquet file.
    pub fn open(input: &InputFile) -> Result<Self, String> {
        if input.size == 0 {
            return Err("the file has no bytes".to_owned());
        }
        let file = File::open(&input.path).map_err(|e| e.to_string())?;
        // A hostile footer must be a verdict, not the end of the run.
        let read = std::panic::catch_unwind(|| {
            ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
        });
        let metadata = match read {
            Ok(Ok(metadata)) => metadata,
            Ok(Err(error)) => return Err(unreadable(input, &error.to_string())),
            Err(_) => return Err("the footer is damaged".to_owned()),
        };
        Ok(Self { input: input.clone(), metadata })
    }

    /// The schema as the file declares it.
    pub fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    /// Rows in all row groups.
    pub fn rows(&self) -> u64 {
        u64::try_from(self.metadata.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// The footer.
    pub fn footer(&self) -> &Arc<parquet::file::metadata::ParquetMetaData> {
        self.metadata.metadata()
    }
}

/// The type that holds a column's values in every file exactly; `None` where no file has it.
///
/// # Errors
/// In words: the two types that have none in common.
pub fn common_type(files: &[ParquetFile], column: &str) -> Result<Option<DataType>, String> {
    let mut found: Option<DataType> = None;
    for file in files {
        let Ok(field) = file.schema().field_with_name(column) else { continue };
        let one = plain(field.data_type());
        found = Some(match found {
            None => one,
            Some(other) => common(&other, &one).ok_or_else(|| {
                format!("column '{column}' is {other} in one file and {one} in another")
            })?,
        });
    }
    Ok(found)
}

/// The reader's words, with what the first bytes tell.
fn unreadable(input: &InputFile, error: &str) -> String {
    use std::io::Read;
    let mut head = [0u8; 6];
    let read = File::open(&input.path).and_then(|mut f| f.read(&mut head)).unwrap_or(0);
    let what = match &head[..read] {
        [b'P', b'A', b'R', b'1', ..] => {
            let error = error.trim_start_matches("Parquet error: ");
            return format!("a Parquet file that is cut short or damaged: {error}");
        }
        [b'P', b'K', ..] => "a zip archive (an Excel sheet?), not a Parquet file",
        [0x1f, 0x8b, ..] => "a gzip file, not a Parquet file",
        [b'A', b'R', b'R', b'O', b'W', ..] => "an Arrow IPC file, not a Parquet file",
        [b'{' | b'[', ..] => "JSON text, not a Parquet file",
        head if head.iter().all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace()) => {
            "text (CSV?), not a Parquet file; \
             pd.read_csv(…).to_parquet(…, index=False) makes one"
        }
        _ => "not a Parquet file",
    };
    what.to_owned()
}
