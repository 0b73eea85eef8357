//! `--fix`: versions whose step is too small are raised in their documents.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::NamedTempFile;

use crate::compat::report::{DiffReport, Raised};
use crate::compat::{Sides, with_version};
use crate::contract::Contract;
use crate::contract::model::Version;
use crate::error::{Error, Result};
use crate::project::Side;

/// Raises versions in the documents of the head: every one, or none where one cannot be.
pub(super) fn raise(report: &DiffReport, compared: &Sides) -> Result<Vec<Raised>> {
    if matches!(compared.head_side, Side::Commit { .. }) {
        return Err(Error::usage("bad-fix", "a commit cannot be changed")
            .hint("leave the head out: --fix raises versions in the working tree"));
    }
    let mut texts = Vec::new();
    for (file, version) in wanted(report) {
        let same = |c: &&Arc<Contract>| c.source.name == file;
        let contract = compared.head.contracts.iter().find(same);
        let text = contract.and_then(|c| with_version(c, version));
        let (Some(contract), Some(text)) = (contract, text) else {
            return Err(Error::mend("bad-fix", format!("the version cannot be set to {version}"))
                .at(file)
                .hint("set it by hand"));
        };
        texts.push((contract, version, text));
    }
    // Anything that can fail fails before the first document is touched.
    let mut staged = Vec::new();
    for (contract, version, text) in texts {
        let file = contract.source.name.clone();
        let (from, to) = (contract.version_text.clone(), version.to_string());
        staged.push((stage(Path::new(&file), &text)?, Raised { file, from, to }));
    }
    let mut raised: Vec<Raised> = Vec::new();
    for ((path, document), one) in staged {
        document.persist(&path).map_err(|e| {
            let done: Vec<&str> = raised.iter().map(|r| r.file.as_str()).collect();
            let error = Error::io(&path, e.error);
            match done.is_empty() {
                true => error,
                false => error.hint(format!("raised already: {}", done.join(", "))),
            }
        })?;
        raised.push(one);
    }
    Ok(raised)
}

/// The version that each document needs: a document compared with several bases needs the greatest.
fn wanted(report: &DiffReport) -> BTreeMap<String, Version> {
    let mut wanted: BTreeMap<String, Version> = BTreeMap::new();
    for contract in &report.contracts {
        let version = contract.needs_version.as_ref().and_then(|v| v.parse().ok());
        let Some(version) = version else { continue };
        let least = wanted.entry(contract.file.clone()).or_insert(version);
        *least = version.max(*least);
    }
    wanted
}

/// Writes a text beside the file that it will replace; returns it with the file's path.
fn stage(path: &Path, text: &str) -> Result<(PathBuf, NamedTempFile)> {
    // A link keeps its target.
    let path = path.canonicalize().map_err(|e| Error::io(path, e))?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |e| Error::io(&path, e);
    let staged = crate::engine::temporary::beside(folder)?;
    let marked = std::fs::read(&path).map_err(failed)?.starts_with("\u{feff}".as_bytes());
    let text = if marked { format!("\u{feff}{text}") } else { text.to_owned() };
    std::fs::write(staged.path(), text).map_err(failed)?;
    let permissions = std::fs::metadata(&path).map_err(failed)?.permissions();
    std::fs::set_permissions(staged.path(), permissions).map_err(failed)?;
    Ok((path, staged))
}
