//! A release named in the text: `from recommendations.scores for release 6 s`, also written
//! `recommendations.scores(release => 6)`.
//!
//! The clause becomes the named argument before the text is parsed, so that every place in it stays that of
//! the author, and the argument becomes a part of the schema's name before it is planned: each release of a
//! table is a table of its own, with its own columns.

use std::fmt;
use std::ops::ControlFlow;
use std::str::FromStr;

use datafusion::sql::sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, FunctionArgOperator, Ident, ObjectNamePart, Spanned,
    TableFactor, TableFunctionArgs, UnaryOperator, Value, VisitMut, VisitorMut,
};
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan, Word};

use crate::error::{Error, Position, Result};

use super::functions::placed;

/// Which release of a contract is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Which {
    /// One by its number.
    Number(u64),
    /// The newest.
    Latest,
    /// So many before the newest.
    Before(u64),
}

impl FromStr for Which {
    type Err = ();

    /// Reads `6`, `latest` or `current`, `-1`.
    fn from_str(text: &str) -> Result<Self, ()> {
        if ["latest", "current"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
            return Ok(Self::Latest);
        }
        let (digits, is_before) = match text.strip_prefix('-') {
            Some(digits) => (digits, true),
            None => (text, false),
        };
        let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let number = digits.parse().ok().filter(|_| is_number).ok_or(())?;
        match (is_before, number) {
            (false, number) => Ok(Self::Number(number)),
            (true, 0) => Err(()),
            (true, number) => Ok(Self::Before(number)),
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Latest => f.write_str("latest"),
            Self::Before(count) => write!(f, "-{count}"),
        }
    }
}

/// A table that a text reads at a release of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AtRelease {
    /// The schema as the text has it, in lower case.
    pub schema: String,
    /// The table, in lower case.
    pub table: String,
    /// The release.
    pub which: Which,
    /// Line and column of the name, from one.
    pub at: Position,
}

impl AtRelease {
    /// The schema that holds the tables of that release.
    pub fn schema_of_release(&self) -> String {
        format!("{}{MARK}{}", self.schema, self.which)
    }
}

/// A place of the parser's.
pub(in crate::engine) fn position(at: Location) -> Position {
    let number = |n: u64| usize::try_from(n).unwrap_or_default();
    (number(at.line), number(at.column))
}

/// Between a schema's name and a release.
const MARK: char = '@';

/// The schema of a name that may have a release in it.
pub fn without_release(schema: &str) -> &str {
    match schema.rsplit_once(MARK) {
        Some((schema, which)) if which.parse::<Which>().is_ok() => schema,
        _ => schema,
    }
}

const HINT: &str =
    "a release is its number, latest (or current), or -1 for the one before the latest";

/// `FOR RELEASE n` as `( release => n )`; other tokens stay.
///
/// # Errors
/// When something else stands behind `for release`.
pub(in crate::engine) fn clauses(tokens: Vec<TokenWithSpan>) -> Result<Vec<TokenWithSpan>> {
    let word = |at: usize, name: &str| is_word(tokens.get(at), name);
    let is_space = |t: &TokenWithSpan| matches!(t.token, Token::Whitespace(_));
    let next = |from: usize| {
        (from..tokens.len()).find(|n| tokens.get(*n).is_some_and(|token| !is_space(token)))
    };
    let mut found = Vec::with_capacity(tokens.len());
    let (mut at, mut parens) = (0, Parentheses::default());
    while let Some(token) = tokens.get(at) {
        parens.see(&token.token);
        let release = next(at + 1).filter(|n| word(at, "for") && word(*n, "release"));
        let Some(release) = release.filter(|_| !parens.has_own_for()) else {
            found.push(token.clone());
            at += 1;
            continue;
        };
        let (value, after) = value(&tokens, &next, release)?;
        let span = tokens.get(release).map_or(token.span, |t| t.span);
        let marked = |token: Token| TokenWithSpan { token, span };
        found.push(marked(Token::LParen));
        found.extend(tokens.get(release).cloned());
        found.push(marked(Token::RArrow));
        found.extend(value);
        found.push(marked(Token::RParen));
        at = after;
    }
    Ok(found)
}

/// The tokens of a release behind `for release`, and the first place behind them.
fn value(
    tokens: &[TokenWithSpan],
    next: &impl Fn(usize) -> Option<usize>,
    release: usize,
) -> Result<(Vec<TokenWithSpan>, usize)> {
    let start = tokens.get(release).map_or(Location::empty(), |t| t.span.start);
    let refused =
        || placed(Error::usage("sql", "no release follows FOR RELEASE").hint(HINT), start);
    let first = next(release + 1).ok_or_else(refused)?;
    let last = match tokens.get(first).map(|t| &t.token) {
        Some(Token::Minus) => next(first + 1).ok_or_else(refused)?,
        _ => first,
    };
    let is_release = match tokens.get(last).map(|t| &t.token) {
        Some(Token::Number(..)) => true,
        Some(Token::Word(word)) => first == last && word.value.parse() == Ok(Which::Latest),
        _ => false,
    };
    let found = tokens.get(first..=last).filter(|_| is_release).ok_or_else(refused)?;
    Ok((found.to_vec(), last + 1))
}

