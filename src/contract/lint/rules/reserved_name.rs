//! ## What it does
//! Reports a contract whose SQL name is `pactum`, `information_schema` or `pg_catalog`, in any case.
//!
//! ## Why it matters
//! These are the schemas of system tables: the contract's own tables could not be read.
//!
//! ## Example
//! ```yaml
//! name: pactum
//! ```
//!
//! ## What to do instead
//! Choose another name, or set custom property `sqlName`.

use crate::contract::model::Contract;
use crate::contract::names::folded;
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L035", name: "reserved-name", severity: Severity::Error, since: "0.1.0" };

/// Schemas that hold something else, folded.
const RESERVED: [&str; 3] = ["information_schema", "pactum", "pg_catalog"];

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    let name = &contract.sql_name;
    if RESERVED.contains(&folded(&name.value).as_str()) {
        let message = format!("'{}' is the schema of the system tables", name.value);
        found.push(
            Diagnostic::new(&META, &contract.source, name.span, message)
                .hint("choose another name, or set custom property sqlName"),
        );
    }
}
