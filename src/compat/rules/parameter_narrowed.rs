//! ## What it does
//! Reports an endpoint's parameter that takes fewer values: a list of allowed values that is new or
//! shorter, a higher minimum, a lower maximum, fewer items.
//!
//! ## Why it matters
//! A request with a formerly accepted value is refused.
//!
//! ## Example
//! ```yaml
//! # --   limit: {type: integer, maximum: 10}   was: maximum: 100
//! ```
//!
//! ## What to do instead
//! Keep accepting the value, and treat it as the nearest allowed one.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D066", name: "parameter-narrowed", severity: Severity::Error, since: "0.1.0" };