fn is_word(token: Option<&TokenWithSpan>, name: &str) -> bool {
    matches!(
        token.map(|t| &t.token),
        Some(Token::Word(Word { value, quote_style: None, .. })) if value.eq_ignore_ascii_case(name)
    )
}

/// The parentheses around a token: in those of `substring` and `overlay`, FOR is their own word.
#[derive(Default)]
struct Parentheses {
    open: Vec<bool>,
    last: Option<Keyword>,
}

impl Parentheses {
    fn see(&mut self, token: &Token) {
        match token {
            Token::LParen => {
                let own = [Keyword::SUBSTRING, Keyword::SUBSTR, Keyword::OVERLAY];
                self.open.push(self.last.is_some_and(|last| own.contains(&last)));
            }
            Token::RParen => drop(self.open.pop()),
            Token::Whitespace(_) => return,
            _ => {}
        }
        self.last = match token {
            Token::Word(word) => Some(word.keyword),
            _ => None,
        };
    }

    fn has_own_for(&self) -> bool {
        self.open.last() == Some(&true)
    }
}

/// Puts the releases that a statement names into the names of its schemas; returns the tables read so.
///
/// # Errors
/// When an argument is not a release, or the table has no schema.
pub(in crate::engine) fn name(statement: &mut impl VisitMut) -> Result<Vec<AtRelease>> {
    let mut found = Found::default();
    match statement.visit(&mut found) {
        ControlFlow::Continue(()) => Ok(found.0),
        ControlFlow::Break(error) => Err(*error),
    }
}

#[derive(Default)]
struct Found(Vec<AtRelease>);

impl VisitorMut for Found {
    type Break = Box<Error>;

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<Self::Break> {
        let TableFactor::Table { name, args, .. } = factor else {
            return ControlFlow::Continue(());
        };
        let at = name.span().start;
        let which = match args.as_ref().and_then(of_arguments) {
            None => return ControlFlow::Continue(()),
            Some(value) => match which(value) {
                Some(which) => which,
                None => return refused("the argument is not a release", HINT, at),
            },
        };
        let [ObjectNamePart::Identifier(schema), ObjectNamePart::Identifier(table)] =
            name.0.as_mut_slice()
        else {
            let hint = "write <contract>.<table> for release N";
            return refused("only a released table has releases", hint, at);
        };
        let read = AtRelease {
            schema: schema.value.to_ascii_lowercase(),
            table: table.value.to_ascii_lowercase(),
            which,
            at: position(at),
        };
        let span = schema.span;
        *schema = Ident::with_quote('"', read.schema_of_release());
        schema.span = span;
        *args = None;
        self.0.push(read);
        ControlFlow::Continue(())
    }
}

fn refused(what: &str, hint: &str, at: Location) -> ControlFlow<Box<Error>> {
    let error = Error::usage("sql", what).hint(hint.to_owned());
    ControlFlow::Break(Box::new(placed(error, at)))
}

/// The value of the argument `release`, where it is the only one.
fn of_arguments(arguments: &TableFunctionArgs) -> Option<&Expr> {
    let [argument] = arguments.args.as_slice() else { return None };
    let (name, value, operator) = match argument {
        FunctionArg::Named { name, arg, operator } => (name, arg, operator),
        FunctionArg::ExprNamed { name: Expr::Identifier(name), arg, operator } => {
            (name, arg, operator)
        }
        _ => return None,
    };
    let is_assigned =
        matches!(operator, FunctionArgOperator::RightArrow | FunctionArgOperator::Assignment);
    match value {
        FunctionArgExpr::Expr(value)
            if is_assigned && name.value.eq_ignore_ascii_case("release") =>
        {
            Some(value)
        }
        _ => None,
    }
}

fn which(value: &Expr) -> Option<Which> {
    let text = match value {
        Expr::Identifier(name) => name.value.clone(),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => format!("-{expr}"),
        Expr::Value(value) => match &value.value {
            Value::Number(text, _) | Value::SingleQuotedString(text) => text.clone(),
            _ => return None,
        },
        _ => return None,
    };
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_a_number_the_latest_or_one_before_it() {
        let read = |text: &str| text.parse::<Which>();
        assert_eq!(read("6"), Ok(Which::Number(6)));
        assert_eq!(read("LATEST"), Ok(Which::Latest));
        assert_eq!(read("current"), Ok(Which::Latest));
        assert_eq!(read("-2"), Ok(Which::Before(2)));
        for text in ["", "-", "-0", "+1", "1.5", "newest", "--1", "99999999999999999999"] {
            assert_eq!(read(text), Err(()), "{text}");
        }
    }

    #[test]
    fn a_schema_keeps_its_name_beside_the_release() {
        assert_eq!(without_release("shop@6"), "shop");
        assert_eq!(without_release("shop@latest"), "shop");
        assert_eq!(without_release("me@home"), "me@home");
        assert_eq!(without_release("shop"), "shop");
    }
}
