//! ## What it does
//! Reports SQL of a contract that does not plan: a rule's query, or the predicate of a `where`.
//!
//! ## Why it matters
//! It would be `not-executed`, and fail every delivery; a misspelled column is found here first.
//!
//! Where `servers` names an engine, such as snowflake or bigquery, the SQL may be in its dialect: then
//! this is a warning, and the rule is `not-executed`.
//!
//! ## Example
//! ```yaml
//! quality:
//! - {type: sql, query: "select count(*) form {table}", mustBe: 0}
//! ```
//!
//! ## What to do instead
//! Correct the SQL. Rules read tables and columns by `name` or `physicalName`, tables by the names
//! that `servers` give them, and those of the project's other contracts as `contract.table`. Where
//! the server runs the rule, name its engine in pactum.yaml: `external_engines: [snowflake]`.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "C004", name: "rule-plan", severity: Severity::Error, since: "0.1.0" };
