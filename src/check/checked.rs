//! What a check hands on.

use crate::engine::parquet_file::ParquetFile;

use super::report::Report;

/// A check's report, and what a publish needs to know beyond it.
#[derive(Debug)]
pub struct Checked {
    /// The report.
    pub report: Report,
    /// The tables as they were read.
    pub tables: Vec<CheckedTable>,
    /// Whether a clause looked at the contract's current release.
    pub looked_back: bool,
}

/// A table as it was read.
#[derive(Debug)]
pub struct CheckedTable {
    /// The table's name, as declared.
    pub name: String,
    /// Its files; in the order of the primary key when `sorted`.
    pub files: Vec<ParquetFile>,
    /// Whether all rows are sorted by the primary key.
    pub sorted: bool,
    /// Columns, by their names in files, whose values stay out of reports.
    pub hidden: Vec<String>,
}
