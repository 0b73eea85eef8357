//! All matches of a pattern in a text, and what lies between them.

use datafusion::error::Result;

use super::compiled::{Pattern, Span};
use super::ends::Budget;
use crate::engine::dialect::scalars::{VALUE_BYTES, too_long};

/// A match, and those of its groups.
pub(super) type Match = (Span, Vec<Option<Span>>);

/// The byte of a character, counted from one; `None` behind the end.
pub(super) fn byte_of(text: &str, character: i64) -> Option<usize> {
    let skipped = usize::try_from(character - 1).ok()?;
    let mut places = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    places.nth(skipped)
}

/// The place of a byte, in characters from one.
pub(super) fn character_of(text: &str, byte: usize) -> i64 {
    let before = text.get(..byte).map_or(0, |before| before.chars().count());
    i64::try_from(before + 1).unwrap_or(i64::MAX)
}

/// Where the next search begins: behind a match, and a character further where it is empty.
pub(super) fn behind(text: &str, (start, end): Span) -> Option<usize> {
    match start == end {
        false => Some(end),
        true => text.get(end..)?.chars().next().map(|c| end + c.len_utf8()),
    }
}

/// Hands over each match from a place on, until one is not taken.
pub(super) fn each(
    pattern: &Pattern,
    text: &str,
    from: usize,
    with_groups: bool,
    mut take: impl FnMut(Match) -> Result<bool>,
) -> Result<()> {
    let (mut next, budget) = (Some(from), Budget::of(text));
    while let Some(from) = next {
        let found = match with_groups {
            true => pattern.captures(text, from, &budget)?,
            false => pattern.find(text, from, &budget)?.map(|found| (found, Vec::new())),
        };
        let Some(found) = found else { return Ok(()) };
        next = behind(text, found.0);
        if !take(found)? {
            return Ok(());
        }
    }
    Ok(())
}

/// The parts of a text between matches. Empty matches at its ends, and right behind another, split nothing.
pub(super) fn split<'a>(pattern: &Pattern, text: &'a str) -> Result<Vec<&'a str>> {
    let (mut parts, mut from, mut last) = (Vec::new(), 0, 0);
    each(pattern, text, 0, false, |((start, end), _)| {
        if start < text.len() && end > last {
            parts.push(text.get(from..start).unwrap_or_default());
            from = end;
        }
        last = end;
        Ok(true)
    })?;
    parts.push(text.get(from..).unwrap_or_default());
    Ok(parts)
}

/// A match as PostgreSQL tells it: its groups, or itself where there are none.
pub(super) fn told(text: &str, (whole, groups): &Match) -> Vec<Option<String>> {
    let part = |(start, end): &Span| text.get(*start..*end).unwrap_or_default().to_owned();
    match groups.is_empty() {
        true => vec![Some(part(whole))],
        false => groups.iter().map(|group| group.as_ref().map(part)).collect(),
    }
}

/// The matches of a pattern: all of them where it is global, else the first.
pub(super) fn matches(pattern: &Pattern, text: &str) -> Result<Vec<Vec<Option<String>>>> {
    let mut all = Vec::new();
    let mut bytes = 0;
    each(pattern, text, 0, true, |found| {
        let told = told(text, &found);
        bytes += told.iter().flatten().map(String::len).sum::<usize>() + 16 * told.len();
        all.push(told);
        if bytes > VALUE_BYTES {
            return Err(too_long());
        }
        Ok(pattern.is_global)
    })?;
    Ok(all)
}
