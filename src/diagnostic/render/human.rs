//! Source excerpts, as rustc draws them.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Severity, veiled};

/// Draws one diagnostic with its excerpt, hint and where to read more.
pub fn human(diagnostic: &Diagnostic, colour: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let source = &diagnostic.source;
    let message = one_line(&diagnostic.message);
    let title = level.primary_title(message.as_str()).id(diagnostic.meta.code);
    let (start, end) = excerpt_range(diagnostic);
    let name = one_line(&veiled(&source.name));
    let mut group: Group<'_> = match source.is_quoted() {
        true => title.element(
            Snippet::source(source.text.as_str())
                .path(name.as_str())
                .annotation(AnnotationKind::Primary.span(start..end)),
        ),
        false => {
            let (line, column) = (diagnostic.span.line, diagnostic.span.column);
            title.element(Origin::path(name.as_str()).line(line).char_column(column))
        }
    };
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.message(hint.as_str()));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// A text on one line: a name in it may come from data, and must not begin a line.
fn one_line(text: &str) -> String {
    let shown = |c: char| match c.is_control() {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    text.chars().map(shown).collect()
}

/// The annotated bytes: never more than one line, so that a faulty block stays readable.
fn excerpt_range(diagnostic: &Diagnostic) -> (usize, usize) {
    let text = &diagnostic.source.text;
    let start = text.floor_char_boundary(diagnostic.span.start.min(text.len()));
    let line_end = text[start..].find(['\r', '\n']).map_or(text.len(), |n| start + n);
    let end = diagnostic.span.end.clamp(start, line_end.max(start));
    (start, text.ceil_char_boundary(end))
}
