//! The text of an argument that a function takes whatever its type is.

use arrow::array::AsArray;
use datafusion::error::Result;

use crate::engine::dialect::scalars::Row;

/// An argument that is not NULL, as PostgreSQL writes it. What is true or false has one letter here, where a
/// cast to text has a word.
pub(super) fn shown<'a>(row: &Row<'a>, at: usize) -> Result<&'a str> {
    let is_bool = row.array(at).is_some_and(|(array, _)| array.as_boolean_opt().is_some());
    Ok(match (is_bool, row.boolean(at)) {
        (false, _) => row.text(at),
        (true, true) => "t",
        (true, false) => "f",
    })
}
