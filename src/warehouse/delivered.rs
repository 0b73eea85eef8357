//! Delta tables as deliveries: the files of a table that may be somebody else's.

use std::io::ErrorKind;
use std::path::Path;

use crate::engine::files::{InputFile, real_path};
use crate::error::{Error, Result};

use super::delta::Head;
use super::files::{data_file, internal};
use super::{blocks, durable, paths};

/// Whether a folder is a Delta table.
///
/// # Errors
/// When it cannot be looked into.
pub fn is_delta_table(folder: &Path) -> Result<bool> {
    let log = folder.join("_delta_log");
    match std::fs::symlink_metadata(&log) {
        Ok(_) => durable::is_folder(&log),
        // Not a folder at all: a file, a glob.
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
        Err(e) => Err(Error::io(&log, e)),
    }
}

/// The files of any Delta table, Pactum's own or another's, at its newest version.
///
/// # Errors
/// When the folder is no Delta table, or uses what is not read: deletion vectors, column mapping.
pub async fn delivered_files(folder: &Path) -> Result<Vec<InputFile>> {
    let refuse = |what: &str| {
        Error::usage("delta-feature", format!("the Delta table uses {what}"))
            .at(folder.display().to_string())
            .hint("deliver a copy without it, or its Parquet files")
    };
    let head = Head::new(real_path(folder)?);
    for log in ["_delta_log", "_delta_log/_sidecars"] {
        paths::refuse_links(&folder.join(log), folder)
            .map_err(|link| named_outside(&link, "leads out of the folder by a link"))?;
    }
    let table = head.load(None).await?.ok_or_else(|| {
        Error::usage("no-table", "the folder is no Delta table").at(folder.display().to_string())
    })?;
    let state = table.snapshot().map_err(internal)?;
    let mapping = state.metadata().configuration().get("delta.columnMapping.mode");
    if mapping.is_some_and(|mode| mode != "none") {
        return Err(refuse("column mapping"));
    }
    let log = state.snapshot().try_log_data().map_err(internal)?;
    let mut files = Vec::new();
    for view in log.iter() {
        if view.deletion_vector_descriptor().is_some() {
            return Err(refuse("deletion vectors"));
        }
        let named = view.path();
        let refused = |why| named_outside(&folder.join("_delta_log"), &format!("{named} {why}"));
        let path = paths::inside(folder, &named).map_err(refused)?;
        let mut file = InputFile::delivered(&path)?;
        if !paths::is_below(&file.path, folder) {
            return Err(refused("leads out of the folder by a link"));
        }
        let named = data_file(&view);
        if blocks::are_recorded(&named) {
            file = blocks::recorded(folder, &named)?;
        } else if i64::try_from(file.size) != Ok(view.size()) {
            let message =
                format!("the file has {} bytes, the table's log says {}", file.size, view.size());
            return Err(Error::mend("damaged-file", message)
                .at(file.path.display().to_string())
                .hint("deliver the table again, whole"));
        }
        // The log says what a path only seems to say.
        file.partitions = view.partition_values_map().into_iter().collect();
        file.partitions.sort();
        files.push(file);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// What somebody else's log names is published: it may name the table's own files alone.
fn named_outside(place: &Path, what: &str) -> Error {
    Error::mend("foreign-path", format!("the Delta table is more than its folder: {what}"))
        .at(place.display().to_string())
        .hint("deliver a table whose files all lie in its folder, or its Parquet files")
}
