//! ## What it does
//! Reports a result column that an endpoint no longer returns, whether its SQL or the table changed.
//!
//! ## Why it matters
//! Clients read a field that is not there.
//!
//! ## Example
//! ```yaml
//! # select rank from …   was: select rank, score from …
//! ```
//!
//! ## What to do instead
//! Keep the column, or serve the new form under another path.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D063", name: "result-column-removed", severity: Severity::Error, since: "0.1.0" };
