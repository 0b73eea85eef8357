//! ## What it does
//! Refuses a key that occurs twice in one mapping.
//!
//! ## Why it matters
//! One of the two would silently win, and a reader cannot tell which.
//!
//! ## Example
//! ```yaml
//! required: true
//! required: false
//! ```
//!
//! ## What to do instead
//! Keep one.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L003", name: "duplicate-key", severity: Severity::Error, since: "0.1.0" };
