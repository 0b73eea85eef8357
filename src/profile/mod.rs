//! Profile: the numbers of data, in one pass, and the contract that they suggest.
//!
//! Owns what is counted of a column, the search for keys, and the draft. Never judges: that is
//! `check`'s business.

mod column;
mod distinct;
mod draft;
mod keys;
mod personal;
mod sample;
mod shape;
mod texts;

use serde::Serialize;

use crate::check::{Checked, in_parallel, pieces};
use crate::engine::parquet_file::{ParquetFile, UNPARSED};
use crate::engine::reader::{Wanted, batches};
use crate::error::{Error, Result};

use column::Gathered;

pub use column::{ColumnProfile, Histogram};
pub use draft::{draft, typed_draft};
pub use keys::candidate_keys;
pub use personal::{Personal, personal};
pub use texts::TextProfile;

/// The numbers of a table.
#[derive(Debug, Clone, Serialize)]
pub struct TableProfile {
    /// The table's name.
    pub name: String,
    /// Rows of all files.
    pub rows: u64,
    /// Files.
    pub files: u64,
    /// The columns, in the order of the first file that has them.
    pub columns: Vec<ColumnProfile>,
}

/// Counts a table's files in one pass.
///
/// # Errors
/// When a file's pages cannot be decoded.
pub fn profile(name: &str, files: &[ParquetFile], threads: usize) -> Result<TableProfile> {
    let mut columns: Vec<(String, Gathered)> = Vec::new();
    let mut waiting = std::collections::BTreeMap::new();
    let mut next = 0;
    let mut outcome = Ok(());
    in_parallel(
        &pieces(files),
        threads,
        |piece| gather(&files[piece.file], piece.row_group, piece.first_row),
        |n, found| {
            waiting.insert(n, found);
            while let Some(found) = waiting.remove(&next) {
                next += 1;
                match found {
                    Ok(found) => merge(&mut columns, found),
                    Err(error) if outcome.is_ok() => outcome = Err(error),
                    Err(_) => {}
                }
            }
        },
    );
    outcome?;
    // Columns of files without rows.
    for file in files {
        let empty = columns_of(file).into_iter().map(|(_, name, t)| (name, Gathered::new(&t)));
        merge(&mut columns, empty.collect());
    }
    let rows = files.iter().map(ParquetFile::rows).sum();
    let columns = columns.into_iter().map(|(name, found)| found.finish(name, rows)).collect();
    Ok(TableProfile { name: name.to_owned(), rows, files: files.len() as u64, columns })
}

/// The numbers of every table that a check has read, of columns whose values may be shown.
///
/// # Errors
/// When a file's pages cannot be decoded.
pub fn profile_all(checked: &Checked, threads: usize) -> Result<Vec<TableProfile>> {
    let mut profiles = Vec::new();
    for table in &checked.tables {
        // What could not be read is in the report; its numbers would be of something else.
        let Ok(mut found) = profile(&table.name, &table.files, threads) else { continue };
        found.columns.retain(|c| !table.hidden.contains(&c.name));
        profiles.push(found);
    }
    Ok(profiles)
}

type Columns = Vec<(String, Gathered)>;

fn merge(columns: &mut Columns, found: Columns) {
    for (name, gathered) in found {
        match columns.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => known.add(gathered),
            None => columns.push((name, gathered)),
        }
    }
}

/// Index, name and type of a file's columns.
fn columns_of(file: &ParquetFile) -> Vec<(usize, String, arrow::datatypes::DataType)> {
    let fields = file.schema().fields().iter().enumerate();
    fields
        .filter(|(_, field)| !field.name().starts_with(UNPARSED))
        .map(|(n, field)| (n, field.name().clone(), field.data_type().clone()))
        .collect()
}

fn gather(file: &ParquetFile, row_group: usize, first_row: u64) -> Result<Columns> {
    let columns = columns_of(file);
    let wanted: Vec<usize> = columns.iter().map(|(n, ..)| *n).collect();
    let mut gathered: Columns =
        columns.into_iter().map(|(_, name, t)| (name, Gathered::new(&t))).collect();
    let wanted = Wanted { columns: &wanted, row_group: Some(row_group), ..Wanted::default() };
    let mut row = first_row;
    for batch in batches(file, &wanted)? {
        let batch = batch?;
        for ((name, gathered), array) in gathered.iter_mut().zip(batch.columns()) {
            gathered
                .take(array, row)
                .map_err(|e| Error::mend("profile", format!("column '{name}': {e}")))?;
        }
        row += batch.num_rows() as u64;
    }
    Ok(gathered)
}
