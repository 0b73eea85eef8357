//! Whether the machine's match is PostgreSQL's.
//!
//! PostgreSQL's matches are the longest ones at the leftmost place, or the shortest ones where the first
//! repetition of a pattern prefers that; the machine's follow the order of branches. They differ where a
//! branch begins as another does, and in repetitions that contend for the same characters. What is not
//! told from the pattern is looked at in each match.

use super::syntax::{Item, Node, Place, Preference};

/// The preference of a whole pattern. A choice prefers the longest.
pub(super) fn preference(node: &Node) -> Option<Preference> {
    match node {
        Node::Character(_) | Node::Any | Node::Class { .. } | Node::Place(_) => None,
        Node::Group { inner, .. } => preference(inner),
        Node::Sequence(parts) => parts.iter().find_map(preference),
        Node::Choice(_) => Some(Preference::Longest),
        Node::Repeat { inner, is_plain_count: true, .. } => preference(inner),
        Node::Repeat { preference, .. } => Some(*preference),
    }
}

/// The characters that a part matches, where it is always as many.
fn fixed(node: &Node) -> Option<u32> {
    match node {
        Node::Character(_) | Node::Any | Node::Class { .. } => Some(1),
        Node::Place(_) => Some(0),
        Node::Group { inner, .. } => fixed(inner),
        Node::Sequence(parts) => parts.iter().map(fixed).sum(),
        Node::Choice(branches) => {
            let mut lengths = branches.iter().map(fixed);
            let first = lengths.next()??;
            lengths.all(|length| length == Some(first)).then_some(first)
        }
        Node::Repeat { inner, least, most, .. } if *most == Some(*least) => {
            fixed(inner)?.checked_mul(*least)
        }
        Node::Repeat { .. } => None,
    }
}

/// Whether the machine's match ends where PostgreSQL's does, whatever the text: nothing varies, or one
/// repetition alone.
pub(super) fn ends_alike(node: &Node) -> bool {
    if fixed(node).is_some() {
        return true;
    }
    let one_varies = |parts: &[Node]| {
        let mut varying = parts.iter().filter(|part| fixed(part).is_none());
        matches!((varying.next(), varying.next()), (Some(part), None) if ends_alike(part))
    };
    match node {
        Node::Group { inner, .. } => ends_alike(inner),
        Node::Sequence(parts) => one_varies(parts),
        Node::Repeat { inner, is_plain_count: false, .. } => fixed(inner).is_some_and(|n| n > 0),
        _ => false,
    }
}

/// Whether a match depends on what is behind it.
pub(super) fn looks_on(node: &Node) -> bool {
    match node {
        Node::Place(place) => !matches!(place, Place::LineStart | Place::TextStart),
        Node::Group { inner, .. } | Node::Repeat { inner, .. } => looks_on(inner),
        Node::Sequence(parts) | Node::Choice(parts) => parts.iter().any(looks_on),
        Node::Character(_) | Node::Any | Node::Class { .. } => false,
    }
}

/// Whether groups match what PostgreSQL's do, where the whole match is the same.
pub(super) fn groups_alike(node: &Node) -> bool {
    let parts = match node {
        Node::Sequence(parts) => parts.as_slice(),
        other => std::slice::from_ref(other),
    };
    parts.iter().all(|part| is_of_one_preference(part) && is_told_apart(part) && keeps_groups(part))
}

/// Whether all that varies in a part has the same preference.
fn is_of_one_preference(node: &Node) -> bool {
    let mut found = Vec::new();
    preferences(node, &mut found);
    found.windows(2).all(|two| matches!(two, [a, b] if a == b))
}

fn preferences(node: &Node, found: &mut Vec<Preference>) {
    match node {
        Node::Group { inner, .. } => preferences(inner, found),
        Node::Sequence(parts) => parts.iter().for_each(|part| preferences(part, found)),
        Node::Choice(branches) => {
            if fixed(node).is_none() {
                found.push(Preference::Longest);
            }
            branches.iter().for_each(|branch| preferences(branch, found));
        }
        Node::Repeat { inner, preference, is_plain_count, .. } => {
            if !is_plain_count {
                found.push(*preference);
            }
            preferences(inner, found);
        }
        _ => {}
    }
}

