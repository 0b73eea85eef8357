//! Candidate keys: columns that distinguish every row from every other, verified on every row.

use arrow::datatypes::DataType;

use crate::check::{is_unique, unique_in_sample};
use crate::engine::Limits;
use crate::engine::parquet_file::ParquetFile;
use crate::error::Result;

use super::{ColumnProfile, TableProfile};

/// Columns of a key, at most.
const WIDEST: usize = 3;
/// Columns that keys are sought among: the first ones, where keys usually stand.
const MOST_COLUMNS: usize = 16;
/// Keys that are verified on every row, at most.
const MOST: usize = 6;

/// The narrowest keys of a table, the leftmost first; empty when no few columns form one.
///
/// # Errors
/// When a file cannot be read.
pub fn candidate_keys(
    profile: &TableProfile,
    files: &[ParquetFile],
    limits: &Limits,
) -> Result<Vec<Vec<String>>> {
    if profile.rows < 2 {
        return Ok(Vec::new());
    }
    let mut usable: Vec<&ColumnProfile> = profile.columns.iter().filter(|c| is_usable(c)).collect();
    usable.truncate(MOST_COLUMNS);
    for width in 1..=WIDEST.min(usable.len()) {
        let mut found = Vec::new();
        let mut verified = 0;
        for columns in combinations(&usable, width) {
            let enough = columns.iter().map(|c| u128::from(c.distinct)).product::<u128>();
            // Estimates may fall short by a few percent.
            if enough * 100 < u128::from(profile.rows) * 90 || verified == MOST {
                continue;
            }
            let names: Vec<String> = columns.iter().map(|c| c.name.clone()).collect();
            if !unique_in_sample(files, &names)? {
                continue;
            }
            verified += 1;
            if is_unique(files, &names, limits)? {
                found.push(names);
            }
        }
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// Scores and long texts are not keys; NULL distinguishes nothing.
fn is_usable(column: &ColumnProfile) -> bool {
    let text = column.text.as_ref().is_none_or(|t| t.longest <= 64 && t.blanks < 2.0);
    column.nulls == 0
        && text
        && !column.data_type.is_nested()
        && !column.data_type.is_floating()
        && !matches!(column.data_type, DataType::Binary | DataType::Boolean | DataType::Null)
}

/// Every choice of this many columns, the leftmost first.
fn combinations<'a>(columns: &[&'a ColumnProfile], width: usize) -> Vec<Vec<&'a ColumnProfile>> {
    if width == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (n, first) in columns.iter().enumerate() {
        for mut rest in combinations(&columns[n + 1..], width - 1) {
            rest.insert(0, first);
            all.push(rest);
        }
    }
    all
}
