//! ## What it does
//! Reports text that is not YAML.
//!
//! ## Why it matters
//! Nothing else can be said about the document until it can be read.
//!
//! ## Example
//! ```yaml
//! schema: [a, b
//! ```
//!
//! ## What to do instead
//! Close open brackets and quotes; indent with spaces; quote strings that hold `: ` or start with a
//! symbol.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L001", name: "yaml-syntax", severity: Severity::Error, since: "0.1.0" };
