//! What is wrong with a text that is not YAML, in words: what the parser says is put the way that
//! whoever wrote the text sees it, with what to write instead.

mod depth;
mod lines;
mod marks;

use crate::diagnostic::Span;

use depth::misplaced;
use lines::{Line, quoted};
use marks::{open_bracket, open_quote};

/// What is wrong, where, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The place of the fault, which may be before that where the parser gave up.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Fault {
    fn new(span: Span, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { span, message: message.into(), hint: Some(hint.into()) }
    }
}

/// What a parser's message about a place means.
pub(super) fn explain(text: &str, said: &str, at: Span) -> Fault {
    let is = |parts: &[&str]| parts.iter().any(|part| said.contains(part));
    let found = match () {
        () if is(&["mapping values are not allowed"]) => second_colon(text, at),
        () if is(&["did not find expected key", "did not find expected '-'"]) => no_key(text, at),
        () if is(&["simple key expected"]) => no_colon(text, at),
        () if is(&["did not find expected <document start>"]) => before_first(text, at),
        () if is(&["multiline quoted scalar", "unexpected end of stream"]) => {
            open_quote(text, at).map(unclosed_quote)
        }
        () if is(&["trailing content after"]) => behind_quote(text, at),
        () if is(&["parsing a quoted scalar"]) => Some(escape(text, at)),
        () if is(&["bracket", "flow", "placement of ':'"]) => bracket(text, said, at),
        () if is(&["block scalar, did not find"]) => block_text(text, at),
        () if is(&["block sequence entries are not allowed"]) => Some(Fault::new(
            at,
            "a list begins on the line of its key",
            "write each item on a line of its own below the key, or all in brackets: [a, b]",
        )),
        () if is(&["unknown anchor"]) => alias(text, at),
        () if is(&["merge value"]) => Some(Fault::new(
            at,
            "'<<' takes in the keys of a mapping, and its value is not one",
            "write '<<: *name' with the anchor of a mapping, or remove it",
        )),
        () if is(&["unexpected character: `\\u{"]) => control(text, at),
        () => beginning(text, at),
    };
    found.unwrap_or_else(|| Fault {
        span: at,
        message: format!("this is not YAML: {}", plain(said)),
        hint: None,
    })
}

/// The parser's own words without what it was doing.
fn plain(said: &str) -> &str {
    let ends_doing = said.starts_with("while ").then(|| said.split_once(", ")).flatten();
    ends_doing.map_or(said, |(_, found)| found)
}

/// A colon where no key can be: the line has two, or is deeper than a key that has its value.
fn second_colon(text: &str, at: Span) -> Option<Fault> {
    let line = Line::of(text, at.line)?;
    let (key, value) = line.entry()?;
    // The first colon of a line ends its key.
    if value.contains(": ") || value.ends_with(':') {
        return Some(Fault::new(
            at,
            format!("the value of '{key}' holds a colon, as if it were a key"),
            format!("put the value in quotes: {key}: {}", quoted(value)),
        ));
    }
    let above = Line::above(text, at.line).next()?;
    unspaced(text, above).or_else(|| misplaced(text, at))
}

/// A line above that is read as a text, because a space is missing in it.
fn unspaced(text: &str, line: Line<'_>) -> Option<Fault> {
    let span = |offset: usize| Span::of_position(text, line.number, line.indent + 1 + offset);
    if let Some(item) = line.content.strip_prefix('-').filter(|rest| !rest.starts_with([' ', '-']))
    {
        return (!item.is_empty()).then(|| {
            let message = "a space is missing after the dash of this list item";
            Fault::new(span(0), message, format!("write: - {item}"))
        });
    }
    let (key, value) = line.glued()?;
    let message = format!("a space is missing after the colon of '{key}'");
    Some(Fault::new(span(line.dash()), message, format!("write: {key}: {value}")))
}

/// A line that is not a key, where a key is expected.
fn no_key(text: &str, at: Span) -> Option<Fault> {
    let line = Line::of(text, at.line)?;
    let before = text.get(..at.start)?.rsplit('\n').next()?.trim();
    if !before.is_empty() && before != "-" {
        if !before.ends_with([']', '}']) {
            return None;
        }
        let value = Line::value_at(text, at)?;
        return Some(Fault::new(
            at,
            "a text follows the closing bracket of a value",
            format!("put the value in quotes: {}", quoted(&value)),
        ));
    }
    if line.entry().is_none() && line.dash() == 0 {
        return depth::shallow_text(text, at).or_else(|| misplaced(text, at));
    }
    misplaced(text, at)
}

/// A line without a colon, where keys are.
fn no_colon(text: &str, at: Span) -> Option<Fault> {
    let line = Line::of(text, at.line)?;
    if let Some(fault) = unspaced(text, line) {
        return Some(fault);
    }
    let own = line.content.get(line.dash()..)?;
    let (key, value) = own.split_once(' ').unwrap_or((own, ""));
    let written = format!("{key}: {}", value.trim());
    let mut hint = format!("write: {}", written.trim_end());
    if value.contains(' ') {
        hint.push_str("; or indent the line where it goes on with the text above");
    }
    Some(Fault::new(at, format!("a colon is missing after '{key}'"), hint))
}

