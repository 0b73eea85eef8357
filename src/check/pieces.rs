//! Pieces of a delivery: row groups, shared among all threads.

use crate::engine::parquet_file::ParquetFile;

/// One row group of one file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    /// The file's index.
    pub file: usize,
    /// The row group's index in the file.
    pub row_group: usize,
    /// The number in its file of the first row.
    pub first_row: u64,
}

/// Every row group, file by file.
pub(crate) fn pieces(files: &[ParquetFile]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (file, parquet) in files.iter().enumerate() {
        let mut first_row = 0;
        for row_group in 0..parquet.footer().num_row_groups() {
            pieces.push(Piece { file, row_group, first_row });
            let rows = parquet.footer().row_group(row_group).num_rows();
            first_row += u64::try_from(rows).unwrap_or(0);
        }
    }
    pieces
}
