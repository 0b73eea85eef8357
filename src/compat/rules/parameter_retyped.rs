//! ## What it does
//! Reports an endpoint's parameter of another type. A wider integer or float takes every old value.
//!
//! ## Why it matters
//! A request with an old value is refused, or means something else.
//!
//! ## Example
//! ```yaml
//! # --   learner_id: {type: varchar}   was: bigint
//! ```
//!
//! ## What to do instead
//! Add a parameter of the new type beside the old one.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D062", name: "parameter-retyped", severity: Severity::Error, since: "0.1.0" };
