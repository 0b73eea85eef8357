//! ## What it does
//! Reports an endpoint's parameter that is gone.
//!
//! ## Why it matters
//! A request that passes it is refused.
//!
//! ## Example
//! ```yaml
//! # -- params:            was: learner_id, limit
//! # --   learner_id: {type: bigint, required: true}
//! ```
//!
//! ## What to do instead
//! Keep the parameter and ignore it, or serve the new form under another path.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D060", name: "parameter-removed", severity: Severity::Error, since: "0.1.0" };
