//! ## What it does
//! Refuses keys that the standard does not have at that place.
//!
//! ## Why it matters
//! A misspelled key is a promise that nobody checks.
//!
//! ## Example
//! ```yaml
//! logicalTypeOptions:
//!   minimun: 0
//! ```
//!
//! ## What to do instead
//! Correct the spelling; put your own keys under `customProperties`.

use std::sync::Arc;

use crate::contract::odcs::Object;
use crate::contract::yaml::{Key, spelling_hint};
use crate::diagnostic::{Diagnostic, Meta, Severity, Source};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L004", name: "unknown-key", severity: Severity::Error, since: "0.1.0" };

/// The diagnostic for one key, with the nearest valid spelling or the right place.
pub fn diagnose(source: &Arc<Source>, key: &Key, object: &Object) -> Diagnostic {
    if key.text == "pattern" && object.field("mustBeGreaterThan").is_some() {
        return super::misplaced_argument::diagnose(source, key);
    }
    let known = object.fields.iter().map(|f| f.name);
    let hint = spelling_hint(&key.text, known).unwrap_or_else(|| {
        "see `pactum schema` for what may stand here; your own keys go under customProperties"
            .to_owned()
    });
    let message = format!("unknown key '{}' in {}", key.text, object.title);
    Diagnostic::new(&META, source, key.span, message).hint(hint)
}
