//! Delta tables as deliveries: the files of a table that may be foreign.

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
/// When it cannot be read.
pub fn is_delta_table(folder: &Path) -> Result<bool> {
    let log = folder.join("_delta_log");
    match std::fs::symlink_metadata(&log) {
        Ok(_) if durable::is_folder(&log)? => Ok(true),
        Ok(_) => Err(Error::mend("damaged-log", "this is not a folder")
            .at(log.display().to_string())
            .hint("deliver a whole Delta table, or its Parquet files")),
        // The argument is not a folder: a file, a glob.
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
        Err(e) => Err(Error::io(&log, e)),
    }
}

/// The files of any Delta table, Pactum's own or another's, at its newest version.
///
/// # Errors
/// When the folder is not a Delta table, or uses what is not read: deletion vectors, column mapping.
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
    // The Delta crate skips an emptied commit: the table would be an older one.
    head.refuse_damage().map_err(not_whole)?;
    let table = head.load(None).await.map_err(not_whole)?.ok_or_else(|| {
        Error::usage("no-table", "the folder is not a Delta table").at(folder.display().to_string())
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
        file.of_delta = true;
        // The log, not the path, gives partition values.
        file.partitions = view.partition_values_map().into_iter().collect();
        file.partitions.sort();
        files.push(file);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// The writer must mend a delivery with a damaged log.
fn not_whole(error: Error) -> Error {
    if error.code() != "damaged-log" {
        return error;
    }
    Error::mend("damaged-log", error.message().to_owned())
        .at(error.place().unwrap_or_default().to_owned())
        .hint("deliver the table again, whole")
        .caused_by(error)
}

/// Files named by a foreign log are published: it may only name the table's own files.
fn named_outside(place: &Path, what: &str) -> Error {
    Error::mend("foreign-path", format!("the Delta table is more than its folder: {what}"))
        .at(place.display().to_string())
        .hint("deliver a table whose files all lie in its folder, or its Parquet files")
}
