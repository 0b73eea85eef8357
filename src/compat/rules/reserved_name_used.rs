//! ## What it does
//! Reports a table or column with a name that the policy reserves (`diff: {reserved_names: [...]}`).
//!
//! ## Why it matters
//! The name meant something else once: old queries would read new values.
//!
//! ## Example
//! ```yaml
//! # pactum.yaml
//! diff:
//!   reserved_names: [learning.learners.ssn]
//! ```
//!
//! ## What to do instead
//! Choose another name.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D074", name: "reserved-name-used", severity: Severity::Error, since: "0.1.0" };
