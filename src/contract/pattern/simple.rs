//! Patterns that need no engine: classes of ASCII characters in a row, anchored.
//!
//! `^course-[0-9]{5}$`, `^[A-Z]+$`, `[0-9]$`: most patterns of contracts look like this, and
//! comparing bytes is many times faster than an engine. All others are left to the engine.

/// Longest text that fixed parts may ask for, in bytes.
const LONGEST: usize = 256;

/// A pattern as sets of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Simple {
    /// A byte of each set in turn: at the start, at the end, or as the whole text.
    Fixed { sets: Vec<Set>, start: bool, end: bool },
    /// The whole text is of one set, with a least and a greatest number of bytes.
    All { set: Box<Set>, least: usize, most: usize },
}

/// Bytes that a character may have.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Set([bool; 256]);

impl std::fmt::Debug for Set {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let members: String = (0..128u8).filter(|b| self.has(*b)).map(char::from).collect();
        f.debug_tuple("Set").field(&members).finish()
    }
}

impl Set {
    fn none() -> Self {
        Self([false; 256])
    }

    fn add(&mut self, from: u8, to: u8) {
        (from..=to).for_each(|byte| self.0[usize::from(byte)] = true);
    }

    fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }

    /// Whether it has characters beyond ASCII, which take several bytes each.
    fn is_wide(&self) -> bool {
        self.0[0x80]
    }
}

impl Simple {
    /// The pattern, where it is simple.
    pub fn parse(source: &str) -> Option<Self> {
        let start = source.starts_with('^');
        let inner = source.strip_prefix('^').unwrap_or(source);
        let end = inner.ends_with('$') && !inner.ends_with("\\$");
        let inner = if end { &inner[..inner.len() - 1] } else { inner };
        if !start && !end || !inner.is_ascii() {
            return None;
        }
        let parts = parts(inner)?;
        if let ([(set, least, most)], true, true) = (parts.as_slice(), start, end) {
            // Bytes are counted, not characters: beyond ASCII only where the count does not matter.
            let counts = *least > 1 || *most != usize::MAX;
            return (!counts || !set.is_wide()).then(|| Self::All {
                set: Box::new(set.clone()),
                least: *least,
                most: *most,
            });
        }
        let mut sets = Vec::new();
        for (set, least, most) in parts {
            if least != most || set.is_wide() || least > LONGEST - sets.len() {
                return None;
            }
            sets.extend(std::iter::repeat_n(set, least));
        }
        Some(Self::Fixed { sets, start, end })
    }

    /// Whether another pattern matches every text that this one matches; `None` where comparing
    /// classes does not decide it.
    pub fn is_within(&self, other: &Self) -> Option<bool> {
        let subset = |a: &Set, b: &Set| (0..=255u8).all(|byte| !a.has(byte) || b.has(byte));
        Some(match (self, other) {
            (Self::All { set, least, most }, Self::All { set: other, least: from, most: to }) => {
                // No character at all is in every class.
                let lengths = least >= from && most <= to;
                lengths && (*most == 0 || subset(set, other))
            }
            (
                Self::Fixed { sets, start: true, end: true },
                Self::Fixed { sets: others, start: true, end: true },
            ) => sets.len() == others.len() && sets.iter().zip(others).all(|(a, b)| subset(a, b)),
            (Self::Fixed { sets, start: true, end: true }, Self::All { set, least, most }) => {
                (*least..=*most).contains(&sets.len()) && sets.iter().all(|s| subset(s, set))
            }
            (Self::All { set, least, most }, Self::Fixed { sets, start: true, end: true }) => {
                *least == sets.len() && most == least && sets.iter().all(|s| subset(set, s))
            }
            _ => return None,
        })
    }

    /// Whether the pattern is found in the text.
    pub fn is_match(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        match self {
            Self::All { set, least, most } => {
                (*least..=*most).contains(&bytes.len()) && bytes.iter().all(|b| set.has(*b))
            }
            Self::Fixed { sets, start, end } => {
                let found = match (start, end) {
                    (true, true) if bytes.len() != sets.len() => return false,
                    (true, _) => bytes.get(..sets.len()),
                    (false, _) => bytes.len().checked_sub(sets.len()).map(|from| &bytes[from..]),
                };
                found.is_some_and(|found| found.iter().zip(sets).all(|(b, set)| set.has(*b)))
            }
        }
    }
}

type Part = (Set, usize, usize);

/// Characters and classes in a row, each with how often it may occur.
fn parts(source: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = source.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        let set = match first {
            b'[' => class(&mut rest)?,
            b'\\' => escape(&mut rest)?,
            // Signs with other meanings.
            b'^' | b'$' | b'.' | b'*' | b'+' | b'?' | b'(' | b')' | b'{' | b'}' | b'|' | b']' => {
                return None;
            }
            literal => single(*literal),
        };
        let (least, most) = quantifier(&mut rest)?;
        parts.push((set, least, most));
    }
    Some(parts)
}

