//! Source excerpts, as rustc draws them.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Severity};

/// Draws one diagnostic with its excerpt, hint and where to read more.
pub fn human(diagnostic: &Diagnostic, colour: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let source = &diagnostic.source;
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.meta.code);
    let (start, end) = excerpt_range(diagnostic);
    let snippet = Snippet::source(source.text.as_str())
        .path(source.name.as_str())
        .annotation(AnnotationKind::Primary.span(start..end));
    let mut group: Group<'_> = title.element(snippet);
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.message(hint.as_str()));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// The annotated bytes: never more than one line, so that a faulty block stays readable.
fn excerpt_range(diagnostic: &Diagnostic) -> (usize, usize) {
    let text = &diagnostic.source.text;
    let start = text.floor_char_boundary(diagnostic.span.start.min(text.len()));
    let line_end = text[start..].find(['\r', '\n']).map_or(text.len(), |n| start + n);
    let end = diagnostic.span.end.clamp(start, line_end.max(start));
    (start, text.ceil_char_boundary(end))
}
