//! ## What it does
//! Reports an endpoint whose result is `select *`.
//!
//! ## Why it matters
//! Its result changes with every column that a table gains: clients get fields that were never
//! meant for them.
//!
//! ## Example
//! ```sql
//! -- owner: home-page
//! -- params: {}
//! select * from recommendations.results
//! ```
//!
//! ## What to do instead
//! List the columns that the endpoint returns.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "C006", name: "star-in-endpoint", severity: Severity::Warning, since: "0.1.0" };
