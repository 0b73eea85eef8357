//! ## What it does
//! Refuses documents beyond 1 MiB, 64 levels, or a small budget of anchors and aliases.
//!
//! ## Why it matters
//! A contract is read in CI from anyone who can open a pull request; a YAML bomb must not bring it
//! down.
//!
//! ## Example
//! ```yaml
//! a: &a [x, x]
//! b: &b [*a, *a]
//! ```
//!
//! ## What to do instead
//! Write values out; split a large contract into several.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L002", name: "limit-exceeded", severity: Severity::Error, since: "0.1.0" };
