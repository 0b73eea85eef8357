//! Pieces of a delivery: row groups, shared among all threads.

use crate::engine::parquet_file::ParquetFile;

/// One row group of one file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    /// The file's index.
    pub file: usize,
    /// The row group's index in the file.
    pub row_group: usize,
    /// The first row's place in its file, among the rows that are left.
    pub first_row: u64,
}

/// Every row group, file by file.
pub(crate) fn pieces(files: &[ParquetFile]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (file, parquet) in files.iter().enumerate() {
        let mut first_row = 0;
        for row_group in 0..parquet.footer().num_row_groups() {
            pieces.push(Piece { file, row_group, first_row });
            first_row += parquet.rows_of(row_group);
        }
    }
    pieces
}
