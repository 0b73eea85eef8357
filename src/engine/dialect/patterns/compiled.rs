//! A pattern that is ready to match.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use datafusion::common::{exec_datafusion_err, exec_err};
use datafusion::error::{DataFusionError, Result};
use regex::{Regex, RegexBuilder};

use super::certain::{ends_alike, groups_alike, looks_on, preference};
use super::ends::{Budget, Ends};
use super::parser::{Parsed, parse};
use super::syntax::{Options, Preference};
use super::written::written;

/// The bytes that a pattern may have.
const PATTERN_BYTES: usize = 10_000;

/// The bytes that the machine of a pattern may take.
const MACHINE_BYTES: usize = 2 << 20;

/// The bytes of a machine that looks at texts of any length.
const SMALL_BYTES: usize = 1 << 18;

/// The bytes of a text that a larger machine looks at.
const TEXT_BYTES: usize = 1 << 16;

/// The patterns that a batch keeps ready.
const KEPT: usize = 16;

/// Where something lies in a text, in bytes.
pub(super) type Span = (usize, usize);

/// A pattern.
pub(in crate::engine::dialect) struct Pattern {
    machine: Regex,
    written: String,
    /// Finds every end that a match may have.
    ends: OnceCell<Option<Ends>>,
    ends_alike: bool,
    groups_alike: bool,
    is_shortest: bool,
    is_small: bool,
    looks_on: bool,
    pub groups: usize,
    pub is_global: bool,
}

impl Pattern {
    pub fn new(pattern: &str, options: Options) -> Result<Self> {
        if pattern.len() > PATTERN_BYTES {
            return exec_err!("a regular expression takes at most {PATTERN_BYTES} bytes");
        }
        let Parsed { tree, options, groups } = parse(pattern, options)?;
        let written = written(&tree, options);
        let built = |bytes: usize| {
            RegexBuilder::new(&written).size_limit(bytes).dfa_size_limit(MACHINE_BYTES).build()
        };
        let small = built(SMALL_BYTES);
        let is_small = small.is_ok();
        let machine = small.or_else(|_| built(MACHINE_BYTES)).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => too_complex(),
            _ => exec_datafusion_err!("invalid regular expression: \"{pattern}\""),
        })?;
        Ok(Self {
            machine,
            written,
            ends: OnceCell::new(),
            ends_alike: ends_alike(&tree),
            groups_alike: groups_alike(&tree),
            is_shortest: preference(&tree) == Some(Preference::Shortest),
            is_small,
            looks_on: looks_on(&tree),
            groups,
            is_global: options.is_global,
        })
    }

    /// Whether anything in a text matches.
    pub fn is_match(&self, text: &str) -> Result<bool> {
        self.admit(text)?;
        Ok(self.machine.is_match(text))
    }

    /// A large machine looks at short texts alone: the work is the product of both.
    fn admit(&self, text: &str) -> Result<()> {
        match !self.is_small && text.len() > TEXT_BYTES {
            true => exec_err!(
                "a regular expression is too complex for a text of {} bytes: it matches texts up to \
                 {TEXT_BYTES}",
                text.len()
            ),
            false => Ok(()),
        }
    }

    /// The first match at or behind a place.
    pub fn find(&self, text: &str, from: usize, budget: &Budget) -> Result<Option<Span>> {
        self.admit(text)?;
        let Some(found) = self.machine.find_at(text, from) else { return Ok(None) };
        let end = match self.ends_alike {
            true => found.end(),
            false => self.end(text, found.start(), budget)?,
        };
        Ok(Some((found.start(), end)))
    }

    /// The first match at or behind a place, and those of its groups.
    pub fn captures(
        &self,
        text: &str,
        from: usize,
        budget: &Budget,
    ) -> Result<Option<(Span, Vec<Option<Span>>)>> {
        self.admit(text)?;
        if self.groups == 0 {
            return Ok(self.find(text, from, budget)?.map(|found| (found, Vec::new())));
        }
        let Some(found) = self.groups_at(text, from) else { return Ok(None) };
        if self.groups_alike {
            let (start, end) = found.0;
            let wanted = match self.ends_alike {
                true => end,
                false => self.end(text, start, budget)?,
            };
            if wanted == end {
                return Ok(Some(found));
            }
            // The machine goes elsewhere first: it is shown the text up to the end that is wanted.
            let text = text.get(..wanted).unwrap_or_default();
            let again = self.groups_at(text, from).filter(|(whole, _)| *whole == (start, wanted));
            if let (Some(again), false) = (again, self.looks_on) {
                return Ok(Some(again));
            }
        }
        exec_err!(
            "what the groups of this regular expression match is not told as PostgreSQL tells it: \
             its parts contend for the same characters"
        )
    }

    /// The machine's match, and those of its groups.
    fn groups_at(&self, text: &str, from: usize) -> Option<(Span, Vec<Option<Span>>)> {
        let found = self.machine.captures_at(text, from)?;
        let mut spans = found.iter().map(|group| group.map(|group| (group.start(), group.end())));
        let whole = spans.next().flatten()?;
        Some((whole, spans.collect()))
    }

    /// Where PostgreSQL ends a match that begins at a place.
    fn end(&self, text: &str, start: usize, budget: &Budget) -> Result<usize> {
        let compiled = || Ends::new(&self.written).ok();
        let ends = self.ends.get_or_init(compiled).as_ref().ok_or_else(too_complex)?;
        ends.find(text, start, self.is_shortest, budget)?.ok_or_else(too_complex)
    }
}

