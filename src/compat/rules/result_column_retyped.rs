//! ## What it does
//! Reports a result column of an endpoint whose type changed. A wider integer or float does not
//! count.
//!
//! ## Why it matters
//! Clients parse a field as its old type.
//!
//! ## Example
//! ```yaml
//! # select rank::varchar as rank from …   was: rank (integer)
//! ```
//!
//! ## What to do instead
//! Add a column of the new type beside the old one.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D064", name: "result-column-retyped", severity: Severity::Error, since: "0.1.0" };
