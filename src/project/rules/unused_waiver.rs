//! ## What it does
//! Reports a waiver in the scope of the run that no failing clause needs.
//!
//! ## Why it matters
//! An exception that is no longer needed hides the next failure.
//!
//! ## Example
//! ```yaml
//! check:
//! - {contract: learning, clause: scores/scroe/maximum, reason: late fix, approved_by: ann, expires: 2099-01-31}
//! ```
//!
//! ## What to do instead
//! Remove the waiver, or correct the id of its clause.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "P004", name: "unused-waiver", severity: Severity::Warning, since: "0.1.0" };
