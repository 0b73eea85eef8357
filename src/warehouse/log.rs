//! The files of a Delta log: which there are, and which of them is damaged.
//!
//! The Delta crate says that a log cannot be read; people need to know which file to restore.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::Result;

use super::durable;

/// Whether a file of a log is a commit or part of a checkpoint.
pub(super) fn is_commit_or_checkpoint(path: &Path) -> bool {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    version_of(name).is_some() && (is_commit(name) || is_checkpoint(name))
}

/// `00000000000000000007.json`
fn is_commit(name: &str) -> bool {
    name.len() == 25 && name.ends_with(".json")
}

/// `N.checkpoint.parquet`, `N.checkpoint.I.OF.parquet` or `N.checkpoint.UUID.parquet`: not a file that is
/// still being written beside it, under a name with more behind.
fn is_checkpoint(name: &str) -> bool {
    let rest = name.get(20..).unwrap_or_default();
    rest.starts_with(".checkpoint.") && (rest.ends_with(".parquet") || rest.ends_with(".json"))
}

/// The version at the beginning of a name in a log.
fn version_of(name: &str) -> Option<u64> {
    name.split_once('.')?.0.parse().ok().filter(|_| name.as_bytes().get(20) == Some(&b'.'))
}

/// The newest version with a file in the log.
///
/// # Errors
/// When the folder cannot be read.
pub(super) fn newest(log: &Path) -> Result<Option<u64>> {
    let names = durable::list(log)?;
    let versions = names.iter().filter(|path| is_commit_or_checkpoint(path));
    Ok(versions.filter_map(|path| version_of(path.file_name()?.to_str()?)).max())
}

/// The first file of a log that is damaged or missing, and in words what is wrong with it.
///
/// # Errors
/// When a file cannot be read: that is not damage.
pub(super) fn damage(log: &Path) -> Result<Option<(PathBuf, String)>> {
    let mut commits: Vec<(u64, PathBuf)> = Vec::new();
    let mut checkpoint = None;
    for path in durable::list(log)? {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let Some(version) = version_of(name) else { continue };
        if is_commit(name) {
            commits.push((version, path));
        } else if is_checkpoint(name) {
            checkpoint = checkpoint.max(Some((version, path)));
        }
    }
    if let Some((_, path)) = &checkpoint
        && !is_parquet(path)?
    {
        return Ok(Some((path.clone(), "a checkpoint of the log is cut or damaged".to_owned())));
    }
    let pointer = log.join("_last_checkpoint");
    if let Some(version) = pointed(&pointer)?
        && checkpoint.as_ref().is_none_or(|(newest, _)| *newest < version)
    {
        let words = format!("it names a checkpoint of version {version}, which is missing");
        return Ok(Some((pointer, words)));
    }
    // Commits that a checkpoint covers may have been cleaned away.
    let mut expected = checkpoint.map_or(0, |(version, _)| version + 1);
    for (version, path) in commits.into_iter().filter(|(v, _)| *v >= expected).collect::<Vec<_>>() {
        if version > expected {
            let missing = log.join(format!("{expected:020}.json"));
            return Ok(Some((missing, format!("commit {expected} of the log is missing"))));
        }
        if let Some(words) = fault(&path)? {
            return Ok(Some((path, words)));
        }
        expected = version + 1;
    }
    Ok(None)
}

/// The version that `_last_checkpoint` names; an unreadable one names none.
fn pointed(path: &Path) -> Result<Option<u64>> {
    let bytes = durable::read(path)?.unwrap_or_default();
    let pointer: Option<Value> = serde_json::from_slice(&bytes).ok();
    Ok(pointer.and_then(|pointer| pointer["version"].as_u64()))
}

