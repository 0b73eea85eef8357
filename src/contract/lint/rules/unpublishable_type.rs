//! ## What it does
//! Warns about columns whose type has no Delta type: times, unsigned 64-bit and 128-bit integers.
//!
//! ## Why it matters
//! Deliveries can be checked, but not published.
//!
//! ## Example
//! ```yaml
//! logicalType: time
//! ```
//!
//! ## What to do instead
//! Use a string, an integer or decimal(20,0).

use crate::contract::lint::all_columns;
use crate::contract::model::{Contract, LogicalType};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L029", name: "unpublishable-type", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for column in all_columns(contract) {
        let format = column.options.text("format").unwrap_or_default();
        let decimal = match &*format {
            "u64" => Some("decimal(20,0)"),
            "i128" | "u128" => Some("decimal(38,0)"),
            _ => None,
        };
        let hint = match (column.logical_type.as_ref().map(|t| t.value), decimal) {
            (Some(LogicalType::Time), _) => {
                "to publish it, declare the column a string, and deliver texts".to_owned()
            }
            (Some(LogicalType::Integer), Some(decimal)) => format!(
                "write physicalType: '{decimal}' instead of the format, and deliver the column in that type"
            ),
            _ => continue,
        };
        let what = if decimal.is_some() { &*format } else { "time" };
        let message = format!("{what} has no Delta type: this table cannot be published");
        found.push(Diagnostic::new(&META, &contract.source, column.name.span, message).hint(hint));
    }
}
