//! ## What it does
//! Reports a contract whose version is below the base's.
//!
//! ## Why it matters
//! Versions only rise: data served under the greater one would have no document.
//!
//! ## Example
//! ```yaml
//! version: 1.2.0 # was 1.3.0
//! ```
//!
//! ## What to do instead
//! Raise the version above the base's.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D071", name: "version-lowered", severity: Severity::Error, since: "0.1.0" };
