//! Where words stand in a consumer's text.

use datafusion::common::{Location, Span as EngineSpan};

use crate::diagnostic::Span;
use crate::error::{Position, Positions};

/// The engine's mark, in the text.
pub fn span_of(text: &str, ((line, column), (last, end)): (Position, Position)) -> Span {
    let word = Span::of_position(text, line, column);
    if (line, column) == (last, end) {
        return word;
    }
    let end = Span::of_position(text, last, end).start.max(word.start + 1);
    // In a qualified name, the last part is missing.
    let named = text.get(word.start..end).and_then(|words| words.rfind('.'));
    let from = word.start + named.map_or(0, |dot| dot + 1);
    Span::of_bytes(text, from, end)
}

/// Where a text first names something; its beginning where it does not.
pub fn place_of_word(text: &str, word: &str) -> Span {
    let body = body(text);
    match find_word(&text[body..], word).filter(|_| !word.is_empty()) {
        Some(at) => Span::of_bytes(text, body + at, body + at + word.len()),
        None => Span::of_bytes(text, body, body + 1),
    }
}

/// The first byte after the header.
fn body(text: &str) -> usize {
    let lines = text.split_inclusive('\n');
    lines.take_while(|line| line.starts_with("--")).map(str::len).sum()
}

/// Start and end of what the engine marks.
pub(super) fn positions(span: EngineSpan) -> Option<Positions> {
    let place =
        |at: Location| Some((usize::try_from(at.line).ok()?, usize::try_from(at.column).ok()?));
    let found = (place(span.start)?, place(span.end)?);
    Some(found).filter(|((line, _), _)| *line > 0)
}

/// Where the name at fault stands: a position in the message, else the first such word.
pub(super) fn place_of_words(text: &str, message: &str) -> Span {
    let quoted = message
        .split(['\'', '"', ' ', '.', ',', '(', ')'])
        .filter(|word| word.len() > 2 && word.chars().all(|c| c.is_alphanumeric() || c == '_'));
    let body = body(text);
    let names = ["named", "there", "table", "field", "schema", "error", "invalid", "function"];
    for word in quoted.filter(|w| !names.contains(&w.to_ascii_lowercase().as_str())) {
        if let Some(at) = find_word(&text[body.min(text.len())..], word) {
            let start = body + at;
            return Span::of_bytes(text, start, start + word.len());
        }
    }
    Span::of_bytes(text, body, body + 1)
}

/// Where a word stands in a text, in any case.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let same = |at: usize| {
        let rest = text[at..].chars().flat_map(char::to_lowercase);
        rest.take(word.chars().flat_map(char::to_lowercase).count())
            .eq(word.chars().flat_map(char::to_lowercase))
    };
    text.char_indices().map(|(at, _)| at).find(|at| {
        let before = text[..*at].chars().next_back();
        let after = text[*at..].chars().nth(word.chars().count());
        !is_part(before) && !is_part(after) && same(*at)
    })
}
