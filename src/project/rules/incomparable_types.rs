//! ## What it does
//! Reports a comparison in a consumer of two types that have nothing in common, such as a text and a
//! number. A text in quotes is compared with what it can be read as: `day >= '2026-01-01'`.
//!
//! ## Why it matters
//! The engine would turn one side into text, or fail when the query runs: rows are missing without any
//! error.
//!
//! ## Example
//! ```sql
//! -- owner: home-page
//! select score from recommendations.results where module = 1
//! ```
//!
//! ## What to do instead
//! Compare with a value of the column's type, or cast one side.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "C005", name: "incomparable-types", severity: Severity::Error, since: "0.1.0" };
