//! Paths that a log names: they must stay inside the table's folder.
//!
//! A log may be foreign, and the files it names are read and published. So a path must be a plain
//! relative one, and no link on it may lead out of the folder.

use std::path::{Path, PathBuf};

use crate::engine::files::percent_decoded;

/// Times that a reader after the first may decode a path again.
const DECODINGS: usize = 3;

/// Where a named file lies.
///
/// # Errors
/// In words that follow the path: why it could lead out of the folder.
pub(super) fn inside(folder: &Path, named: &str) -> Result<PathBuf, &'static str> {
    refuse_words(named)?;
    let path = folder.join(named);
    let mut at = folder.to_owned();
    let mut linked = false;
    for step in named.split('/') {
        at.push(step);
        linked |= is_link(&at);
    }
    // The reader finds out about missing files.
    if linked && std::fs::canonicalize(&path).is_ok_and(|real| !is_below(&real, folder)) {
        return Err("leads out of the folder by a link");
    }
    Ok(path)
}

/// Refuses anything but a plain path below a folder, as in the log or decoded again.
///
/// # Errors
/// In words that follow the path.
pub(super) fn refuse_words(named: &str) -> Result<(), &'static str> {
    if named.contains(['\\', '\0']) {
        return Err("has a character that no path in a log has");
    }
    if named.starts_with('/') || has_scheme(named) {
        return Err("is absolute");
    }
    if named.split('/').any(|step| step == "..") {
        return Err("leads out of the folder");
    }
    if named.split('/').any(|step| matches!(step, "" | ".")) {
        return Err("is not a plain path");
    }
    let mut again = named.to_owned();
    for _ in 0..DECODINGS {
        let decoded = percent_decoded(&again);
        if decoded == again {
            break;
        }
        if decoded.contains('\0') || climbs_out(&decoded) {
            return Err("leads out of the folder where it is decoded again");
        }
        again = decoded;
    }
    Ok(())
}

/// Refuses links among a folder's entries that lead out of a table's folder.
///
/// # Errors
/// The link.
pub(super) fn refuse_links(folder: &Path, table: &Path) -> Result<(), PathBuf> {
    let leads_out = |path: &Path| {
        is_link(path) && std::fs::canonicalize(path).is_ok_and(|real| !is_below(&real, table))
    };
    if leads_out(folder) {
        return Err(folder.to_owned());
    }
    // A folder that cannot be listed may have some.
    let entries = super::durable::list(folder).map_err(|_| folder.to_owned())?;
    match entries.into_iter().find(|path| leads_out(path)) {
        Some(link) => Err(link),
        None => Ok(()),
    }
}

/// Whether a path without links is below a folder, which may itself be named by a link.
pub(super) fn is_below(real: &Path, folder: &Path) -> bool {
    std::fs::canonicalize(folder).is_ok_and(|folder| real.starts_with(folder))
}

fn is_link(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

/// `file:///`, `s3://`, `C:\`
fn has_scheme(path: &str) -> bool {
    let Some((scheme, rest)) = path.split_once(':') else { return false };
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(letters)
        && rest.starts_with(['/', '\\'])
}

/// Whether the steps of a path, taken one by one, leave the folder where they begin.
fn climbs_out(path: &str) -> bool {
    let mut depth = 0i64;
    for step in path.split(['/', '\\']) {
        match step {
            ".." => depth -= 1,
            "" | "." => {}
            _ => depth += 1,
        }
        if depth < 0 {
            return true;
        }
    }
    path.starts_with(['/', '\\']) || has_scheme(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn paths_stay_inside_the_tables_folder() {
        for out in [
            "../secret.parquet",
            "a/../../secret.parquet",
            "a/../b.parquet",
            "..",
            "/etc/passwd",
            "//host/share",
            "file:///etc/passwd",
            "FILE:/etc/passwd",
            "s3://bucket/key",
            "https://example.org/a.parquet",
            "C:\\a.parquet",
            "C:/a.parquet",
            "..\\secret.parquet",
            "a\\b.parquet",
            "a\0.parquet",
            "",
            "./a.parquet",
            "a//b.parquet",
            "a/",
            "%2e%2e%2fsecret.parquet",
            "%2E%2E/secret.parquet",
            "%252e%252e%252fsecret.parquet",
            "a/%2e%2e/%2e%2e/secret.parquet",
            "%2fetc%2fpasswd",
            "%5c%5chost",
            "file%3a%2f%2f/etc/passwd",
            "a%00.parquet",
            "..%5csecret.parquet",
        ] {
            assert!(refuse_words(out).is_err(), "{out:?}");
        }
        for inside in [
            "a.parquet",
            "day=2026-01-01/part-0.parquet",
            "name=a%2Fb/part-0.parquet",
            "name=a%2F..%2Fb/part-0.parquet",
            "name=..%2Fb/part-0.parquet",
            "share=50%/part.parquet",
            "at=2026-01-01 12:00:00/part.parquet",
            "part-0:1.parquet",
            "...parquet",
            "a..b/c.parquet",
            "ö/ä.parquet",
        ] {
            assert_eq!(refuse_words(inside), Ok(()), "{inside:?}");
        }
    }

    #[test]
    fn a_refused_path_is_told_why() {
        assert_eq!(refuse_words("/etc/passwd"), Err("is absolute"));
        assert_eq!(refuse_words("s3://bucket/key"), Err("is absolute"));
        assert_eq!(refuse_words("a/../b.parquet"), Err("leads out of the folder"));
        assert_eq!(refuse_words("a//b.parquet"), Err("is not a plain path"));
    }

    #[test]
    fn links_may_lead_about_inside_the_folder_and_not_out_of_it() {
        let elsewhere = tempfile::tempdir().unwrap();
        let table = tempfile::tempdir().unwrap();
        std::fs::write(elsewhere.path().join("secret"), "x").unwrap();
        std::fs::write(table.path().join("a"), "x").unwrap();
        std::fs::create_dir(table.path().join("log")).unwrap();
        symlink(elsewhere.path().join("secret"), table.path().join("out")).unwrap();
        symlink(elsewhere.path(), table.path().join("folder")).unwrap();
        symlink("a", table.path().join("in")).unwrap();
        assert!(inside(table.path(), "out").is_err());
        assert!(inside(table.path(), "folder/secret").is_err());
        assert_eq!(inside(table.path(), "in"), Ok(table.path().join("in")));
        assert_eq!(inside(table.path(), "missing"), Ok(table.path().join("missing")));
        // The folder itself may be named by a link.
        let named = elsewhere.path().join("table");
        symlink(table.path(), &named).unwrap();
        assert_eq!(inside(&named, "in"), Ok(named.join("in")));
        assert!(inside(&named, "out").is_err());
        assert_eq!(refuse_links(&table.path().join("log"), table.path()), Ok(()));
        assert!(refuse_links(table.path(), table.path()).is_err());
        symlink(table.path(), elsewhere.path().join("log")).unwrap();
        assert!(refuse_links(&elsewhere.path().join("log"), elsewhere.path()).is_err());
    }
}
