//! Places: what an error of a run says about files, without classified values in their paths.

use crate::contract::Contract;
use crate::engine::files::hidden_in_text;
use crate::error::Error;

use super::report::REDACTED;

/// The error without values of classified columns in Hive-style folders of paths.
#[must_use]
pub fn without_path_values(contract: &Contract, public: &[String], error: Error) -> Error {
    let columns = || contract.tables.iter().flat_map(|table| &table.columns);
    let hides = |name: &str| columns().any(|c| c.classified(public) && c.is_called(name));
    error.reworded(|text| hidden_in_text(text, hides, REDACTED))
}
