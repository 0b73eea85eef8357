//! Delta tables as deliveries: the files of a table that may be foreign.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use deltalake_core::kernel::DeletionVectorDescriptor;

use crate::engine::damage::contained;
use crate::engine::deleted_rows::DeletedRows;
use crate::engine::files::InputFile;
use crate::engine::parquet_file::ParquetFile;
use crate::engine::paths::real_path;
use crate::error::{Error, Result};

use super::deletions::Deletions;
use super::delta::Head;
use super::files::{data_file, internal};
use super::logged::TableColumns;
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
            .hint("deliver a whole Delta table")),
        // The argument is not a folder: a file, a glob.
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
        Err(e) => Err(Error::io(&log, e)),
    }
}

/// The files of any Delta table, Pactum's own or another's, at its newest version.
///
/// # Errors
/// When the folder is not a Delta table, its log cannot be followed, or it names files elsewhere.
pub async fn delivered_files(folder: &Path) -> Result<Vec<InputFile>> {
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
    let columns = TableColumns::of(&table).map_err(|what| misread(folder, &what))?;
    let mut deletions = Deletions::of(folder);
    let log = state.snapshot().try_log_data().map_err(internal)?;
    let mut files = Vec::new();
    for view in log.iter() {
        // The Delta crate takes the kind of a vector for granted, also where it only copies it.
        let vector = contained(|| view.deletion_vector_descriptor())
            .ok_or_else(|| misread(folder, "a deletion vector of no known kind"))?;
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
        // The log, not the path, gives partition values, and rows that are there no longer.
        let deleted = deleted_rows(vector, &file, &mut deletions)?;
        file.partitions = Vec::new();
        file.logged = Some(Arc::new(columns.logged(&view, deleted)));
        files.push(file);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// The rows that the log deletes from a file.
fn deleted_rows(
    vector: Option<DeletionVectorDescriptor>,
    file: &InputFile,
    deletions: &mut Deletions<'_>,
) -> Result<DeletedRows> {
    let Some(vector) = vector else { return Ok(DeletedRows::default()) };
    match ParquetFile::open(file) {
        Ok(opened) => deletions.rows(vector, opened.rows()),
        // The check reports the file, and reads no row of it.
        Err(_) => Ok(DeletedRows::default()),
    }
}

fn misread(folder: &Path, what: &str) -> Error {
    Error::mend("damaged-log", format!("the table's log cannot be followed: {what}"))
        .at(folder.join("_delta_log").display().to_string())
        .hint("deliver the table again, whole")
}

/// The writer must mend a delivery with a damaged log, or one that no reader here follows.
fn not_whole(error: Error) -> Error {
    if error.code() != "damaged-log" {
        return error;
    }
    let message = error.message().trim_start_matches("Kernel error: ").to_owned();
    let place = error.place().unwrap_or_default().to_owned();
    if let Some(feature) = message.strip_prefix("Unsupported: ") {
        return Error::usage("delta-feature", format!("the Delta table is not read: {feature}"))
            .at(place)
            .hint("deliver a copy of the table, rewritten without this feature")
            .caused_by(error);
    }
    // The rest of the words may quote a value.
    let is_value = message.starts_with("Failed to parse value");
    let message = if is_value { "a partition value is not of its column's type" } else { &message };
    Error::mend("damaged-log", message)
        .at(place)
        .hint("deliver the table again, whole")
        .caused_by(error)
}

/// Files named by a foreign log are published: it may only name the table's own files.
fn named_outside(place: &Path, what: &str) -> Error {
    Error::mend("foreign-path", format!("the Delta table is more than its folder: {what}"))
        .at(place.display().to_string())
        .hint("deliver a table whose files all lie in its folder: a deep copy, not a clone")
}