/// Whether no two branches of a choice can both match at a place.
fn is_told_apart(node: &Node) -> bool {
    match node {
        Node::Group { inner, .. } | Node::Repeat { inner, .. } => is_told_apart(inner),
        Node::Sequence(parts) => parts.iter().all(is_told_apart),
        Node::Choice(branches) => {
            let pairs = branches.iter().enumerate();
            let apart = |(at, one): (usize, &Node)| {
                branches.iter().skip(at + 1).all(|other| differ(one, other))
            };
            branches.iter().all(is_told_apart)
                && (fixed(node).is_some() || pairs.into_iter().all(apart))
        }
        _ => true,
    }
}

fn differ(one: &Node, other: &Node) -> bool {
    if let (Some(one), Some(other)) = (literal(one), literal(other)) {
        return !one.starts_with(&other) && !other.starts_with(&one);
    }
    match (first(one), first(other)) {
        (Some(one), Some(other)) => {
            one.iter().all(|(a, b)| other.iter().all(|(c, d)| b < c || d < a))
        }
        _ => false,
    }
}

/// A branch of plain characters, in one case.
fn literal(node: &Node) -> Option<String> {
    match node {
        Node::Character(character) => Some(character.to_lowercase().collect()),
        Node::Group { inner, .. } => literal(inner),
        Node::Sequence(parts) => parts.iter().map(literal).collect(),
        _ => None,
    }
}

/// The ranges that the first character of a match is in; `None` where that is not told.
fn first(node: &Node) -> Option<Vec<(char, char)>> {
    match node {
        Node::Character(character) => Some(both_cases(*character, *character)),
        Node::Class { is_negated: false, items } => {
            let ranges = items.iter().map(|item| match item {
                Item::Range(from, to) => Some(both_cases(*from, *to)),
                Item::Named { .. } => None,
            });
            ranges.collect::<Option<Vec<_>>>().map(|all| all.concat())
        }
        Node::Group { inner, .. } => first(inner),
        Node::Sequence(parts) => parts.iter().find(|part| fixed(part) != Some(0)).and_then(first),
        Node::Choice(branches) => {
            let all = branches.iter().map(first).collect::<Option<Vec<_>>>();
            all.map(|all| all.concat())
        }
        Node::Repeat { inner, least, .. } if *least > 0 => first(inner),
        _ => None,
    }
}

/// A range with the letters of the other case, where it is of ASCII; any character else.
fn both_cases(from: char, to: char) -> Vec<(char, char)> {
    if !to.is_ascii() {
        return vec![(from, to), ('a', 'z'), ('A', 'Z')];
    }
    let mut all = vec![(from, to)];
    for character in from..=to {
        if character.is_ascii_alphabetic() {
            let other = char::from(u8::try_from(character).unwrap_or(0) ^ 0x20);
            all.push((other, other));
        }
    }
    all
}

fn captures(node: &Node) -> bool {
    match node {
        Node::Group { inner, is_captured } => *is_captured || captures(inner),
        Node::Repeat { inner, .. } => captures(inner),
        Node::Sequence(parts) | Node::Choice(parts) => parts.iter().any(captures),
        _ => false,
    }
}

fn may_be_empty(node: &Node) -> bool {
    match node {
        Node::Place(_) => true,
        Node::Group { inner, .. } => may_be_empty(inner),
        Node::Sequence(parts) => parts.iter().all(may_be_empty),
        Node::Choice(branches) => branches.iter().any(may_be_empty),
        Node::Repeat { inner, least, .. } => *least == 0 || may_be_empty(inner),
        _ => false,
    }
}

/// Whether every turn of a repetition matches all groups anew: the machine keeps those of earlier turns.
fn keeps_groups(node: &Node) -> bool {
    match node {
        Node::Group { inner, .. } => keeps_groups(inner),
        Node::Sequence(parts) | Node::Choice(parts) => parts.iter().all(keeps_groups),
        Node::Repeat { inner, most, .. } => {
            let is_once = *most == Some(1);
            let is_plain =
                !captures(inner) || is_once || !may_be_empty(inner) && always_captures(inner);
            is_plain && keeps_groups(inner)
        }
        _ => true,
    }
}

/// Whether no group within is left out by some matches.
fn always_captures(node: &Node) -> bool {
    match node {
        Node::Group { inner, .. } => always_captures(inner),
        Node::Sequence(parts) => parts.iter().all(always_captures),
        Node::Choice(_) => !captures(node),
        Node::Repeat { inner, .. } => !captures(inner),
        _ => true,
    }
}
