//! Paths as the file system knows them.

use std::path::{Component, Path, PathBuf};

use crate::error::{Error, Result};

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
