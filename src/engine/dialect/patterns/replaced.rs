//! `regexp_replace`.

use datafusion::common::exec_err;
use datafusion::error::Result;

use super::compiled::Pattern;
use super::matches::{Match, each};
use crate::engine::dialect::scalars::{VALUE_BYTES, too_long};

/// A part of what is put in the place of a match.
enum Part {
    Text(String),
    /// A group, or the whole match as the group 0.
    Group(usize),
}

/// Which match is replaced: the n-th, or all of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    All,
    Nth(i64),
}

/// `\1` to `\9` are groups, `\&` the whole match, and `\\` is a backslash.
fn parts(replacement: &str) -> Vec<Part> {
    let (mut parts, mut text) = (Vec::new(), String::new());
    let mut rest = replacement.chars().peekable();
    while let Some(character) = rest.next() {
        let next = rest.peek().copied().filter(|_| character == '\\');
        let group = match next {
            Some('&') => 0,
            Some(digit @ '1'..='9') => digit.to_digit(10).unwrap_or(0) as usize,
            Some('\\') => {
                text.push('\\');
                rest.next();
                continue;
            }
            _ => {
                text.push(character);
                continue;
            }
        };
        rest.next();
        parts.push(Part::Text(std::mem::take(&mut text)));
        parts.push(Part::Group(group));
    }
    parts.push(Part::Text(text));
    parts
}

/// A text with matches replaced, from a place on.
pub(super) fn replaced(
    pattern: &Pattern,
    text: &str,
    replacement: &str,
    from: usize,
    which: Which,
) -> Result<String> {
    if let Which::Nth(..1) = which {
        return exec_err!("the number of a match is 1 or more");
    }
    let parts = parts(replacement);
    let with_groups = parts.iter().any(|part| matches!(part, Part::Group(1..)));
    let (mut found, mut copied, mut number) = (String::new(), 0, 0);
    each(pattern, text, from, with_groups, |one| {
        number += 1;
        if let Which::Nth(wanted) = which
            && number < wanted
        {
            return Ok(true);
        }
        let (start, end) = one.0;
        found.push_str(text.get(copied..start).unwrap_or_default());
        parts.iter().for_each(|part| found.push_str(written(part, text, &one)));
        copied = end;
        match found.len() > VALUE_BYTES {
            true => Err(too_long()),
            false => Ok(which == Which::All),
        }
    })?;
    found.push_str(text.get(copied..).unwrap_or_default());
    Ok(found)
}

fn written<'a>(part: &'a Part, text: &'a str, (whole, groups): &Match) -> &'a str {
    let span = match part {
        Part::Text(text) => return text,
        Part::Group(0) => Some(*whole),
        Part::Group(group) => groups.get(group - 1).copied().flatten(),
    };
    span.and_then(|(start, end)| text.get(start..end)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::syntax::Options;
    use super::*;

    #[test]
    fn empty_matches_are_replaced_as_postgresql_replaces_them() {
        let all = |pattern, text| {
            let pattern = Pattern::new(pattern, Options::NONE).unwrap();
            replaced(&pattern, text, "-", 0, Which::All).unwrap()
        };
        assert_eq!(all("x*", "abc"), "-a-b-c-");
        assert_eq!(all("a*", "aaa"), "--");
        assert_eq!(all("b", "abc"), "a-c");
    }

    #[test]
    fn a_text_that_grows_beyond_its_bound_is_an_error() {
        let pattern = Pattern::new("a", Options::NONE).unwrap();
        let (text, long) = ("a".repeat(2000), "b".repeat(10_000));
        assert!(replaced(&pattern, &text, &long, 0, Which::All).is_err());
    }
}
