//! Lines whose indentation fits no line above.

use crate::diagnostic::Span;

use super::Fault;
use super::lines::Line;

/// A place where a line could begin: its column, and what is there.
struct Level {
    column: usize,
    words: String,
}

/// The fault of a line that fits no line above, with the nearest indentations that do.
pub(super) fn misplaced(text: &str, at: Span) -> Option<Fault> {
    let line = Line::of(text, at.line)?;
    let is_item = line.dash() > 0;
    let levels = levels(text, &line, is_item);
    if levels.iter().any(|level| level.column == line.indent) {
        return None;
    }
    let deeper = levels.iter().filter(|l| l.column > line.indent).min_by_key(|l| l.column);
    let shallower = levels.iter().filter(|l| l.column < line.indent).max_by_key(|l| l.column);
    let mut ways = [deeper, shallower].into_iter().flatten().map(|level| match level.column {
        0 => format!("without any space to put it beside {}", level.words),
        column => format!("by {} to put it beside {}", spaces(column), level.words),
    });
    let hint = match (ways.next(), ways.next()) {
        (Some(one), Some(other)) => format!("indent it {one}, or {other}"),
        (Some(one), None) => format!("indent it {one}"),
        _ => return None,
    };
    let what = if is_item { "list item" } else { "line" };
    let whom = if is_item { "no list above" } else { "no key above" };
    let message = format!("the indentation of this {what} ({}) fits {whom}", spaces(line.indent));
    let span = Span::of_position(text, line.number, line.indent + 1);
    Some(Fault::new(span, message, hint))
}

/// The columns of the keys, or of the list items, that a line could go on with, the deepest first.
fn levels(text: &str, line: &Line<'_>, is_item: bool) -> Vec<Level> {
    let mut levels = Vec::new();
    let mut limit = usize::MAX;
    for above in Line::above(text, line.number) {
        let number = above.number;
        if let Some((key, _)) = above.entry().filter(|_| above.key_column() < limit) {
            limit = above.key_column();
            if !is_item {
                levels.push(Level { column: limit, words: format!("'{key}' (line {number})") });
            }
        }
        if above.dash() > 0 && above.indent < limit {
            limit = above.indent;
            if is_item {
                let words = format!("the list item of line {number}");
                levels.push(Level { column: limit, words });
            } else {
                // A list may begin in the column of its key.
                limit += 1;
            }
        }
    }
    levels
}

/// A line of a text that is less indented than those before it.
pub(super) fn shallow_text(text: &str, at: Span) -> Option<Fault> {
    let begins = |line: &Line<'_>| {
        line.entry().is_some_and(|(_, value)| {
            let mut signs = value.chars();
            matches!(signs.next(), Some('|' | '>')) && signs.all(|c| "+-0123456789".contains(c))
        })
    };
    let mut above = Line::above(text, at.line).peekable();
    let next = *above.peek()?;
    let key = above.find(|line| line.entry().is_some()).filter(begins)?;
    let wanted = if next.number == key.number { key.key_column() + 2 } else { next.indent };
    let line = Line::of(text, at.line)?;
    Some(Fault::new(
        at,
        format!(
            "this line is indented by {}, too few for the text that begins below line {}",
            spaces(line.indent),
            key.number
        ),
        format!("indent it by {}, as a line of the text", spaces(wanted)),
    ))
}

/// A number of spaces in words.
pub(super) fn spaces(count: usize) -> String {
    match count {
        0 => "no space".to_owned(),
        1 => "1 space".to_owned(),
        n => format!("{n} spaces"),
    }
}
