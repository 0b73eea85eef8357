//! FILES arguments, and files as they were when a run began.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::error::{Error, Result};

use super::bytes::FileBytes;
use super::digits::Digits;
use super::held::{Fault, Held};
use super::input::InputFormat;
use super::logged::Logged;
use super::nulls::Nulls;
use super::paths::real_path;
use super::recorded::Recorded;

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
    /// Whether it was found below a folder or by a glob, not named itself: then folders of its path
    /// that look like columns count as columns.
    pub found: bool,
    /// Whether it is part of a Delta table, which may have other names for columns than files.
    pub of_delta: bool,
    /// Why it cannot be read, where that is known already.
    pub unreadable: Option<String>,
    /// The format of the texts that its values were parsed from.
    pub parsed: Option<InputFormat>,
    /// The digits that its numbers were written with, by column, where they were texts.
    pub digits: Arc<HashMap<String, Digits>>,
    /// Which values are NULL, by column, where it is a rendition: its footer does not tell.
    pub nulls: Arc<HashMap<String, Nulls>>,
    /// What the log of its table says about it.
    pub logged: Option<Arc<Logged>>,
    modified: Option<SystemTime>,
    /// The open file, where it is held for the whole run.
    held: Option<Arc<Held>>,
    /// What was recorded of it when it was written.
    recorded: Option<Arc<Recorded>>,
    /// The original, where the path holds a rendition of it.
    original: Option<Arc<Rendition>>,
}

/// A rendition of a delivered file, removed when it is no longer needed.
#[derive(Debug)]
struct Rendition {
    /// The delivered file, where it is a local one.
    of: Option<InputFile>,
    /// The folder that holds the rendition.
    _folder: Arc<tempfile::TempDir>,
}

impl InputFile {
    /// Opens a file of a delivery, and holds it: later reads see this open file.
    ///
    /// # Errors
    /// When it is not there, or not a file.
    pub fn delivered(path: &Path) -> Result<Self> {
        let input = Self::open(path)?;
        let found = std::fs::metadata(path).map_err(|e| Error::io(path, e))?;
        super::regular::refuse_special(path, &found)?;
        match Held::open(path) {
            Ok(held) => Ok(Self {
                path: held.path().to_owned(),
                size: held.size(),
                held: Some(Arc::new(held)),
                ..input
            }),
            Err(Fault::Io(e)) if e.kind() == ErrorKind::PermissionDenied => {
                Ok(Self::unreadable(&input, "permission denied".to_owned()))
            }
            Err(fault) => Err(input.failed(fault)),
        }
    }

    /// Looks at a file that is no longer written to.
    ///
    /// # Errors
    /// When it is not there.
    pub fn open(path: &Path) -> Result<Self> {
        let metadata = std::fs::metadata(path).map_err(|e| Error::io(path, e))?;
        super::regular::refuse_special(path, &metadata)?;
        let absolute = real_path(path)?;
        Ok(Self {
            path: absolute,
            name: path.display().to_string(),
            size: metadata.len(),
            partitions: partitions_of(path),
            found: false,
            of_delta: false,
            unreadable: None,
            parsed: None,
            digits: Arc::default(),
            nulls: Arc::default(),
            logged: None,
            modified: metadata.modified().ok(),
            held: None,
            recorded: None,
            original: None,
        })
    }

    /// A file of a released table, as it was recorded.
    ///
    /// # Errors
    /// `lost-file` when it is gone, `damaged-file` when it has another size.
    pub fn recorded(recorded: Recorded) -> Result<Self> {
        recorded.open()?;
        let file = Self::open(recorded.path())?;
        Ok(Self { recorded: Some(Arc::new(recorded)), of_delta: true, ..file })
    }

    /// What tells this state of the file from another: its path, its size, when it was changed.
    pub(super) fn state(&self) -> (PathBuf, u64, Option<SystemTime>) {
        (self.path.clone(), self.size, self.modified)
    }

    /// The damage that a reader of this file has met, where it was recorded.
    pub fn damage(&self) -> Option<Error> {
        self.recorded.as_ref().and_then(|recorded| recorded.damage())
    }