/// A line that is less indented than the first one, which ends the document.
fn before_first(text: &str, at: Span) -> Option<Fault> {
    let first = Line::above(text, at.line).last()?;
    let line = Line::of(text, at.line)?;
    (line.indent < first.indent).then(|| {
        Fault::new(
            at,
            format!(
                "this line is less indented than the first one, line {}, which has {}",
                first.number,
                depth::spaces(first.indent)
            ),
            "indent all keys of the document alike: without any space",
        )
    })
}

fn unclosed_quote((span, quote): (Span, char)) -> Fault {
    Fault::new(
        span,
        "the quote that opens here is never closed",
        format!("write {quote} at the end of the text"),
    )
}

fn behind_quote(text: &str, at: Span) -> Option<Fault> {
    let value = Line::value_at(text, at)?;
    let inner = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let hint = match inner {
        Some(inner) => format!("write an apostrophe in single quotes twice: {}", quoted(inner)),
        None => format!("put the whole text in quotes: {}", quoted(&value)),
    };
    Some(Fault::new(at, "a text follows the closing quote of a value", hint))
}

fn escape(text: &str, at: Span) -> Fault {
    let start = text.get(at.start..).and_then(marks::bad_escape).map(|offset| at.start + offset);
    Fault::new(
        start.map_or(at, |start| Span::of_bytes(text, start, start + 2)),
        "a backslash in double quotes begins an escape, and YAML does not have this one",
        "put the text in single quotes, where a backslash stands for itself",
    )
}

/// What is on the line of the sign that begins a text of several lines.
fn block_text(text: &str, at: Span) -> Option<Fault> {
    let value = Line::value_at(text, at)?;
    let sign = value.chars().next()?;
    Some(Fault::new(
        at,
        format!("a text follows '{sign}', which begins a text of several lines"),
        format!("begin the text on the next line, or put it in quotes: {}", quoted(&value)),
    ))
}

fn bracket(text: &str, said: &str, at: Span) -> Option<Fault> {
    if said.contains("misplaced bracket") {
        let message = "this bracket closes nothing";
        return Some(Fault::new(at, message, "remove it, or put the value in quotes"));
    }
    let (span, open) = match said.contains("unclosed") || said.contains("mismatched") {
        true => (at, text.get(at.start..)?.chars().next()?),
        false => open_bracket(text, at)?,
    };
    let close = if open == '[' { ']' } else { '}' };
    if let Some(wrong) = said.split("closed by '").nth(1).and_then(|rest| rest.chars().next()) {
        return Some(Fault::new(
            span,
            format!("'{open}' is closed by '{wrong}'"),
            format!("close it with '{close}'"),
        ));
    }
    if span.line == at.line && !said.contains("unclosed") {
        // The parser gives up at the colon behind a key.
        let before = text.get(..at.start)?;
        let word = before.len() - before.trim_end_matches(|c: char| c.is_alphanumeric()).len();
        return Some(Fault::new(
            Span::of_bytes(text, at.start - word, at.start.max(at.end.saturating_sub(1))),
            format!("a comma or '{close}' is missing before this"),
            format!(
                "separate what is between '{open}' and '{close}' by commas; put a text that holds \
                 a comma, a colon or a bracket in quotes"
            ),
        ));
    }
    Some(Fault::new(
        span,
        format!("the bracket '{open}' that opens here is never closed"),
        format!("write '{close}' at its end"),
    ))
}

fn alias(text: &str, at: Span) -> Option<Fault> {
    let value = Line::value_at(text, at)?;
    let name = value.strip_prefix('*')?;
    Some(Fault::new(
        at,
        format!("'*{name}' refers to an anchor '&{name}', which the document does not have"),
        format!("put a text that begins with '*' in quotes: {}", quoted(&value)),
    ))
}

fn control(text: &str, at: Span) -> Option<Fault> {
    let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let rest = text.get(at.start..)?;
    let (offset, sign) = rest.char_indices().find(|(_, c)| is_control(*c))?;
    let start = at.start + offset;
    Some(Fault::new(
        Span::of_bytes(text, start, start + sign.len_utf8()),
        format!("YAML does not allow the control character U+{:04X}", u32::from(sign)),
        "remove it",
    ))
}

/// A value or a key that begins with a sign of YAML's own.
fn beginning(text: &str, at: Span) -> Option<Fault> {
    let sign = text.get(at.start..)?.chars().next()?;
    let line = Line::of(text, at.line)?;
    let value = match line.entry() {
        Some((key, _)) if at.column == line.key_column() + 1 => key.to_owned(),
        _ => Line::value_at(text, at)?,
    };
    let of_its_own = ['@', '`', '%', '*', '&', '!', '?', ',', '|', '>', ']', '}'];
    of_its_own.contains(&sign).then(|| {
        Fault::new(
            at,
            format!("a text cannot begin with '{sign}', which has a meaning of its own in YAML"),
            format!("put it in quotes: {}", quoted(&value)),
        )
    })
}

#[cfg(test)]
mod tests;
