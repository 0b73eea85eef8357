//! Reads JSON as PostgreSQL does: strictly, and down to a bounded depth.

use datafusion::common::exec_datafusion_err;
use datafusion::error::{DataFusionError, Result};

use super::tree::{Node, Tree, unsupported_escape};

/// How deep values may lie in each other.
const DEPTH: usize = 400;

/// The value of a text. Of `jsonb`, every text inside it must be one that PostgreSQL can hold.
pub(super) fn parse(text: &str, is_binary: bool) -> Result<Tree> {
    let mut parser = Parser { text, at: 0, is_binary };
    parser.blanks();
    let tree = parser.value(0)?;
    parser.blanks();
    match parser.at == text.len() {
        true => Ok(tree),
        false => Err(parser.wrong()),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    is_binary: bool,
}

impl Parser<'_> {
    fn wrong(&self) -> DataFusionError {
        let rest: String = self.text.get(self.at..).unwrap_or_default().chars().take(20).collect();
        match rest.is_empty() {
            true => exec_datafusion_err!(
                "invalid input syntax for type json: the input string ended unexpectedly"
            ),
            false => exec_datafusion_err!("invalid input syntax for type json at \"{rest}\""),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn skip(&mut self, sign: u8) -> bool {
        let found = self.peek() == Some(sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: u8) -> Result<()> {
        self.blanks();
        match self.skip(sign) {
            true => Ok(()),
            false => Err(self.wrong()),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Tree> {
        if depth > DEPTH {
            return Err(exec_datafusion_err!("JSON of more than {DEPTH} levels is not supported"));
        }
        let start = self.at;
        let node = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Node::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(_) => self.word()?,
            None => return Err(self.wrong()),
        };
        let written = self.text.get(start..self.at).unwrap_or_default().to_owned();
        Ok(Tree { node, written })
    }

    fn object(&mut self, depth: usize) -> Result<Node> {
        self.at += 1;
        let mut pairs = Vec::new();
        self.blanks();
        if self.skip(b'}') {
            return Ok(Node::Object(pairs));
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err(self.wrong());
            }
            let key = self.string()?;
            self.expect(b':')?;
            self.blanks();
            pairs.push((key, self.value(depth + 1)?));
            self.blanks();
            if self.skip(b'}') {
                return Ok(Node::Object(pairs));
            }
            self.expect(b',')?;
        }
    }

    fn array(&mut self, depth: usize) -> Result<Node> {
        self.at += 1;
        let mut items = Vec::new();
        self.blanks();
        if self.skip(b']') {
            return Ok(Node::Array(items));
        }
        loop {
            self.blanks();
            items.push(self.value(depth + 1)?);
            self.blanks();
            if self.skip(b']') {
                return Ok(Node::Array(items));
            }
            self.expect(b',')?;
        }
    }

    fn word(&mut self) -> Result<Node> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let words =
            [("null", Node::Null), ("true", Node::Bool(true)), ("false", Node::Bool(false))];
        let found = words.into_iter().find(|(word, _)| {
            let next = rest.strip_prefix(word).map(|rest| rest.bytes().next());
            next.is_some_and(|next| !next.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_'))
        });
        let Some((word, node)) = found else { return Err(self.wrong()) };
        self.at += word.len();
        Ok(node)
    }

    fn digits(&mut self) -> Result<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.wrong()) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Node> {
        self.skip(b'-');
        if !self.skip(b'0') {
            self.digits()?;
        }
        if self.skip(b'.') {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if !self.skip(b'+') {
                self.skip(b'-');
            }
            self.digits()?;
        }
        if self.peek().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.') {
            return Err(self.wrong());
        }
        Ok(Node::Number)
    }

    /// A text. One that PostgreSQL cannot hold is `None`: it is an error where it is asked for.
    fn string(&mut self) -> Result<Option<String>> {
        self.at += 1;
        let mut found = Some(String::new());
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let Some(letter) = rest.chars().next() else { return Err(self.wrong()) };
            match letter {
                '"' => {
                    self.at += 1;
                    return match (&found, self.is_binary) {
                        (None, true) => Err(unsupported_escape()),
                        _ => Ok(found),
                    };
                }
                '\\' => match self.escape()? {
                    Some(letter) => found.iter_mut().for_each(|found| found.push(letter)),
                    None => found = None,
                },
                control if control < ' ' => return Err(self.wrong()),
                other => {
                    self.at += other.len_utf8();
                    found.iter_mut().for_each(|found| found.push(other));
                }
            }
        }
    }

    /// The letter of an escape; `None` of one that no text can hold.
    fn escape(&mut self) -> Result<Option<char>> {
        self.at += 1;
        let letter = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(self.wrong()),
        };
        self.at += 1;
        Ok(Some(letter))
    }

    fn unicode(&mut self) -> Result<Option<char>> {
        let first = self.unit()?;
        if !(0xD800..0xDC00).contains(&first) {
            return Ok(char::from_u32(first).filter(|letter| *letter != '\0'));
        }
        // Two units make a letter beyond the first plane.
        let behind = self.text.get(self.at..).is_some_and(|rest| rest.starts_with("\\u"));
        if !behind {
            return Ok(None);
        }
        self.at += 1;
        let second = self.unit()?;
        if !(0xDC00..0xE000).contains(&second) {
            return Ok(None);
        }
        Ok(char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)))
    }

    /// The four digits behind `u`.
    fn unit(&mut self) -> Result<u32> {
        let digits = self.text.get(self.at + 1..self.at + 5).unwrap_or_default();
        let is_hex = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        match u32::from_str_radix(digits, 16) {
            Ok(unit) if is_hex => {
                self.at += 5;
                Ok(unit)
            }
            _ => Err(self.wrong()),
        }
    }
}
