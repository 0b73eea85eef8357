//! Reads PostgreSQL's advanced regular expressions. What they have beyond regular languages, back
//! references and look-around, is refused.

use datafusion::common::{exec_datafusion_err, exec_err};
use datafusion::error::{DataFusionError, Result};

use super::brackets;
use super::escapes::{Escape, escape};
use super::reader::{Reader, invalid};
use super::syntax::{Node, Options, Place, Preference};

/// The most that a repetition counts to.
const MOST: u32 = 255;

/// How deep parentheses may be nested.
const DEPTH: usize = 100;

/// A pattern's tree, and its options with those that stand in it.
pub(super) struct Parsed {
    pub tree: Node,
    pub options: Options,
    /// The captured groups.
    pub groups: usize,
}

struct Parser {
    reader: Reader,
    options: Options,
    groups: usize,
}

fn not_supported(what: &str) -> DataFusionError {
    exec_datafusion_err!("{what} in a regular expression is not supported")
}

/// Reads a pattern.
pub(super) fn parse(pattern: &str, options: Options) -> Result<Parsed> {
    let reader = Reader { characters: pattern.chars().collect(), at: 0 };
    let mut parser = Parser { reader, options, groups: 0 };
    parser.prefixes()?;
    if parser.options.is_literal {
        let rest = parser.reader.characters.iter().skip(parser.reader.at);
        let tree = Node::Sequence(rest.map(|c| Node::Character(*c)).collect());
        return Ok(Parsed { tree, options: parser.options, groups: 0 });
    }
    let tree = parser.choice(0)?;
    match parser.reader.next() {
        None => Ok(Parsed { tree, options: parser.options, groups: parser.groups }),
        // An unmatched one stands for nothing else.
        Some(_) => Err(invalid("parentheses () not balanced")),
    }
}

impl Parser {
    /// `***=`, `***:` and `(?xyz)` at the start.
    fn prefixes(&mut self) -> Result<()> {
        if self.options.is_literal {
            return Ok(());
        }
        if self.reader.take("***=") {
            self.options.is_literal = true;
            return Ok(());
        }
        let _ = self.reader.take("***:");
        let is_option = self.reader.peek(2).is_some_and(|c| c.is_ascii_alphabetic());
        if self.reader.peek(0) == Some('(') && self.reader.peek(1) == Some('?') && is_option {
            self.reader.skip(2);
            loop {
                match self.reader.next() {
                    Some(')') => return Ok(()),
                    Some(letter @ ('b' | 'e')) => {
                        return Err(not_supported(&format!("the option \"{letter}\"")));
                    }
                    Some(letter) if letter != 'g' && self.options.take(letter).is_some() => {}
                    _ => return Err(invalid("invalid embedded option")),
                }
            }
        }
        Ok(())
    }

    fn choice(&mut self, depth: usize) -> Result<Node> {
        if depth > DEPTH {
            return Err(invalid("regular expression is too complex"));
        }
        let mut branches = vec![self.sequence(depth)?];
        while self.reader.take("|") {
            branches.push(self.sequence(depth)?);
        }
        Ok(match branches.len() {
            1 => branches.swap_remove(0),
            _ => Node::Choice(branches),
        })
    }

    fn sequence(&mut self, depth: usize) -> Result<Node> {
        let mut parts = Vec::new();
        loop {
            self.skip_comments()?;
            match self.reader.peek(0) {
                None | Some('|' | ')') => return Ok(Node::Sequence(parts)),
                Some(_) => {
                    let atom = self.atom(depth)?;
                    let part = self.repeated(atom)?;
                    parts.push(part);
                }
            }
        }
    }

    fn skip_comments(&mut self) -> Result<()> {
        loop {
            if self.reader.take("(?#") {
                while self.reader.next().is_some_and(|c| c != ')') {}
            } else if self.options.is_expanded
                && self.reader.peek(0).is_some_and(|c| c.is_ascii_whitespace())
            {
                self.reader.skip(1);
            } else if self.options.is_expanded && self.reader.take("#") {
                while self.reader.next().is_some_and(|c| c != '\n') {}
            } else {
                return Ok(());
            }
        }
    }

