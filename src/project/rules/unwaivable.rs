//! ## What it does
//! Reports a waiver of a type, a key or a required column.
//!
//! ## Why it matters
//! Readers are built on types, keys and required columns: an exception there breaks them.
//!
//! ## Example
//! ```yaml
//! check:
//! - {contract: learning, clause: scores/score/required, reason: late fix, approved_by: ann, expires: 2099-01-31}
//! ```
//!
//! ## What to do instead
//! Mend the data, or change the contract in a new version.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "P005", name: "unwaivable", severity: Severity::Error, since: "0.1.0" };
