//! ## What it does
//! Reports two contracts of a project with one id and major, or with one SQL name.
//!
//! ## Why it matters
//! A name must lead to one contract.
//!
//! ## Example
//! ```yaml
//! # a.odcs.yaml and b.odcs.yaml
//! id: learning
//! version: 1.0.0
//! ```
//!
//! ## What to do instead
//! Change the id, raise the major of one, or set custom property `sqlName`.

use crate::contract::model::Contract;
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L032", name: "project-clash", severity: Severity::Error, since: "0.1.0" };

/// Finds every clash among the contracts of a project.
pub fn check_project(contracts: &[Contract], found: &mut Vec<Diagnostic>) {
    for (n, contract) in contracts.iter().enumerate() {
        for other in &contracts[..n] {
            let same_id = contract.id == other.id;
            if same_id && contract.version.major == other.version.major {
                let span = contract.tree.get("id").map_or(contract.tree.span, |i| i.span);
                let message = format!(
                    "contract '{}' major {} stands twice",
                    contract.id, contract.version.major
                );
                found.push(Diagnostic::new(&META, &contract.source, span, message).hint(format!(
                    "the other is {}: raise the version of one of them to {}.0.0",
                    other.source.name,
                    contract.version.major + 1
                )));
            }
            let name = &contract.sql_name;
            if !same_id && name.value.eq_ignore_ascii_case(&other.sql_name.value) {
                let message = format!("SQL name '{}' is taken by another contract", name.value);
                found.push(Diagnostic::new(&META, &contract.source, name.span, message).hint(
                    format!("'{}' in {}; set custom property sqlName", other.id, other.source.name),
                ));
            }
        }
    }
}
