//! ## What it does
//! Reports a contract version that is not semantic: `major.minor.patch`. One that only lacks its
//! last parts, such as `"2.0"`, or is written as a number, is accepted with a warning.
//!
//! ## Why it matters
//! The version shows whether a change breaks readers; its major names the set of tables that
//! readers see.
//!
//! ## Example
//! ```yaml
//! version: "2024-01"
//! ```
//!
//! ## What to do instead
//! Write three numbers, such as `1.0.0`.

use crate::contract::model::{Contract, Version};
use crate::contract::yaml::Value;
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L010", name: "bad-version", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    let Some(node) = contract.tree.get("version") else { return };
    let (span, text) = (node.span, &node.scalar_text().unwrap_or_default());
    let is_number = matches!(node.value, Value::Number(_));
    if text.parse::<Version>().is_ok() || matches!(node.value, Value::Null) {
        return;
    }
    if let Some(version) = Version::completed(text) {
        let what = if is_number { "is a number" } else { "is short of a semantic version" };
        let message = format!("version {text} {what}: it is read as {version}");
        found.push(
            Diagnostic::new(&META, &contract.source, span, message)
                .severity(Severity::Warning)
                .hint(format!("version: {version}")),
        );
        return;
    }
    let message = format!("version '{text}' is not semantic");
    found.push(
        Diagnostic::new(&META, &contract.source, span, message)
            .hint("three numbers, major.minor.patch: version: 1.0.0"),
    );
}
