//! Profile: the numbers of data, in one pass, and the contract that they suggest.
//!
//! Owns what is counted of a column, the search for keys, and the draft. Never judges: that is
//! `check`'s business.

mod column;
mod distinct;
mod draft;
mod keys;
mod naming;
mod numbers;
mod personal;
mod row_index;
mod sample;
mod shape;
mod texts;
mod words;

use std::collections::HashMap;

use arrow::datatypes::DataType;
use serde::Serialize;

use crate::check::{Checked, Piece, Verdict, pieces};
use crate::engine::damage::contained;
use crate::engine::in_parallel;
use crate::engine::pages::walk_row_group;
use crate::engine::parquet_file::{ParquetFile, common_type};
use crate::engine::reader::{Wanted, batches};
use crate::engine::unparsed::UNPARSED;
use crate::error::{Error, Result};

use column::Gathered;

pub use column::ColumnProfile;
pub use draft::{Texts, draft, typed_draft};
pub use keys::{Keys, candidate_keys};
pub use numbers::{Histogram, Numbers, Quartiles, bar_of};
pub use personal::{Personal, personal};
pub use texts::TextProfile;

/// Bytes that a page may claim.
const MOST_BYTES: usize = 1 << 30;

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
    profile_of(name, files, threads, &|_| true)
}

/// Counts some columns of a table's files, by their names in files.
///
/// # Errors
/// As [`profile`].
pub fn profile_of(
    name: &str,
    files: &[ParquetFile],
    threads: usize,
    wanted: &(dyn Fn(&str) -> bool + Sync),
) -> Result<TableProfile> {
    let mut columns: Vec<(String, Gathered)> = Vec::new();
    let mut waiting = std::collections::BTreeMap::new();
    let mut next = 0;
    let mut outcome = Ok(());
    let types = types_of(files);
    in_parallel(
        &pieces(files),
        threads,
        |piece| {
            let gathered = contained(|| gather(&files[piece.file], piece, &types, wanted));
            gathered.unwrap_or_else(|| Err(damaged("a page cannot be decoded")))
        },
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
        let empty =
            columns_of(file).into_iter().filter(|(_, name)| wanted(name)).map(|(_, name)| {
                let gathered = Gathered::new(&types[&name]);
                (name, gathered)
            });
        merge(&mut columns, empty.collect());
    }
    let rows = files.iter().map(ParquetFile::rows).sum();
    let columns = columns.into_iter().map(|(name, found)| found.finish(name, rows)).collect();
    Ok(TableProfile { name: name.to_owned(), rows, files: files.len() as u64, columns })
}

/// The numbers of every table that a check has read, for columns whose values may be shown.
///
/// # Errors
/// When a file's pages cannot be decoded.
pub fn profile_all(checked: &Checked, threads: usize) -> Result<Vec<TableProfile>> {
    let mut profiles = Vec::new();
    for (table, report) in checked.tables.iter().zip(&checked.report.tables) {
        // Unreadable files are in the report; numbers without them would mislead.
        if report.clauses.iter().any(|c| c.kind == "readable" && c.verdict != Verdict::Passed) {
            continue;
        }
        let mut found = profile(&table.name, &table.files, threads)?;
        found.columns.retain(|c| !table.hidden.contains(&c.name));
        profiles.push(found);
    }
    Ok(profiles)
}

impl TableProfile {
    /// Keeps what texts of the columns told before they were read as values: which of them stand
    /// for a missing one.
    #[must_use]
    pub fn read_from(mut self, texts: &Self) -> Self {
        for column in &mut self.columns {
            let before = texts.columns.iter().find(|known| known.name == column.name);
            if let Some(before) = before {
                column.placeholders.clone_from(&before.placeholders);
            }
        }
        self
    }
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

/// Index and name of a file's columns.
fn columns_of(file: &ParquetFile) -> Vec<(usize, String)> {
    let fields = file.schema().fields().iter().enumerate();
    fields
        .filter(|(_, field)| !field.name().starts_with(UNPARSED))
        .map(|(n, field)| (n, field.name().clone()))
        .collect()
}

/// The type that holds each column's values in all files; of columns that have none in common, that
/// of the first.
fn types_of(files: &[ParquetFile]) -> HashMap<String, DataType> {
    let mut types = HashMap::new();
    for file in files {
        for (n, name) in columns_of(file) {
            let own = || file.schema().field(n).data_type().clone();
            let common = || common_type(files, &name).ok().flatten().unwrap_or_else(own);
            if !types.contains_key(&name) {
                types.insert(name.clone(), common());
            }
        }
    }
    types
}

fn damaged(reason: impl Into<String>) -> Error {
    Error::mend("damaged-file", reason)
}

fn gather(
    file: &ParquetFile,
    piece: &Piece,
    types: &HashMap<String, DataType>,
    is_wanted: &(dyn Fn(&str) -> bool + Sync),
) -> Result<Columns> {
    let Piece { row_group, first_row, .. } = *piece;
    let open = file.input.bytes()?;
    walk_row_group(&open, file.footer().row_group(row_group), MOST_BYTES).map_err(damaged)?;
    let mut columns = columns_of(file);
    columns.retain(|(_, name)| is_wanted(name));
    let wanted: Vec<usize> = columns.iter().map(|(n, _)| *n).collect();
    let mut gathered: Columns = columns
        .into_iter()
        .map(|(_, name)| {
            let gathered = Gathered::new(&types[&name]);
            (name, gathered)
        })
        .collect();
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
