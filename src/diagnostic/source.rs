//! A document's name and text, and places in it.

/// A document that diagnostics point into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// How the user knows it: a path, or a name such as `release 3 of learning`.
    pub name: String,
    /// Its whole text.
    pub text: String,
    /// Whether diagnostics may show a line of it.
    quoted: bool,
}

impl Source {
    /// Names a text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into(), quoted: true }
    }

    /// The same document; diagnostics show places in it but no lines, since it may be any file.
    #[must_use]
    pub fn unquoted(self) -> Self {
        Self { quoted: false, ..self }
    }

    /// Whether diagnostics may show a line of it.
    pub fn is_quoted(&self) -> bool {
        self.quoted
    }
}

/// A place in a document: a byte range, with the line and column of its start counted from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// Line, from one.
    pub line: usize,
    /// Column in characters, from one.
    pub column: usize,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The beginning of a document.
    pub const START: Self = Self { line: 1, column: 1, start: 0, end: 0 };

    /// The span of a byte range of `text`, moved to character boundaries.
    pub fn of_bytes(text: &str, start: usize, end: usize) -> Self {
        let start = text.floor_char_boundary(start.min(text.len()));
        let end = text.ceil_char_boundary(end.clamp(start, text.len()));
        let before = &text[..start];
        let line = before.matches('\n').count() + 1;
        let column = before[before.rfind('\n').map_or(0, |n| n + 1)..].chars().count() + 1;
        Self { line, column, start, end }
    }

    /// The span of a line and column (from one) up to the end of that line's word.
    pub fn of_position(text: &str, line: usize, column: usize) -> Self {
        let line_start: usize =
            text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let rest = &text[line_start.min(text.len())..];
        let offset: usize = rest.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum();
        let start = line_start.min(text.len()) + offset;
        let word: usize = text[start.min(text.len())..]
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .map(char::len_utf8)
            .sum();
        Self::of_bytes(text, start, start + word.max(1))
    }
}
