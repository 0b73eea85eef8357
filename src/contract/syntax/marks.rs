//! Quotes and brackets that open and are never closed.

use crate::diagnostic::Span;

/// A quote or a bracket that is open, and where.
#[derive(Debug, Clone, Copy)]
struct Mark {
    sign: char,
    start: usize,
}

/// The first quote before a place that no quote closes on its line.
pub(super) fn open_quote(text: &str, at: Span) -> Option<(Span, char)> {
    let mut found = None;
    let mut from = 0;
    for line in text.split_inclusive('\n').take(at.line) {
        let open = scan(line, &mut Vec::new());
        found = open.map(|mark| Mark { start: from + mark.start, ..mark }).or(found);
        from += line.len();
    }
    found.map(|mark| (place(text, mark), mark.sign))
}

/// The last bracket before a place that is still open there.
pub(super) fn open_bracket(text: &str, at: Span) -> Option<(Span, char)> {
    let mut open: Vec<Mark> = Vec::new();
    let mut from = 0;
    for line in text.get(..at.start)?.split_inclusive('\n') {
        let known = open.len();
        scan(line, &mut open);
        open.iter_mut().skip(known).for_each(|mark| mark.start += from);
        from += line.len();
    }
    open.pop().map(|mark| (place(text, mark), mark.sign))
}

/// The first escape of a text in double quotes that YAML does not have.
pub(super) fn bad_escape(quoted: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = quoted.get(from..)?.find('\\').map(|at| from + at) {
        let rest = quoted.get(at + 1..)?;
        let digits = match rest.chars().next()? {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            c if "0abtnvfre \"/\\N_LP\t\n\r".contains(c) => 0,
            _ => return Some(at),
        };
        let hex = rest.chars().skip(1).take(digits).filter(char::is_ascii_hexdigit).count();
        if hex < digits {
            return Some(at);
        }
        from = at + 2;
    }
    None
}

/// Reads one line: the quote that is open at its end, and the brackets that stay open. A sign in the
/// middle of a text is part of it.
fn scan(line: &str, open: &mut Vec<Mark>) -> Option<Mark> {
    let mut quote: Option<Mark> = None;
    // Whether a value may begin here.
    let mut may_begin = true;
    let mut before = ' ';
    for (start, sign) in line.char_indices() {
        match (quote, sign) {
            (Some(mark), _) => {
                if sign == mark.sign && before != '\\' {
                    quote = None;
                }
                may_begin = false;
            }
            (None, '#') if before.is_whitespace() => break,
            (None, '"' | '\'') if may_begin => quote = Some(Mark { sign, start }),
            (None, '[' | '{') if may_begin => open.push(Mark { sign, start }),
            (None, ']' | '}') if !open.is_empty() => {
                open.pop();
                may_begin = false;
            }
            (None, ' ' | '\t') => may_begin |= matches!(before, ':' | '-'),
            (None, ',') => may_begin = !open.is_empty(),
            (None, _) => may_begin = false,
        }
        before = sign;
    }
    quote
}

fn place(text: &str, mark: Mark) -> Span {
    Span::of_bytes(text, mark.start, mark.start + mark.sign.len_utf8())
}