    /// The rendition of another file, or of data that came from elsewhere under this name.
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
        if let Some(held) = &self.held {
            return held.bytes().map_err(|fault| self.failed(fault));
        }
        if let Some(recorded) = &self.recorded {
            return FileBytes::recorded(recorded);
        }
        let opened = super::regular::open(&self.path)?;
        FileBytes::new(opened).map_err(|e| Error::io(&self.path, e))
    }

    /// The file that it was made from, where it is a rendition of one.
    pub fn original(&self) -> Option<&Self> {
        self.original.as_ref().and_then(|rendition| rendition.of.as_ref())
    }

    /// Compares the whole file with what was recorded.
    ///
    /// # Errors
    /// `lost-file` or `damaged-file`, where it is not what was written.
    pub fn compare(&self) -> Result<()> {
        let compared = self.bytes()?.compare_all();
        compared.map_err(|e| self.damage().unwrap_or_else(|| Error::io(&self.path, e)))
    }

    /// Refuses a file that has changed.
    ///
    /// # Errors
    /// `file-changed`: its size or times differ, or bytes that were read; `damaged-file` where it is
    /// not what was recorded.
    pub fn verify_unchanged(&self) -> Result<()> {
        self.verify(false)
    }

    /// Refuses a file if any byte that was read has changed, whatever its times say.
    ///
    /// # Errors
    /// `file-changed`.
    pub fn verify_content(&self) -> Result<()> {
        self.verify(true)
    }

    fn verify(&self, content: bool) -> Result<()> {
        if let Some(damage) = self.damage() {
            return Err(damage);
        }
        if self.original.is_some() {
            // Reads use the rendition. Its bytes were compared when it was made.
            return self.original().map_or(Ok(()), Self::verify_unchanged);
        }
        if let Some(held) = &self.held {
            return held.verify(content).map_err(|fault| self.failed(fault));
        }
        let now = std::fs::metadata(&self.path).ok();
        let same = now.is_some_and(|m| m.len() == self.size && m.modified().ok() == self.modified);
        if same { Ok(()) } else { Err(self.failed(Fault::Changed)) }
    }

    fn failed(&self, fault: Fault) -> Error {
        match fault {
            Fault::Io(error) => Error::io(&self.path, error),
            Fault::Changed => {
                Error::try_again("file-changed", "the file changed while it was being read")
                    .at(&self.name)
                    .hint("wait until its writer is done, then run again")
            }
        }
    }
}

/// Resolves FILES: a file, a glob, or a folder whose files of a known ending are meant (names that
/// begin with `_` or `.` are skipped).
///
/// # Errors
/// When nothing is there, and where files of a Delta table are meant without its log.
pub fn resolve(pattern: &str) -> Result<Vec<InputFile>> {
    let path = Path::new(pattern);
    if is_there(path)? && is_folder(path)? {
        refuse_without_log(path)?;
        let mut found = Vec::new();
        folder(path, &mut found)?;
        return non_empty(
            found,
            pattern,
            "the folder holds no file with a known ending (.parquet .csv .tsv .ndjson .jsonl .arrow .feather)",
        );
    }
    if is_there(path)? {
        refuse_without_log(path)?;
        return Ok(vec![InputFile::delivered(path)?]);
    }
    if !pattern.contains(['*', '?', '[']) {
        return Err(Error::usage("missing-file", "no such file").at(pattern));
    }
    let matches =
        glob::glob(pattern).map_err(|e| Error::usage("bad-glob", e.to_string()).at(pattern))?;
    let mut found = Vec::new();
    for path in matches {
        let path = path.map_err(|e| Error::io(e.path(), std::io::Error::other(e.to_string())))?;
        // A dangling link matches too: a delivery without it would be incomplete.
        if !is_hidden(&path) && !is_folder(&path)? {
            refuse_without_log(&path)?;
            found.push(InputFile::delivered(&path)?);
        }
    }
    non_empty(found, pattern, "the glob matches no file")
}

/// Whether something of this name exists. Something inaccessible may.
fn is_there(path: &Path) -> Result<bool> {
    match std::fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
        // A name that is too long for the system is a glob, or a mistake that is reported below.
        Err(e) if e.kind() == ErrorKind::InvalidFilename => Ok(false),
        Err(e) => Err(Error::io(path, e)),
    }
}

/// Whether a name is a folder's; a dangling one is not.
fn is_folder(path: &Path) -> Result<bool> {
    match std::fs::metadata(path) {
        Ok(metadata) => Ok(metadata.is_dir()),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
        Err(e) => Err(Error::io(path, e)),
    }
}

