//! ## What it does
//! Reports primary keys that contradict themselves: a position without a key, two columns at one position, a measure in the key.
//!
//! ## Why it matters
//! The order of the key is the order in which a table is stored and read.
//!
//! ## Example
//! ```yaml
//! properties:
//! - {name: a, primaryKeyPosition: 1}
//! ```
//!
//! ## What to do instead
//! Set `primaryKey: true` on each column of the key and number them from 1.

use crate::contract::model::Contract;
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L023", name: "broken-key", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for table in &contract.tables {
        let mut taken: Vec<(i64, &str)> = Vec::new();
        for column in &table.columns {
            let name = column.name.value.as_str();
            let position = column.key_position.filter(|p| *p >= 0);
            let mut report = |severity: Severity, message: String, hint: &str| {
                let found_here =
                    Diagnostic::new(&META, &contract.source, column.name.span, message);
                found.push(found_here.severity(severity).hint(hint));
            };
            match (column.primary_key, position) {
                (false, Some(position)) => report(
                    Severity::Warning,
                    format!("column '{name}' has key position {position} but is not a key"),
                    "add primaryKey: true, or drop the position",
                ),
                (true, Some(position)) => {
                    if let Some((_, other)) = taken.iter().find(|(p, _)| *p == position) {
                        report(
                            Severity::Warning,
                            format!("key position {position} is taken by '{other}'"),
                            "number the columns of the key 1, 2, 3, …: until then the order in which they are \
                             declared decides",
                        );
                    }
                    taken.push((position, name));
                }
                _ => {}
            }
            if column.primary_key && column.measure {
                report(
                    Severity::Error,
                    format!("measure '{name}' is part of the primary key"),
                    "a measure is computed by readers and is not in any file",
                );
            }
        }
    }
}
