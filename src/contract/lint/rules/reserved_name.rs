//! ## What it does
//! Reports a contract whose SQL name is `pactum`, `information_schema` or `pg_catalog`, or begins with
//! `pactum_`, in any case.
//!
//! ## Why it matters
//! These are the schemas of system tables, and those under which a check reads the previous release
//! and the tables of other contracts: the contract's own tables could not be read, or others would
//! be read instead.
//!
//! ## Example
//! ```yaml
//! name: pactum
//! ```
//!
//! ## What to do instead
//! Choose another name, or set custom property `sqlName`.

use crate::contract::model::Contract;
use crate::contract::names::{folded, shown};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L035", name: "reserved-name", severity: Severity::Error, since: "0.1.0" };

/// Schemas that hold something else, folded.
const RESERVED: [&str; 3] = ["information_schema", "pactum", "pg_catalog"];

/// What the schemas of a check's session begin with, folded.
const OWN: &str = "pactum_";

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    let name = &contract.sql_name;
    let folded = folded(&name.value);
    let is_internal = folded.starts_with(OWN);
    if is_internal || RESERVED.contains(&folded.as_str()) {
        let message = match is_internal {
            true => {
                format!("'{}' begins like the schemas that a check creates", shown(&name.value))
            }
            false => format!("'{}' is the schema of the system tables", name.value),
        };
        found.push(
            Diagnostic::new(&META, &contract.source, name.span, message)
                .hint("choose another name, or set custom property sqlName"),
        );
    }
}