fn non_empty(mut found: Vec<InputFile>, pattern: &str, message: &str) -> Result<Vec<InputFile>> {
    if found.is_empty() {
        return Err(Error::usage("missing-file", message).at(pattern));
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found.iter_mut().for_each(|file| file.found = true);
    Ok(found)
}

/// The Delta table that a file, or a folder of one of its partitions, lies in.
fn delta_around(path: &Path) -> Option<PathBuf> {
    let is_partition =
        |folder: &Path| folder.file_name().is_some_and(|name| name.to_string_lossy().contains('='));
    // A link is where it leads.
    let path = path.canonicalize().ok()?;
    let inner = if is_partition(&path) { 0 } else { 1 };
    let mut folders = path.ancestors().skip(inner);
    let table = folders.find(|folder| !is_partition(folder))?;
    let is_log = table.file_name().is_some_and(|name| name == "_delta_log");
    let table = table.parent().filter(|_| is_log).unwrap_or(table);
    table.join("_delta_log").is_dir().then(|| table.to_owned())
}

/// The files of a Delta table alone bring back what it has removed.
fn refuse_without_log(path: &Path) -> Result<()> {
    let Some(table) = delta_around(path) else { return Ok(()) };
    let folder = table.display();
    Err(Error::usage("delta-files", "a file of a Delta table is not read without the table's log")
        .at(path.display().to_string())
        .hint(format!("deliver the table by its folder, {folder}: its log says which rows count")))
}

fn folder(path: &Path, found: &mut Vec<InputFile>) -> Result<()> {
    let entries = std::fs::read_dir(path).map_err(|e| Error::io(path, e))?;
    for entry in entries {
        let inside = path;
        let path = entry.map_err(|e| Error::io(path, e))?.path();
        // Its files alone bring back what the table has removed.
        if path.file_name().is_some_and(|name| name == "_delta_log") {
            return Err(Error::usage("delta-inside", "a Delta table is inside the folder")
                .at(inside.display().to_string())
                .hint("deliver the table by its own folder: its log says what it holds"));
        }
        if is_hidden(&path) {
            continue;
        }
        if is_folder(&path)? {
            folder(&path, found)?;
        } else if path.to_str().is_some_and(|name| InputFormat::of_name(name).is_some()) {
            found.push(InputFile::delivered(&path)?);
        }
    }
    Ok(())
}

/// A path whose `name=value` folders show `shown` in place of the values of certain names; `None`
/// where it has none of these.
pub fn hidden_partitions(path: &str, hides: impl Fn(&str) -> bool, shown: &str) -> Option<String> {
    let (folders, file) = path.rsplit_once('/')?;
    let folder = |folder: &str| match folder.split_once('=') {
        Some((name, _)) if hides(&percent_decoded(name)) => format!("{name}={shown}"),
        _ => folder.to_owned(),
    };
    let hidden: Vec<String> = folders.split('/').map(folder).collect();
    let hidden = format!("{}/{file}", hidden.join("/"));
    (hidden != path).then_some(hidden)
}

/// A text that may contain paths, whose `name=value` folders show `shown` in place of the values of
/// some names. A value ends with its folder; at the end of the text the value may have ended or
/// not, so all that follows counts as value.
pub fn hidden_in_text(text: &str, hides: impl Fn(&str) -> bool, shown: &str) -> String {
    // The words before the path are not part of the name.
    let ends =
        |c: char| c.is_whitespace() || matches!(c, '=' | '\'' | '"' | '(' | '`' | '\\' | ':' | ',');
    let named = |before: &str| {
        let decoded = percent_decoded(before);
        let tails = decoded.match_indices(ends).map(|(at, sign)| decoded.get(at + sign.len()..));
        hides(&decoded) || tails.flatten().any(&hides)
    };
    let part = |part: &str| {
        let signs = part.match_indices('=');
        let found = signs.map(|(at, _)| &part[..at]).find(|before| named(before));
        found.map_or_else(|| part.to_owned(), |before| format!("{before}={shown}"))
    };
    text.split('/').map(part).collect::<Vec<_>>().join("/")
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

/// A text with each `%XX` decoded.
pub fn percent_decoded(text: &str) -> String {
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

    #[test]
    fn values_of_folders_are_hidden_wherever_a_path_stands_in_a_text() {
        let hidden = |text: &str| hidden_in_text(text, |name| name == "land", "…");
        assert_eq!(hidden("/in/land=DE/a.parquet"), "/in/land=…/a.parquet");
        assert_eq!(hidden("/in/l%61nd=a b/day=1"), "/in/l%61nd=…/day=1");
        assert_eq!(hidden("at 'land=D=E/a' and (x/land=F/b)"), "at 'land=…/a' and (x/land=…/b)");
        assert_eq!(hidden("t=land=DE/a"), "t=land=…/a");
        assert_eq!(hidden("/in/land=DE"), "/in/land=…");
        for plain in ["in/island=DE/a", "land/a", "a = b", ""] {
            assert_eq!(hidden(plain), plain);
        }
    }

    #[test]
    fn values_of_some_folders_are_hidden_and_no_others() {
        let hidden = |path: &str| hidden_partitions(path, |name| name == "land", "…");
        assert_eq!(hidden("in/l%61nd=DE/day=1/land=2").unwrap(), "in/l%61nd=…/day=1/land=2");
        assert_eq!(hidden("land=DE=FR/a").unwrap(), "land=…/a");
        for plain in ["in/island=DE/a.parquet", "land=DE", "land/a.parquet"] {
            assert_eq!(hidden(plain), None, "{plain}");
        }
    }
}
