//! ## What it does
//! Reports what `pactum.yaml` must not hold: unknown keys, wrong types, variables that are not set.
//!
//! ## Why it matters
//! A misspelled setting would silently be the default.
//!
//! ## Example
//! ```yaml
//! warehuose: ./warehouse
//! ```
//!
//! ## What to do instead
//! Correct the key; the message names the nearest.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "P001", name: "bad-setting", severity: Severity::Error, since: "0.1.0" };
