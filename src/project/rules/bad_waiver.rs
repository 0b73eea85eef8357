//! ## What it does
//! Reports what `waivers.yaml` must not hold: unknown keys, missing ones, invalid dates.
//!
//! ## Why it matters
//! An exception that nobody can read was approved by nobody.
//!
//! ## Example
//! ```yaml
//! check:
//! - {contract: learning, clause: scores/score/maximum, expires: soon}
//! ```
//!
//! ## What to do instead
//! Give every waiver `contract`, `clause` (or `rule`), `reason`, `approved_by` and `expires`.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "P002", name: "bad-waiver", severity: Severity::Error, since: "0.1.0" };
