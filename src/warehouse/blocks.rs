//! Where the hashes of data files are: beside the data, in a separate folder at the table's root.
//!
//! Its name begins with `_`, so that no engine takes it for data and no VACUUM removes its files.
//! The tags of a file's `add` action say that there are hashes, and hold their seal: the mark is in
//! the log, so lost hashes are an error and do not look like an older release.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::engine::blocks::{Algorithm, Blocks, encoded_length};
use crate::engine::files::InputFile;
use crate::engine::recorded::{Recorded, damaged, unreadable};
use crate::engine::regular::without_waiting;
use crate::error::{Error, Result};

use super::durable::{self, remove_quietly};
use super::files::{DataFile, Tags};

/// The folder at a table's root.
const FOLDER: &str = "_blocks";
/// The tag of an `add` action.
const TAG: &str = "pactum.blocks";
/// What was hashed, and how: the first word of the tag's value (the second is the seal), and how the names
/// of such hashes end.
const KINDS: [(&str, Algorithm, &str); 2] =
    [("xxh3-64k", Algorithm::Xxh3, "xxh3"), ("xxh64-64k", Algorithm::Xxh64, "xxh64")];

/// Where the hashes of a data file lie, by the file's own name.
fn place(table: &Path, file: &str, ending: &str) -> PathBuf {
    let name = file.rsplit('/').next().unwrap_or(file);
    table.join(FOLDER).join(format!("{name}.{ending}"))
}

/// How the hashes of a file were taken, and their seal: what its tag says.
struct Mark {
    algorithm: Algorithm,
    ending: &'static str,
    seal: u64,
}

/// Keeps the hashes of a data file, synced, and returns the tags for its `add` action.
///
/// # Errors
/// When they cannot be written.
pub fn record_blocks(table: &Path, file: &str, blocks: &Blocks) -> Result<Tags> {
    let (bytes, seal) = blocks.encode();
    let [(kind, _, ending), _] = KINDS;
    // What a dead publish left under this name is of a file that is gone.
    durable::replace(&place(table, file, ending), &bytes)?;
    Ok(Tags::from([(TAG.to_owned(), Some(format!("{kind} {seal:016x}")))]))
}

/// Whether the log says that a file's blocks were hashed.
pub(super) fn are_recorded(file: &DataFile) -> bool {
    file.tags.contains_key(TAG)
}

/// Removes a data file that nothing refers to, with its hashes; failing to do so is harmless.
pub fn remove_data_file(table: &Path, file: &str) {
    // The file last: while its name is taken, no other publish writes hashes under it.
    for (_, _, ending) in KINDS {
        remove_quietly(&place(table, file, ending));
    }
    remove_quietly(&table.join(file));
}

/// A released data file for reading: it is compared with the log's entry.
///
/// # Errors
/// `lost-file` when the file or its hashes are gone, `damaged-file` when they differ from what was
/// written.
pub(super) fn recorded(table: &Path, file: &DataFile) -> Result<InputFile> {
    let path = table.join(&file.path);
    let size = u64::try_from(file.size)
        .map_err(|_| damaged(&path, "the table's log gives the file a negative size"))?;
    let blocks = match file.tags.get(TAG) {
        None => None,
        Some(tag) => Some(read(table, &file.path, size, &mark(&path, tag.as_deref())?)?),
    };
    InputFile::recorded(Recorded::new(path, size, blocks))
}

/// What a tag says.
fn mark(path: &Path, tag: Option<&str>) -> Result<Mark> {
    let known = KINDS.iter().find_map(|(kind, algorithm, ending)| {
        let word = tag?.strip_prefix(kind)?.strip_prefix(' ').filter(|word| word.len() == 16)?;
        let digits = Some(word).filter(|word| word.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let seal = u64::from_str_radix(digits, 16).ok()?;
        Some(Mark { algorithm: *algorithm, ending, seal })
    });
    known.ok_or_else(|| {
        Error::usage("newer-format", format!("hashes of the kind '{}'", tag.unwrap_or_default()))
            .at(path.display().to_string())
            .hint("install a newer pactum")
    })
}

fn read(table: &Path, file: &str, size: u64, mark: &Mark) -> Result<Blocks> {
    let path = place(table, file, mark.ending);
    let most = encoded_length(size).unwrap_or(usize::MAX - 1);
    let mut bytes = Vec::new();
    let read = without_waiting(&path).and_then(|file| match file.metadata()?.is_file() {
        true => file.take(most as u64 + 1).read_to_end(&mut bytes).map(|_| true),
        false => Ok(false),
    });
    match read {
        Ok(false) => Err(damaged(&path, "this is not a regular file")),
        Ok(true) => Blocks::parse(mark.algorithm, &bytes, size, mark.seal)
            .map_err(|what| damaged(&path, &format!("the hashes of '{file}' are damaged: {what}"))),
        Err(e) => Err(unreadable(&path, e)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::engine::blocks::Hashing;

    fn written(folder: &Path, content: &[u8]) -> DataFile {
        std::fs::write(folder.join("a.parquet"), content).unwrap();
        let mut sink = Hashing::new(Vec::new());
        sink.write_all(content).unwrap();
        DataFile {
            path: "a.parquet".into(),
            size: content.len() as i64,
            modified: 0,
            statistics: None,
            tags: record_blocks(folder, "a.parquet", &sink.blocks()).unwrap(),
        }
    }

    fn code(folder: &Path, file: &DataFile) -> &'static str {
        recorded(folder, file).unwrap_err().code()
    }

    #[test]
    fn with_the_tag_the_hashes_must_be_there_and_whole() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let file = written(folder, &[7; 100_000]);
        recorded(folder, &file).unwrap();
        let hashes = folder.join("_blocks/a.parquet.xxh3");
        let whole = std::fs::read(&hashes).unwrap();
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 16;
            std::fs::write(&hashes, flipped).unwrap();
            assert_eq!(code(folder, &file), "damaged-file");
        }
        for cut in [&whole[..whole.len() - 1], &whole[..8], &[]] {
            std::fs::write(&hashes, cut).unwrap();
            assert_eq!(code(folder, &file), "damaged-file");
        }
        std::fs::remove_file(&hashes).unwrap();
        assert_eq!(code(folder, &file), "lost-file");
        let older = DataFile { tags: Tags::new(), ..file };
        recorded(folder, &older).unwrap();
    }

    #[test]
    fn hashes_of_another_file_are_not_those_that_the_log_names() {
        let folder = tempfile::tempdir().unwrap();
        let first = written(folder.path(), &[1; 500]);
        // Another file takes its place, and its hashes theirs.
        let second = written(folder.path(), &[2; 500]);
        recorded(folder.path(), &second).unwrap();
        assert_eq!(code(folder.path(), &first), "damaged-file");
    }

    #[test]
    fn a_kind_of_hashes_that_is_not_known_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for tag in [None, Some("xxh3-64k"), Some("xxh64-64k +23456789abcdef0"), Some("sha-1m 00")] {
            let mut file = written(folder.path(), &[1; 500]);
            file.tags.insert(TAG.to_owned(), tag.map(str::to_owned));
            let code = code(folder.path(), &file);
            assert!(["newer-format", "damaged-file"].contains(&code), "{tag:?}: {code}");
        }
    }

    #[test]
    fn a_file_goes_with_its_hashes() {
        let folder = tempfile::tempdir().unwrap();
        written(folder.path(), &[1; 500]);
        remove_data_file(folder.path(), "a.parquet");
        assert!(!folder.path().join("a.parquet").exists());
        assert_eq!(std::fs::read_dir(folder.path().join("_blocks")).unwrap().count(), 0);
    }
}
