//! Statistics: bounds and absence of NULLs proven by footers alone, where the user trusts them.
//!
//! Only a test that holds is proven this way; one that seems to fail is scanned and counted.
//! Nothing is proven for floats: their minima and maxima ignore NaN.

use arrow::array::{Array, ArrayRef};
use datafusion::common::ScalarValue;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;

use crate::check::plan::clause::{Clause, Limit, Proof, Test};
use crate::engine::parquet_file::ParquetFile;

/// The clauses that the statistics of every row group prove.
pub(in crate::check) fn proven(files: &[ParquetFile], clauses: &[Clause]) -> Vec<usize> {
    let holds = |clause: &Clause| {
        let Test::Rows(test) = &clause.test else { return false };
        let Some(proof) = &test.proof else { return false };
        let plainly = test.path.is_empty()
            && clause.scope.filter.is_none()
            && clause.scope.group_by.is_empty()
            && !clause.scope.previous;
        plainly && files.iter().all(|file| proves(file, &test.column, proof) == Some(true))
    };
    (0..clauses.len()).filter(|n| holds(&clauses[*n])).collect()
}

/// Whether a file's statistics prove a test; `None` where they do not say.
fn proves(file: &ParquetFile, column: &str, proof: &Proof) -> Option<bool> {
    let parquet_schema = file.metadata.parquet_schema();
    let statistics =
        StatisticsConverter::try_new(column, file.metadata.schema(), parquet_schema).ok()?;
    // A missing count is not zero.
    let statistics = statistics.with_missing_null_counts_as_zero(false);
    let row_groups = file.footer().row_groups();
    match proof {
        Proof::NoNull => {
            let counts = statistics.row_group_null_counts(row_groups).ok()?;
            Some(counts.null_count() == 0 && counts.values().iter().all(|n| *n == 0))
        }
        Proof::AtLeast(limit) => {
            let least = statistics.row_group_mins(row_groups).ok()?;
            compared(&least, limit, std::cmp::Ordering::is_ge)
        }
        Proof::AtMost(limit) => {
            let greatest = statistics.row_group_maxes(row_groups).ok()?;
            compared(&greatest, limit, std::cmp::Ordering::is_le)
        }
    }
}

fn compared(
    found: &ArrayRef,
    limit: &Limit,
    holds: fn(std::cmp::Ordering) -> bool,
) -> Option<bool> {
    if found.data_type().is_floating() {
        return None;
    }
    let limit = limit(found.data_type())?;
    (0..found.len()).try_fold(true, |all, row| {
        let value = ScalarValue::try_from_array(found, row).ok().filter(|v| !v.is_null())?;
        Some(all && holds(value.partial_cmp(&limit)?))
    })
}
