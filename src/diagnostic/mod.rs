//! Diagnostics: what went wrong, where, and what to do about it.
//!
//! Owns the code, severity, position and hint of every message about a user's files, and how
//! they are drawn. Never reads a file, never decides whether something is wrong: the rules do.

mod meta;
pub mod render;
mod source;
mod veil;

pub use meta::{Meta, RuleDoc};
pub use source::{Source, Span};
pub use veil::{veil, veiled};

use std::fmt;
use std::sync::Arc;

/// How much a diagnostic weighs. Errors fail a run, warnings and notes do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The document is faulty: the run fails.
    Error,
    /// Probably not meant: the run goes on.
    Warning,
    /// Worth knowing: how something ambiguous is read.
    Note,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}

/// One finding about one place in one document.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// The rule that found it.
    pub meta: &'static Meta,
    /// Its severity here; the rule's default unless the rule decided otherwise.
    pub severity: Severity,
    /// What happened, lower case and without a full stop.
    pub message: String,
    /// The document it is about.
    pub source: Arc<Source>,
    /// The place in that document.
    pub span: Span,
    /// What to do next.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// A diagnostic of `meta`'s default severity.
    pub fn new(
        meta: &'static Meta,
        source: &Arc<Source>,
        span: Span,
        message: impl Into<String>,
    ) -> Self {
        Self {
            meta,
            severity: meta.severity,
            message: veiled(&message.into()).into_owned(),
            source: Arc::clone(source),
            span,
            hint: None,
        }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(veiled(&hint.into()).into_owned());
        self
    }

    /// Adds what to do next, where there is something to say.
    #[must_use]
    pub fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint.map(|hint| veiled(&hint).into_owned());
        self
    }

    /// Overrides the rule's default severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// `file:line:column`, lines and columns counted from one.
    pub fn position(&self) -> String {
        format!("{}:{}:{}", veiled(&self.source.name), self.span.line, self.span.column)
    }
}

/// Whether any of these fails the run.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity == Severity::Error)
}

/// Puts diagnostics in reading order: by file, then position, then severity.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        (&a.source.name, a.span.line, a.span.column, a.severity, a.meta.code).cmp(&(
            &b.source.name,
            b.span.line,
            b.span.column,
            b.severity,
            b.meta.code,
        ))
    });
}

/// The candidate nearest to `word`, if it is close enough to be a typo.
///
/// Compared without case, so that `Minimum` finds `minimum`.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(&lower, &c.to_lowercase()), c))
        .filter(|(distance, c)| *distance <= (c.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_finds_its_word_and_a_stranger_none() {
        let words = ["minimum", "maximum", "pattern"];
        assert_eq!(nearest("minimun", words), Some("minimum"));
        assert_eq!(nearest("Pattern", words), Some("pattern"));
        assert_eq!(nearest("colour", words), None);
    }
}
