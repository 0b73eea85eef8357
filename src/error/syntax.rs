//! The parser's words about a text that is not SQL.

use super::{Error, Position, SqlState, Subject};

/// A place that words end with: `… at Line: 3, Column: 8`.
pub(super) fn placed(message: &str) -> (&str, Option<Position>) {
    let Some((words, rest)) = message.split_once("Line: ") else { return (message, None) };
    let words = words.trim_end().trim_end_matches("at").trim_end_matches([' ', ',']);
    let Some((line, rest)) = rest.split_once(", Column: ") else { return (words, None) };
    let column: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let place = line.trim().parse().ok().zip(column.parse().ok());
    (words, place.filter(|(line, _)| *line > 0))
}

/// The parser's error, as PostgreSQL says it: near which word, and what was expected there.
pub(super) fn syntax_error(message: &str) -> Error {
    let (words, place) = placed(message);
    let lower = words.to_lowercase();
    let found = words.split_once(", found: ").or_else(|| words.split_once(" found: "));
    let state = |message: String| Error::usage("sql", message).state(SqlState::SyntaxError);
    let error = match found {
        Some((expected, "EOF")) => state("syntax error at end of input".to_owned())
            .hint(wanted(expected))
            .about(Subject::End),
        Some((expected, found)) => {
            state(format!("syntax error at or near '{found}'")).hint(wanted(expected))
        }
        None if lower.contains("unterminated") || lower.contains("close delimiter") => {
            let what = if words.contains('"') { "quoted name" } else { "quoted text" };
            let what = if lower.contains("comment") { "comment" } else { what };
            state(format!("a {what} is not closed")).hint("is a quote left open?")
        }
        None => state(format!("syntax error: {}", uncapitalized(words))),
    };
    match place {
        Some(place) => error.marked(place, place),
        None => error,
    }
}

/// What the parser expected.
fn wanted(words: &str) -> String {
    let words = words.trim_start_matches("Expected").trim_start_matches("expected");
    format!("expected {}", words.trim_start_matches([':', ' ']).trim())
}

/// A sentence that starts in lower case; an acronym stays.
pub(super) fn uncapitalized(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().collect::<String>() + &text[first.len_utf8()..]
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_syntax_error_names_the_word_and_what_was_expected() {
        let error = syntax_error("Expected: end of statement, found: s at Line: 2, Column: 15");
        assert_eq!(error.message(), "syntax error at or near 's'");
        assert_eq!(error.next_step(), Some("expected end of statement"));
        assert_eq!(error.mark(), Some(((2, 15), (2, 15))));
        let error = syntax_error("Expected: an expression, found: EOF");
        assert_eq!((error.message(), error.mark()), ("syntax error at end of input", None));
        let error = syntax_error("Unterminated string literal at Line: 1, Column: 8");
        assert_eq!(error.message(), "a quoted text is not closed");
        assert_eq!(error.mark(), Some(((1, 8), (1, 8))));
    }
}
