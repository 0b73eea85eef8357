//! ## What it does
//! Warns where a document uses something newer than the version of the standard that it declares.
//!
//! ## Why it matters
//! Other tools may refuse the document or silently ignore the key.
//!
//! ## Example
//! ```yaml
//! apiVersion: v3.0.2
//! schema:
//! - name: t
//!   properties:
//!   - {name: at, logicalType: timestamp}
//! ```
//!
//! ## What to do instead
//! Raise `apiVersion` to the version that the message names.

use std::sync::Arc;

use crate::contract::odcs::Since;
use crate::diagnostic::{Diagnostic, Meta, Severity, Source, Span};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L008", name: "newer-than-declared", severity: Severity::Warning, since: "0.1.0" };

/// The diagnostic for one key or word.
pub fn diagnose(
    source: &Arc<Source>,
    span: Span,
    what: &str,
    since: Since,
    declared: Since,
) -> Diagnostic {
    let message = format!(
        "{what} came with version {}.{} of the standard; this document declares {}.{}",
        since.0, since.1, declared.0, declared.1
    );
    Diagnostic::new(&META, source, span, message)
        .hint(format!("apiVersion: v{}.{}.0", since.0, since.1))
}
