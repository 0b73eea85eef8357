//! ## What it does
//! Reports a contract whose version makes a smaller step than its changes need.
//!
//! ## Why it matters
//! Consumers read from the version whether they have to look: a break under a minor version finds them
//! unprepared.
//!
//! ## Example
//! ```yaml
//! version: 1.3.0 # was 1.2.0, and a column is gone: 2.0.0 is needed
//! ```
//!
//! ## What to do instead
//! Raise the version (`pactum diff --fix` does), take the change back, or have it waived.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D070", name: "bump-too-small", severity: Severity::Error, since: "0.1.0" };
