//! ## What it does
//! Reports a table, column or contract that is removed before it was deprecated for as long as the
//! policy requires (`diff: {deprecation: {days: N, versions: N}}`).
//!
//! ## Why it matters
//! Its readers had no time to move.
//!
//! ## Example
//! ```yaml
//! # pactum.yaml
//! diff:
//!   deprecation: {days: 30, versions: 1}
//! ```
//!
//! ## What to do instead
//! Set `deprecated: true` on it, publish, and remove it when the time has passed.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta = Meta {
    code: "D073",
    name: "removed-without-deprecation",
    severity: Severity::Error,
    since: "0.1.0",
};
