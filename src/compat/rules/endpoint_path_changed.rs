//! ## What it does
//! Reports an endpoint that is served under another path, or no longer.
//!
//! ## Why it matters
//! Requests to the old path find nothing.
//!
//! ## Example
//! ```yaml
//! # sql/home/top.sql was moved to sql/home_page/top.sql
//! ```
//!
//! ## What to do instead
//! Keep the old file until no client asks for it.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D065", name: "endpoint-path-changed", severity: Severity::Error, since: "0.1.0" };