    fn atom(&mut self, depth: usize) -> Result<Node> {
        let Some(character) = self.reader.next() else { return Err(invalid("it ends early")) };
        Ok(match character {
            '(' => return self.group(depth),
            '[' if self.reader.take("[:<:]]") => Node::Place(Place::WordStart),
            '[' if self.reader.take("[:>:]]") => Node::Place(Place::WordEnd),
            '[' => return brackets::class(&mut self.reader, self.options.ignores_case),
            '.' => Node::Any,
            '^' => Node::Place(Place::LineStart),
            '$' => Node::Place(Place::LineEnd),
            '*' | '+' | '?' => return Err(invalid("quantifier operand invalid")),
            '{' if self.reader.peek(0).is_some_and(|c| c.is_ascii_digit()) => {
                return Err(invalid("quantifier operand invalid"));
            }
            '\\' => match escape(&mut self.reader, self.groups)? {
                Escape::Character(character) => Node::Character(character),
                Escape::Item(item) => Node::Class { is_negated: false, items: vec![item] },
                Escape::Place(place) => Node::Place(place),
                Escape::Reference => return Err(not_supported("a back reference")),
            },
            other => Node::Character(other),
        })
    }

    fn group(&mut self, depth: usize) -> Result<Node> {
        let is_captured = !self.reader.take("?:");
        if is_captured && self.reader.peek(0) == Some('?') {
            let looks = ["?=", "?!", "?<=", "?<!"].iter().any(|look| self.reader.take(look));
            return Err(match looks {
                true => not_supported("look-around"),
                false => invalid("quantifier operand invalid"),
            });
        }
        if is_captured {
            self.groups += 1;
        }
        let inner = Box::new(self.choice(depth + 1)?);
        match self.reader.take(")") {
            true => Ok(Node::Group { inner, is_captured }),
            false => Err(invalid("parentheses () not balanced")),
        }
    }

    /// An atom with what repeats it.
    fn repeated(&mut self, atom: Node) -> Result<Node> {
        self.skip_comments()?;
        let mut is_plain_count = false;
        let (least, most) = match self.reader.peek(0) {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') if self.reader.peek(1).is_some_and(|c| c.is_ascii_digit()) => {
                let (least, most, is_plain) = self.bounds()?;
                is_plain_count = is_plain;
                (least, most)
            }
            _ => return Ok(atom),
        };
        self.reader.skip(1);
        if matches!(atom, Node::Place(_)) {
            return Err(invalid("quantifier operand invalid"));
        }
        let preference = match self.reader.take("?") {
            true => Preference::Shortest,
            false => Preference::Longest,
        };
        self.skip_comments()?;
        let is_another = match self.reader.peek(0) {
            Some('*' | '+' | '?') => true,
            Some('{') => self.reader.peek(1).is_some_and(|c| c.is_ascii_digit()),
            _ => false,
        };
        match is_another {
            true => Err(invalid("quantifier operand invalid")),
            false => {
                let inner = Box::new(atom);
                Ok(Node::Repeat { inner, least, most, preference, is_plain_count })
            }
        }
    }

    fn count(&mut self) -> Result<Option<u32>> {
        let mut digits = String::new();
        while let Some(digit) = self.reader.peek(0).filter(char::is_ascii_digit) {
            digits.push(digit);
            self.reader.skip(1);
        }
        match (digits.is_empty(), digits.parse()) {
            (true, _) => Ok(None),
            (_, Ok(count)) if count <= MOST => Ok(Some(count)),
            _ => exec_err!("invalid regular expression: invalid repetition count(s)"),
        }
    }

    /// `{m}`, `{m,}` or `{m,n}`, up to its last brace.
    fn bounds(&mut self) -> Result<(u32, Option<u32>, bool)> {
        let counts = || invalid("invalid repetition count(s)");
        self.reader.skip(1);
        let least = self.count()?.ok_or_else(counts)?;
        let (most, is_plain) = match self.reader.take(",") {
            true => (self.count()?, false),
            false => (Some(least), true),
        };
        if self.reader.peek(0) != Some('}') || most.is_some_and(|most| most < least) {
            return Err(counts());
        }
        Ok((least, most, is_plain))
    }
}