fn is_parquet(path: &Path) -> Result<bool> {
    let bytes = durable::read(path)?.unwrap_or_default();
    Ok(path.extension().is_some_and(|e| e == "json")
        || (bytes.len() > 8 && bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1")))
}

/// The actions of the Delta protocol. Readers would silently ignore any other.
const ACTIONS: [&str; 10] = [
    "add",
    "cdc",
    "checkpointMetadata",
    "commitInfo",
    "domainMetadata",
    "metaData",
    "protocol",
    "remove",
    "sidecar",
    "txn",
];

/// Whether a line is one action.
fn is_action(line: &[u8]) -> bool {
    let parsed: Option<serde_json::Map<String, Value>> = serde_json::from_slice(line).ok();
    parsed.is_some_and(|action| {
        action.len() == 1 && action.keys().all(|key| ACTIONS.contains(&key.as_str()))
    })
}

/// The fault of a commit: it must have one action per line, and at least one.
fn fault(path: &Path) -> Result<Option<String>> {
    if !std::fs::metadata(path).is_ok_and(|found| found.is_file()) {
        return Ok(Some("this commit of the log is not a file".to_owned()));
    }
    let bytes = durable::read(path)?.unwrap_or_default();
    let lines = bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty());
    let mut count = 0;
    for (n, line) in lines.enumerate() {
        if !is_action(line) {
            return Ok(Some(format!("line {} of this commit of the log is damaged", n + 1)));
        }
        count += 1;
    }
    Ok((count == 0).then(|| "this commit of the log is empty".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    const INFO: &str = "{\"commitInfo\":{}}";
    const FIRST: &str = "00000000000000000000.json";
    const SECOND: &str = "00000000000000000001.json";
    const THIRD: &str = "00000000000000000002.json";

    #[test]
    fn a_whole_log_has_no_damage() {
        let folder = log(&[
            (FIRST, &format!("{INFO}\n{INFO}\n")),
            (SECOND, INFO),
            ("_last_checkpoint", "x"),
        ]);
        assert_eq!(damage(folder.path()).unwrap(), None);
    }

    #[test]
    fn the_file_that_is_cut_empty_or_missing_is_named() {
        let found = |files: &[(&str, &str)]| {
            let folder = log(files);
            let (path, words) = damage(folder.path()).unwrap().unwrap();
            (path.file_name().unwrap().to_str().unwrap().to_owned(), words)
        };
        let cut = format!("{INFO}\n{{\"add\":");
        let (name, words) = found(&[(FIRST, INFO), (SECOND, &cut)]);
        assert_eq!((name.as_str(), words.contains("line 2")), (SECOND, true));
        assert_eq!(found(&[(FIRST, ""), (SECOND, INFO)]).0, FIRST);
        assert_eq!(found(&[(FIRST, INFO), (THIRD, INFO)]).0, SECOND);
        assert_eq!(found(&[(FIRST, INFO), (SECOND, "{\"aed\":{}}")]).0, SECOND);
        let checkpoint = "00000000000000000001.checkpoint.parquet";
        assert_eq!(found(&[(checkpoint, "PAR1"), (THIRD, INFO)]).0, checkpoint);
    }

    #[test]
    fn a_checkpoint_that_is_half_written_is_passed_over_and_a_lost_one_is_named() {
        let staged = "00000000000000000001.checkpoint.parquet#1";
        let folder = log(&[(FIRST, INFO), (SECOND, INFO), (staged, "")]);
        assert_eq!(damage(folder.path()).unwrap(), None);
        let folder = log(&[(FIRST, INFO), (SECOND, INFO), ("_last_checkpoint", "{\"version\":1}")]);
        let (path, words) = damage(folder.path()).unwrap().unwrap();
        assert!(path.ends_with("_last_checkpoint") && words.contains("version 1"), "{words}");
    }

    #[test]
    fn a_staged_commit_is_not_a_commit() {
        assert!(is_commit_or_checkpoint(Path::new(FIRST)));
        assert!(is_commit_or_checkpoint(Path::new("00000000000000000001.checkpoint.parquet")));
        assert!(!is_commit_or_checkpoint(Path::new("00000000000000000001.checkpoint.parquet#1")));
        assert!(!is_commit_or_checkpoint(Path::new(&format!(".{FIRST}.1.tmp"))));
        assert!(!is_commit_or_checkpoint(Path::new("_last_checkpoint")));
    }
}
