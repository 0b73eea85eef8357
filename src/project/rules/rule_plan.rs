//! ## What it does
//! Reports SQL of a contract that does not plan: a rule's query, or the predicate of a `where`.
//!
//! ## Why it matters
//! It would be `not-executed`, and fail every delivery; a misspelled column is found here first.
//!
//! ## Example
//! ```yaml
//! quality:
//! - {type: sql, query: "select count(*) form {table}", mustBe: 0}
//! ```
//!
//! ## What to do instead
//! Correct the SQL; tables and columns have the names that the contract gives them.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "C004", name: "rule-plan", severity: Severity::Error, since: "0.1.0" };