fn single(byte: u8) -> Set {
    let mut set = Set::none();
    set.add(byte, byte);
    set
}

fn digits() -> Set {
    let mut set = Set::none();
    set.add(b'0', b'9');
    set
}

fn words() -> Set {
    let mut set = digits();
    set.add(b'a', b'z');
    set.add(b'A', b'Z');
    set.add(b'_', b'_');
    set
}

fn escape(rest: &mut &[u8]) -> Option<Set> {
    let (escaped, tail) = rest.split_first()?;
    *rest = tail;
    match escaped {
        b'd' => Some(digits()),
        b'w' => Some(words()),
        sign if sign.is_ascii_punctuation() => Some(single(*sign)),
        _ => None,
    }
}

/// A class, after its opening bracket.
fn class(rest: &mut &[u8]) -> Option<Set> {
    let negated = rest.first() == Some(&b'^');
    if negated {
        *rest = &rest[1..];
    }
    let mut set = Set::none();
    let mut empty = true;
    loop {
        let (first, tail) = rest.split_first()?;
        *rest = tail;
        let from = match first {
            b']' => break,
            b'[' | b'&' | b'~' => return None,
            b'\\' => {
                let escaped = escape(rest)?;
                let members: Vec<u8> = (0..128).filter(|b| escaped.has(*b)).collect();
                if let [one] = members.as_slice() {
                    *one
                } else {
                    if rest.first() == Some(&b'-') {
                        return None;
                    }
                    members.iter().for_each(|b| set.add(*b, *b));
                    empty = false;
                    continue;
                }
            }
            other => *other,
        };
        let to = match rest {
            [b'-', b']', ..] | [] => from,
            [b'-', b'\\' | b'[', ..] => return None,
            [b'-', to, tail @ ..] => {
                let to = *to;
                *rest = tail;
                to
            }
            _ => from,
        };
        if from > to {
            return None;
        }
        set.add(from, to);
        empty = false;
    }
    if empty {
        return None;
    }
    if negated {
        set.0.iter_mut().for_each(|member| *member = !*member);
    }
    Some(set)
}

fn quantifier(rest: &mut &[u8]) -> Option<(usize, usize)> {
    let (bounds, length) = match rest.first() {
        Some(b'+') => ((1, usize::MAX), 1),
        Some(b'*') => ((0, usize::MAX), 1),
        Some(b'?') => ((0, 1), 1),
        Some(b'{') => {
            let close = rest.iter().position(|b| *b == b'}')?;
            let body = std::str::from_utf8(&rest[1..close]).ok()?;
            let number = |text: &str| {
                let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
                digits.then(|| text.parse::<usize>().ok()).flatten()
            };
            let bounds = match body.split_once(',') {
                None => (number(body)?, number(body)?),
                Some((low, "")) => (number(low)?, usize::MAX),
                Some((low, high)) => (number(low)?, number(high)?),
            };
            (bounds, close + 1)
        }
        _ => return Some((1, 1)),
    };
    *rest = &rest[length..];
    // A lazy or doubled quantifier.
    match rest.first() {
        Some(b'?' | b'+' | b'*' | b'{') => None,
        _ => Some(bounds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_simple_is_told_from_what_is_not() {
        for simple in [
            "^a",
            "^course-[0-9]{5}$",
            "[0-9]$",
            "^\\w+$",
            "^[^ ]+$",
            "^[A-Z]{2,3}$",
            "^a\\.b$",
            "^$",
        ] {
            assert!(Simple::parse(simple).is_some(), "{simple}");
        }
        for not in [
            "a",
            "a|b",
            "^a.b$",
            "^(a)$",
            "^a+b$",
            "^é$",
            "^[^ ]{3}$",
            "^\\s+$",
            "^a+?$",
            "^[\\s]$",
        ] {
            assert!(Simple::parse(not).is_none(), "{not}");
        }
    }

    proptest::proptest! {
        #[test]
        fn simple_patterns_find_what_an_ecma_engine_finds(
            parts in proptest::collection::vec("[a-c]|\\[a-b\\]|\\[\\^b\\]|\\\\d|\\\\w|\\[0-9_-\\]|-", 0..4),
            quantifiers in proptest::collection::vec("|\\+|\\*|\\?|\\{2\\}|\\{1,2\\}|\\{0,\\}", 4),
            anchors in 0u8..3,
            texts in proptest::collection::vec("[a-c0-2_\\-é\n ]{0,5}", 1..8),
        ) {
            let body: String =
                parts.iter().zip(&quantifiers).map(|(p, q)| format!("{p}{q}")).collect();
            let start = if anchors < 2 { "^" } else { "" };
            let end = if anchors > 0 { "$" } else { "" };
            let source = format!("{start}{body}{end}");
            let ecma = regress::Regex::new(&source).unwrap();
            if let Some(simple) = Simple::parse(&source) {
                for text in &texts {
                    let expected = ecma.find(text).is_some();
                    proptest::prop_assert_eq!(simple.is_match(text), expected, "{} in {:?}", source, text);
                }
            }
        }
    }
}
