//! Late materialization: whether a scan decodes the columns of a condition first, and the others for the rows
//! alone that pass.
//!
//! Rows that pass lie scattered, as a rule. Then nearly every page has some, and is decompressed whatever the
//! condition says; to skip rows within pages costs more than it saves, unless the other columns are
//! many or wide. (Pages and row groups that statistics rule out are never read, either way.)

use std::sync::Arc;

use datafusion::logical_expr::Expr;
use parquet::file::metadata::ParquetMetaData;

/// The other columns must have so many times the bytes of those that the condition reads.
const WORTH: u64 = 8;

/// The stored bytes of a table's columns, by their names in the files.
pub(super) fn stored_bytes<'a>(
    columns: impl Iterator<Item = &'a str>,
    footers: &[&Arc<ParquetMetaData>],
) -> Vec<u64> {
    let chunks = || {
        let groups = footers.iter().flat_map(|footer| footer.row_groups());
        groups.flat_map(|group| group.columns())
    };
    let bytes = |column: &str| {
        let own = chunks().filter(|c| c.column_path().parts().first().is_some_and(|n| n == column));
        own.map(|chunk| u64::try_from(chunk.compressed_size()).unwrap_or(0)).sum()
    };
    columns.map(bytes).collect()
}

/// Whether rows are left out before the columns that no condition reads are decoded. Of each wanted column: its
/// stored bytes, and whether a condition reads it.
pub(super) fn pays(wanted: impl Iterator<Item = (u64, bool)>) -> bool {
    let (mut read, mut others) = (0_u64, 0_u64);
    for (bytes, is_read) in wanted {
        match is_read {
            true => read = read.saturating_add(bytes),
            false => others = others.saturating_add(bytes),
        }
    }
    others >= read.saturating_mul(WORTH)
}

/// Whether a condition reads the column.
pub(super) fn reads(conditions: &[Expr], column: &str) -> bool {
    conditions.iter().any(|e| e.column_refs().iter().any(|found| found.name == column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_on_little_spares_much() {
        let pays = |columns: &[(u64, bool)]| pays(columns.iter().copied());
        assert!(pays(&[(1, true), (8, false)]));
        assert!(pays(&[(1, true), (4, false), (4, false)]));
        assert!(!pays(&[(1, true), (7, false)]));
        assert!(!pays(&[(1, true), (1, true), (15, false)]));
        assert!(!pays(&[(5, true)]));
        // A condition on the columns of the path alone costs nothing.
        assert!(pays(&[(0, true), (1, false)]));
    }
}
