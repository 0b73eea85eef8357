//! FILES arguments, and files as they were when a run began.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::error::{Error, Result};

use super::bytes::FileBytes;
use super::input::InputFormat;

/// A file of a delivery, as it was when it was first looked at.
#[derive(Debug, Clone)]
pub struct InputFile {
    /// Its path, absolute.
    pub path: PathBuf,
    /// The path as the user would write it.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Columns whose value stands in the path, as text (`country=DE/part-0.parquet`); `None` is
    /// NULL.
    pub partitions: Vec<(String, Option<String>)>,
    /// Whether it was found below a folder or by a glob, not named itself: then the folders of its path
    /// that look like columns are meant as such.
    pub found: bool,
    /// Why it cannot be read, where that is known already.
    pub unreadable: Option<String>,
    /// The format of the texts that its values were parsed from.
    pub parsed: Option<InputFormat>,
    modified: Option<SystemTime>,
    /// What it was made from, where the path holds a rendition of it.
    original: Option<Arc<Rendition>>,
}

/// A rendition of what was delivered, which goes when nobody needs it any more.
#[derive(Debug)]
struct Rendition {
    /// What was delivered, where it is a file here.
    of: Option<InputFile>,
    /// The folder that holds the rendition.
    _folder: Arc<tempfile::TempDir>,
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
            partitions: partitions_of(path),
            found: false,
            unreadable: None,
            parsed: None,
            modified: metadata.modified().ok(),
            original: None,
        })
    }

    /// The file that stands for another one, or for what came from elsewhere under this name.
    ///
    /// # Errors
    /// When it is not there.
    pub fn rendition(
        path: &Path,
        name: &str,
        of: Option<InputFile>,
        folder: &Arc<tempfile::TempDir>,
    ) -> Result<Self> {
        let partitions = partitions_of(Path::new(name));
        let rendition = Rendition { of, _folder: Arc::clone(folder) };
        Ok(Self {
            name: name.to_owned(),
            partitions,
            original: Some(Arc::new(rendition)),
            ..Self::open(path)?
        })
    }

    /// The file, known to be unreadable.
    pub fn unreadable(input: &Self, reason: String) -> Self {
        Self { unreadable: Some(reason), ..input.clone() }
    }

    /// The file's bytes: the one place that decides how a file is opened.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn bytes(&self) -> Result<FileBytes> {
        let opened = std::fs::File::open(&self.path).and_then(FileBytes::new);
        opened.map_err(|e| Error::io(&self.path, e))
    }

    /// Refuses a file that is no longer what it was.
    ///
    /// # Errors
    /// When its size or modification time differ, or it is gone.
    pub fn verify_unchanged(&self) -> Result<()> {
        if let Some(original) = &self.original {
            return original.of.as_ref().map_or(Ok(()), Self::verify_unchanged);
        }
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

/// Resolves FILES: a file, a glob, or a folder whose files of a known ending are meant (names that
/// begin with `_` or `.` are passed over).
///
/// # Errors
/// When nothing is there.
pub fn resolve(pattern: &str) -> Result<Vec<InputFile>> {
    let path = Path::new(pattern);
    if path.is_dir() {
        let mut found = Vec::new();
        folder(path, &mut found)?;
        return non_empty(
            found,
            pattern,
            "the folder holds no file with a known ending (.parquet .csv .tsv .ndjson .jsonl .arrow .feather)",
        );
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
    found.iter_mut().for_each(|file| file.found = true);
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
        } else if path.to_str().is_some_and(|name| InputFormat::of_name(name).is_some()) {
            found.push(InputFile::open(&path)?);
        }
    }
    Ok(())
}

/// The `name=value` folders of a path, as Hive writes them.
fn partitions_of(path: &Path) -> Vec<(String, Option<String>)> {
    let folders = path.parent().into_iter().flat_map(Path::components);
    let pair = |component: Component<'_>| {
        let text = component.as_os_str().to_str()?;
        let (name, value) = text.split_once('=')?;
        let value = (value != "__HIVE_DEFAULT_PARTITION__").then(|| percent_decoded(value));
        (!name.is_empty()).then(|| (percent_decoded(name), value))
    };
    folders.filter_map(pair).collect()
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let pair = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match pair.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn is_hidden(path: &Path) -> bool {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    name.starts_with(['_', '.'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_a_path_are_columns() {
        let found = partitions_of(Path::new("in/country=DE/day=2026%2D01-02/part=0.parquet"));
        let text = |t: &str| Some(t.to_owned());
        assert_eq!(
            found,
            [("country".to_owned(), text("DE")), ("day".to_owned(), text("2026-01-02"))]
        );
        let found = partitions_of(Path::new("a=__HIVE_DEFAULT_PARTITION__/f.parquet"));
        assert_eq!(found, [("a".to_owned(), None)]);
    }
}
