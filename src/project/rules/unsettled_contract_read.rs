//! ## What it does
//! Reports a consumer that reads a contract whose status is draft, proposed, deprecated or retired.
//!
//! ## Why it matters
//! A draft may change without a new version, and a deprecated or retired contract goes away.
//!
//! ## Example
//! ```sql
//! -- owner: home-page
//! select score from experiments.results -- status: draft
//! ```
//!
//! ## What to do instead
//! Wait until the contract is active, or move to what replaces it.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta = Meta {
    code: "C007",
    name: "unsettled-contract-read",
    severity: Severity::Warning,
    since: "0.1.0",
};
