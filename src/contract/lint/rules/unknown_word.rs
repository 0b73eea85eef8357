//! ## What it does
//! Refuses a word outside the closed set that its key has, and documents of version 2 of the standard,
//! or of another one.
//!
//! ## Why it matters
//! `logicalType: int` would have no effect.
//!
//! ## Example
//! ```yaml
//! logicalType: int
//! ```
//!
//! ## What to do instead
//! Use one of the words of the standard.

use std::sync::Arc;

use crate::contract::yaml::{Node, spelling_hint};
use crate::diagnostic::{Diagnostic, Meta, Severity, Source, Span};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L007", name: "unknown-word", severity: Severity::Error, since: "0.1.0" };

/// The diagnostic for one word, with the nearest valid one.
pub fn diagnose(
    source: &Arc<Source>,
    node: &Node,
    key: &str,
    word: &str,
    words: &[&str],
) -> Diagnostic {
    let known = match word {
        "int" | "bigint" | "long" | "smallint" => Some("integer"),
        "float" | "double" | "decimal" | "numeric" => Some("number"),
        "varchar" | "text" | "str" => Some("string"),
        "bool" => Some("boolean"),
        "datetime" if !words.contains(&"timestamp") => Some("date"),
        "datetime" => Some("timestamp"),
        "list" => Some("array"),
        "struct" => Some("object"),
        _ => None,
    };
    let hint = known
        .filter(|k| words.contains(k))
        .map(|k| format!("did you mean '{k}'? database types go into physicalType"))
        .or_else(|| spelling_hint(word, words.iter().copied()))
        .unwrap_or_else(|| match words.contains(&"blob") {
            // Of a blob nothing is tested: nobody means it who writes another word.
            true => "a table is an object; types belong to its columns".to_owned(),
            false => format!("one of {}", words.join(", ")),
        });
    let message = format!("'{word}' is not a value of '{key}'");
    Diagnostic::new(&META, source, node.span, message).hint(hint)
}

/// The diagnostic for a document of version 2 of the standard, or of an earlier one.
pub fn of_version_2(source: &Arc<Source>, span: Span) -> Diagnostic {
    Diagnostic::new(&META, source, span, "documents of version 2 of the standard are not read").hint(
        "migrate it to version 3: uuid is now id, quantumName dataProduct, datasetDomain domain, \
         dataset schema, table and column name, columns properties, isPrimaryKey primaryKey, \
         isNullable the opposite of required, stakeholders team, slaDefaultColumn slaDefaultElement",
    )
}

/// The diagnostic for a document of the Data Contract Specification.
pub fn of_other_standard(source: &Arc<Source>, span: Span) -> Diagnostic {
    let message =
        "documents of the Data Contract Specification are not read: it is another standard";
    Diagnostic::new(&META, source, span, message).hint(
        "export it to version 3 of the Open Data Contract Standard: models become schema, fields \
         properties, info the top level",
    )
}