fn too_complex() -> DataFusionError {
    exec_datafusion_err!("invalid regular expression: it is too complex")
}

/// The options that letters name.
pub(super) fn options(letters: &str) -> Result<Options> {
    let mut options = Options::NONE;
    for letter in letters.chars() {
        if matches!(letter, 'b' | 'e') {
            return exec_err!("the regular expression option \"{letter}\" is not supported");
        }
        if options.take(letter).is_none() {
            return exec_err!("invalid regular expression option: \"{letter}\"");
        }
    }
    Ok(options)
}

/// Patterns that a batch has come across.
#[derive(Default)]
pub(super) struct Patterns {
    known: HashMap<(String, String), Rc<Pattern>>,
    last: Option<(String, String, Rc<Pattern>)>,
}

impl Patterns {
    /// The pattern of a text, with the options that letters name.
    pub fn get(&mut self, text: &str, letters: &str) -> Result<Rc<Pattern>> {
        if let Some((known, options, pattern)) = &self.last
            && known == text
            && options == letters
        {
            return Ok(Rc::clone(pattern));
        }
        let key = (text.to_owned(), letters.to_owned());
        let pattern = match self.known.get(&key) {
            Some(pattern) => Rc::clone(pattern),
            None => {
                let pattern = Rc::new(Pattern::new(text, options(letters)?)?);
                if self.known.len() >= KEPT {
                    self.known.clear();
                }
                self.known.insert(key.clone(), Rc::clone(&pattern));
                pattern
            }
        };
        self.last = Some((key.0, key.1, Rc::clone(&pattern)));
        Ok(pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn free() -> Budget {
        Budget::of("some text")
    }

    fn pattern(text: &str) -> Pattern {
        Pattern::new(text, Options::NONE).unwrap()
    }

    #[test]
    fn matches_are_the_longest_or_the_shortest() {
        assert_eq!(pattern("a|ay").find("xay", 0, &free()).unwrap(), Some((1, 3)));
        assert_eq!(pattern("fo|foob|foobar").find("foobar", 0, &free()).unwrap(), Some((0, 6)));
        assert_eq!(pattern("a+?").find("aaab", 0, &free()).unwrap(), Some((0, 1)));
        assert_eq!(pattern("a?(?:ab)?").find("ab", 0, &free()).unwrap(), Some((0, 2)));
        // The first repetition decides for the whole.
        assert_eq!(pattern("<.*?>.*").find("<b>x", 0, &free()).unwrap(), Some((0, 3)));
        assert_eq!(pattern("z").find("xay", 0, &free()).unwrap(), None);
    }

    #[test]
    fn groups_are_told_where_parts_do_not_contend() {
        let groups =
            |text, value| pattern(text).captures(value, 0, &free()).map(|found| found.unwrap().1);
        assert_eq!(groups("(a*)(b?)", "aab").unwrap(), vec![Some((0, 2)), Some((2, 3))]);
        assert_eq!(groups("(x)?(jpg|jpeg)", "jpeg").unwrap(), vec![None, Some((0, 4))]);
        assert_eq!(groups("Y*?([0-9]{1,3})", "Y123").unwrap(), vec![Some((1, 2))]);
        assert_eq!(groups("<(.*?)>(.*)", "<b>x").unwrap(), vec![Some((1, 2)), Some((3, 3))]);
        // One group would be "b" by PostgreSQL, and "bc" by the machine; or the other way round.
        assert!(groups("(a|ab)(c|bcd)", "abcd").is_err());
    }

    #[test]
    fn what_is_beyond_regular_languages_is_refused() {
        for text in ["(a)\\1", "a(?=b)", "(?<!a)b", "a**", "^*", "(", "a)", "[b", "[c-a]", "a{2,1}"]
        {
            assert!(Pattern::new(text, Options::NONE).is_err(), "{text}");
        }
        let is_match = |text, value| pattern(text).is_match(value).unwrap();
        assert!(is_match("a{b", "a{b") && is_match(".", "\n"));
        assert!(is_match("***=a+", "a+") && !is_match("***=a+", "aa"));
        assert!(options("b").is_err() && options("z").is_err());
    }

    #[test]
    fn work_beyond_its_budget_is_an_error() {
        let (pattern, text) = (pattern("a|a.*b"), "a".repeat(20_000));
        let budget = Budget::of(&text);
        let mut from = (0..text.len()).map(|from| pattern.find(&text, from, &budget));
        assert!(from.any(|found| found.is_err()));
    }
}
