//! ## What it does
//! Reports an argument of a metric, such as `pattern`, beside `arguments` instead of inside it. Where
//! the version that the document declares allows any key in a rule, as 3.0 does, it is a warning.
//!
//! ## Why it matters
//! The rule would measure something else than it says.
//!
//! ## Example
//! ```yaml
//! metric: invalidValues
//! pattern: ^[A-Z]+$
//! ```
//!
//! ## What to do instead
//! Move it: `arguments: {pattern: ...}`.

use std::sync::Arc;

use crate::contract::yaml::Key;
use crate::diagnostic::{Diagnostic, Meta, Severity, Source};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L009", name: "misplaced-argument", severity: Severity::Error, since: "0.1.0" };

/// The diagnostic for one key.
pub fn diagnose(source: &Arc<Source>, key: &Key) -> Diagnostic {
    let message = format!("'{}' is written beside 'arguments'", key.text);
    Diagnostic::new(&META, source, key.span, message)
        .hint(format!("move it inside: arguments: {{ {}: … }}", key.text))
}
