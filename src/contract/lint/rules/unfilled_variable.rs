//! ## What it does
//! Warns about a variable `${NAME}` without a default, where it stands for something that is
//! checked: a bound, a pattern, an allowed value, an argument, a reference, a physical name.
//!
//! ## Why it matters
//! Pactum reads no variables from the environment: a verdict must not depend on who asks for it.
//! What holds such a variable is listed as `not-executed`, and never compared literally. A default,
//! as in `${NAME:-5}`, is part of the document, and is what the variable means.
//!
//! ## Example
//! ```yaml
//! logicalTypeOptions: {pattern: "^${PREFIX}-"}
//! ```
//!
//! ## What to do instead
//! Write the value, or a default: `"^${PREFIX:-AB}-"`.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Meta, Severity, Source, Span};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L051", name: "unfilled-variable", severity: Severity::Warning, since: "0.1.0" };

/// The diagnostic for a text of a clause.
pub(in crate::contract) fn of_clause(
    source: &Arc<Source>,
    span: Span,
    key: &str,
    names: &[String],
) -> Diagnostic {
    let message = format!("{} in '{key}': its clause is not executed", nothing_fills(names));
    Diagnostic::new(&META, source, span, message).hint(default_of(names))
}

/// The diagnostic for a physical name: what it names goes by its `name`.
pub(in crate::contract) fn of_name(
    source: &Arc<Source>,
    span: Span,
    names: &[String],
    name: &str,
) -> Diagnostic {
    let message =
        format!("{} in 'physicalName': the name in files is '{name}'", nothing_fills(names));
    Diagnostic::new(&META, source, span, message).hint(default_of(names))
}

/// The diagnostic for a text that a document can do without.
pub(in crate::contract) fn of_absent(
    source: &Arc<Source>,
    span: Span,
    key: &str,
    names: &[String],
) -> Diagnostic {
    let message = format!("{} in '{key}': it counts as absent", nothing_fills(names));
    Diagnostic::new(&META, source, span, message).hint(default_of(names))
}

/// That variables have no value.
pub fn nothing_fills(names: &[String]) -> String {
    let shown = match names {
        [one] => format!("the variable {one}"),
        _ => format!("the variables {}", names.join(", ")),
    };
    format!("nothing here fills {shown}")
}

/// How a document says what a variable means where nothing fills it.
pub fn default_of(names: &[String]) -> String {
    let name = names.first().map(|name| name.trim_end_matches('}')).unwrap_or_default();
    format!("write the value, or give a default: {name}:-…}}")
}
