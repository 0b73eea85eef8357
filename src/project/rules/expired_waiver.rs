//! ## What it does
//! Reports a waiver in the scope of the run whose last day has passed.
//!
//! ## Why it matters
//! The exception was approved until that day; after it, the approval no longer applies.
//!
//! ## Example
//! ```yaml
//! check:
//! - {contract: learning, clause: scores/score/maximum, reason: late fix, approved_by: ann, expires: 2020-01-31}
//! ```
//!
//! ## What to do instead
//! Mend the data and remove the waiver, or have it approved again.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "P003", name: "expired-waiver", severity: Severity::Error, since: "0.1.0" };
