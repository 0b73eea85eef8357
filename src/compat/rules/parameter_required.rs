//! ## What it does
//! Reports an endpoint's parameter that was optional and is now required.
//!
//! ## Why it matters
//! A request without it is refused.
//!
//! ## Example
//! ```yaml
//! # --   level: {type: varchar, required: true}   was: required: false
//! ```
//!
//! ## What to do instead
//! Give it a default.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D061", name: "parameter-required", severity: Severity::Error, since: "0.1.0" };
