//! ## What it does
//! Warns about a `physicalType` that no known dialect has; it has no effect. So do parts of one that no
//! clause tests: `not null`, and the words of a `set`.
//!
//! ## Why it matters
//! The author believes that the type is checked.
//!
//! ## Example
//! ```yaml
//! physicalType: varcha(10)
//! ```
//!
//! ## What to do instead
//! Use a type of Postgres, DuckDB, Spark, Snowflake, BigQuery or Arrow.

use crate::contract::lint::all_columns;
use crate::contract::model::{Column, Contract};
use crate::contract::types::parse_physical;
use crate::contract::yaml::spelling_hint;
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta = Meta {
    code: "L026",
    name: "unknown-physical-type",
    severity: Severity::Warning,
    since: "0.1.0",
};

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for column in all_columns(contract) {
        let Some(physical) = &column.physical_type else { continue };
        if parse_physical(&physical.value).is_none() {
            let known =
                ["varchar", "bigint", "integer", "double", "decimal", "timestamp", "boolean"];
            let message = format!("physicalType '{}' is unknown and binds nothing", physical.value);
            found.push(
                Diagnostic::new(&META, &contract.source, physical.span, message)
                    .maybe_hint(spelling_hint(&physical.value, known)),
            );
        }
        if let Some((what, hint)) = untested(column, &physical.value) {
            let message = format!("{what} of physicalType '{}' is not tested", physical.value);
            found.push(Diagnostic::new(&META, &contract.source, physical.span, message).hint(hint));
        }
    }
}

/// What a spelling says beside its type, and where the standard says it.
fn untested(column: &Column, spelling: &str) -> Option<(&'static str, &'static str)> {
    let folded = spelling.to_lowercase();
    let words: Vec<&str> = folded.split_whitespace().collect();
    let is_demanded = column.required.is_some() || column.primary_key;
    if words.windows(2).any(|pair| pair == ["not", "null"]) && !is_demanded {
        return Some(("'not null'", "write required: true"));
    }
    (folded.starts_with("set(") || folded.starts_with("set ("))
        .then_some(("the list of words", "state a pattern for the texts in logicalTypeOptions"))
}
