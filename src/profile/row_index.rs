//! Columns that only number the rows, as notebooks write them beside the data.

use super::ColumnProfile;

/// Names that pandas and R give to the numbers of rows.
const NAMES: &[&str] = &["Unnamed: 0", "...1"];

/// Whether a column is a data frame's row numbers, and no part of the data; or has no name, so that
/// no contract can declare it.
pub(super) fn is_row_index(column: &ColumnProfile) -> bool {
    if column.name.is_empty() {
        return true;
    }
    let by_name = NAMES.contains(&column.name.as_str()) || is_pandas(&column.name);
    by_name && column.nulls == 0 && counts(column)
}

/// Why the column is there, and how it is left out of the file.
pub(super) fn explained(column: &ColumnProfile) -> String {
    if column.name.is_empty() && !counts(column) {
        return "a column has no name, and cannot be declared: write one above it".to_owned();
    }
    let name = match column.name.as_str() {
        "" => "the column without a name".to_owned(),
        name => format!("column {name}"),
    };
    let call = if is_pandas(&column.name) { "to_parquet" } else { "to_csv" };
    format!(
        "{name} is a data frame's row index: not declared here; {call}(index=False) leaves it out"
    )
}

/// The name that pandas gives to an index without one.
pub(super) fn is_pandas(name: &str) -> bool {
    name.strip_prefix("__index_level_").is_some_and(|rest| rest.ends_with("__"))
}

/// Whole numbers from zero on; gaps are rows that were dropped.
fn counts(column: &ColumnProfile) -> bool {
    let least = column.min.as_ref().and_then(|min| min.as_i64());
    let is_repeated = column.distinct_is_exact && column.distinct != Some(column.rows);
    column.data_type.is_integer() && least.is_some_and(|least| least >= 0) && !is_repeated
}
