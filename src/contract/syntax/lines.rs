//! The lines of a text, as far as their indentation, dash and key go.

use crate::diagnostic::Span;

/// A line that is not empty.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// Its number, counted from one.
    pub number: usize,
    /// The spaces before it.
    pub indent: usize,
    /// What is written, without blanks around it.
    pub content: &'a str,
}

impl<'a> Line<'a> {
    /// The line of a number.
    pub fn of(text: &'a str, number: usize) -> Option<Self> {
        Some(Self::read(number, text.lines().nth(number.checked_sub(1)?)?))
    }

    fn read(number: usize, line: &'a str) -> Self {
        let content = line.trim_start_matches(' ');
        Self { number, indent: line.len() - content.len(), content: content.trim_end() }
    }

    /// The lines before one, the nearest first, without empty ones and comments.
    pub fn above(text: &'a str, number: usize) -> impl Iterator<Item = Self> {
        let lines: Vec<&str> = text.lines().take(number.saturating_sub(1)).collect();
        let read = |(n, line): (usize, &'a str)| Self::read(n + 1, line);
        let is_written = |line: &Self| !line.content.is_empty() && !line.content.starts_with('#');
        lines
            .into_iter()
            .enumerate()
            .map(read)
            .filter(is_written)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
    }

    /// Bytes of the dash of a list item, with the blanks behind it.
    pub fn dash(&self) -> usize {
        let rest = match self.content.strip_prefix('-') {
            Some(rest) if rest.is_empty() || rest.starts_with(' ') => rest.trim_start_matches(' '),
            _ => self.content,
        };
        self.content.len() - rest.len()
    }

    /// The column of the key, counted from zero.
    pub fn key_column(&self) -> usize {
        self.indent + self.dash()
    }

    /// A key and what is behind its colon.
    pub fn entry(&self) -> Option<(&'a str, &'a str)> {
        let own = self.content.get(self.dash()..)?;
        let (key, value) = match own.split_once(": ") {
            Some((key, value)) => (key, value.trim()),
            None => (own.strip_suffix(':')?, ""),
        };
        (!key.is_empty()).then_some((key, value))
    }

    /// A key that its value follows without a space.
    pub fn glued(&self) -> Option<(&'a str, &'a str)> {
        let own = self.content.get(self.dash()..)?;
        let (key, value) = own.split_once(':')?;
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let is_glued = !value.is_empty() && !value.starts_with([' ', '/']);
        (is_glued && !key.is_empty() && key.chars().all(is_word)).then_some((key, value))
    }

    /// What is written from a place to the end of its line, without a comment.
    pub fn value_at(text: &'a str, at: Span) -> Option<String> {
        let line = Self::of(text, at.line)?;
        // Of a value, all of it.
        let whole = match line.entry() {
            Some((_, value)) if !value.is_empty() && at.column > line.key_column() + 1 => value,
            _ => text.get(at.start..)?.lines().next()?,
        };
        let whole = whole.split(" #").next().unwrap_or(whole).trim_end();
        (!whole.is_empty()).then(|| whole.to_owned())
    }
}

/// A text in quotes that keep it as it is.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
