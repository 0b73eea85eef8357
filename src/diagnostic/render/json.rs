//! Diagnostics as JSON values.

use serde::Serialize;
use serde_json::{Value, json};

use crate::diagnostic::Diagnostic;

/// One diagnostic as a JSON object.
pub fn json(diagnostic: &Diagnostic) -> Value {
    json!({
        "code": diagnostic.meta.code,
        "name": diagnostic.meta.name,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "where": diagnostic.position(),
        "hint": diagnostic.hint,
    })
}

/// The document that stands in for a result when a command could not give one.
#[derive(Debug, Serialize)]
pub struct ErrorDocument {
    /// What happened.
    pub error: ErrorBody,
}

/// The body of an [`ErrorDocument`].
#[derive(Debug, Serialize)]
pub struct ErrorBody {
    /// Stable word for the kind of error.
    pub code: String,
    /// The SQLSTATE, as PostgreSQL numbers errors.
    pub sqlstate: String,
    /// What happened.
    pub message: String,
    /// File, contract or place, where there is one.
    #[serde(rename = "where")]
    pub place: Option<String>,
    /// What to do next.
    pub hint: Option<String>,
    /// Everything that was found, where documents are at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub diagnostics: Vec<Value>,
}

impl ErrorDocument {
    /// Builds the document.
    pub fn new(
        (code, sqlstate): (&str, &str),
        message: String,
        place: Option<String>,
        hint: Option<String>,
    ) -> Self {
        let (code, sqlstate) = (code.to_owned(), sqlstate.to_owned());
        Self { error: ErrorBody { code, sqlstate, message, place, hint, diagnostics: Vec::new() } }
    }

    /// Adds what was found in documents.
    #[must_use]
    pub fn of_diagnostics(mut self, found: &[Diagnostic]) -> Self {
        self.error.diagnostics = found.iter().map(json).collect();
        self
    }
}
