//! Patterns of contracts: ECMA-262 expressions that *search*, in linear time where possible.
//!
//! `\d`, `\w`, `\s`, `\b` and `.` keep ECMA's meaning (ASCII classes; `.` stops at every line
//! terminator). What `regex` cannot express runs on a backtracking engine under a step limit.

mod simple;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use simple::Simple;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    source: String,
    engine: Engine,
}

#[derive(Debug, Clone)]
enum Engine {
    Bytes(Arc<Simple>),
    Linear(Arc<regex::Regex>),
    Backtracking(Arc<fancy_regex::Regex>),
}

/// Steps that the backtracking engine may take on one text.
const STEP_LIMIT: usize = 1_000_000;

/// A text on which a backtracking pattern took too many steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the pattern took more than {STEP_LIMIT} steps on one value")]
pub struct TooManySteps;

/// Largest compiled program, in bytes.
const SIZE_LIMIT: usize = 10 << 20;

/// A pattern that is not executed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPattern {
    /// Not a regular expression.
    #[error("{0}")]
    Invalid(String),
    /// A regular expression that other engines know, or that ECMA-262 reads in a way hardly meant.
    #[error("{0}")]
    Elsewhere(String),
}

/// Whether `pattern` lets through all that `other` does; `None` where that is unknown.
pub fn lets_through(pattern: &str, other: &str) -> Option<bool> {
    Simple::parse(other)?.is_within(&Simple::parse(pattern)?)
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// When it is not an ECMA-262 expression, or not one that can be run.
    pub fn compile(source: &str) -> Result<Self, BadPattern> {
        // ECMA's parser decides what is a pattern.
        let parsed = regress::Regex::with_flags(source, regress::Flags::from("u"))
            .or_else(|_| regress::Regex::new(source));
        let translated = match (parsed, translate(source)) {
            (Ok(_), Some(translated)) => translated,
            (Ok(_), None) => return Err(BadPattern::Elsewhere(meant_elsewhere(source))),
            (Err(_), _) if fancy_regex::Regex::new(source).is_ok() => {
                return Err(BadPattern::Elsewhere(meant_elsewhere(source)));
            }
            (Err(error), _) => return Err(BadPattern::Invalid(error.to_string())),
        };
        let engine = match (Simple::parse(source), linear(&translated)) {
            (Some(simple), _) => Engine::Bytes(Arc::new(simple)),
            (None, Some(regex)) => Engine::Linear(Arc::new(regex)),
            (None, None) => Engine::Backtracking(Arc::new(backtracking(&translated)?)),
        };
        Ok(Self { source: source.to_owned(), engine })
    }

    /// Whether the pattern is found anywhere in the text.
    ///
    /// # Errors
    /// When a backtracking pattern takes too many steps.
    pub fn is_match(&self, text: &str) -> Result<bool, TooManySteps> {
        match &self.engine {
            Engine::Bytes(simple) => Ok(simple.is_match(text)),
            Engine::Linear(regex) => Ok(regex.is_match(text)),
            Engine::Backtracking(regex) => regex.is_match(text).map_err(|_| TooManySteps),
        }
    }

    /// Whether it runs on the backtracking engine.
    pub fn is_backtracking(&self) -> bool {
        matches!(self.engine, Engine::Backtracking(_))
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.source
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}
impl Eq for Pattern {}
impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.source.hash(state);
    }
}

/// What to write for a construct of other engines.
fn meant_elsewhere(source: &str) -> String {
    let forms = [
        (r"\A", r"ECMA-262 reads \A as the letter A: write ^ for the beginning of the text"),
        (r"\z", r"ECMA-262 reads \z as the letter z: write $ for the end of the text"),
        (r"\Z", r"ECMA-262 reads \Z as the letter Z: write $ for the end of the text"),
        ("(?P<", "ECMA-262 writes a named group as (?<name>…)"),
        ("(?i", "ECMA-262 has no flags within a pattern: write [Aa] for a letter of either case"),
        ("(?", "ECMA-262 does not have this kind of group"),
        ("++", "ECMA-262 has no possessive quantifiers: write one + less"),
        ("*+", "ECMA-262 has no possessive quantifiers: write * alone"),
        ("[]", "write the members of the class"),
        ("[^]", r"write [\s\S] for any character"),
    ];
    let found = forms.iter().find(|(form, _)| source.contains(form));
    found.map_or("write it with the constructs of ECMA-262", |(_, meant)| meant).to_owned()
}

fn linear(translated: &str) -> Option<regex::Regex> {
    regex::RegexBuilder::new(translated).size_limit(SIZE_LIMIT).build().ok()
}

fn backtracking(translated: &str) -> Result<fancy_regex::Regex, BadPattern> {
    fancy_regex::RegexBuilder::new(translated)
        .backtrack_limit(STEP_LIMIT)
        .delegate_size_limit(SIZE_LIMIT)
        .build()
        .map_err(|e| BadPattern::Elsewhere(e.to_string()))
}

/// ECMA's white space and line terminators, as members of a class.
const SPACE: &str = r"\t\n\x{B}\x{C}\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}";
const NO_LINE_END: &str = r"[^\n\r\x{2028}\x{2029}]";

/// The expression in the language of `regex`, with look-around and back-references as
/// `fancy-regex` has them; `None` for what neither expresses.
fn translate(source: &str) -> Option<String> {
    let mut out = String::with_capacity(source.len() + 16);
    let mut chars = source.chars().peekable();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let is_class = chars.peek().is_some_and(|c| "dDwWsS".contains(*c));
                escape(&mut chars, in_class, &mut out)?;
                // After a class no range can begin: a dash is a literal.
                if in_class && is_class && chars.peek() == Some(&'-') {
                    chars.next();
                    out.push_str("\\-");
                }
            }
            '[' if in_class => out.push_str("\\["),
            '[' => {
                in_class = true;
                out.push('[');
                if chars.peek() == Some(&'^') {
                    chars.next();
                    out.push('^');
                }
                // `[]` and `[^]` are complete classes in ECMA, and invalid in `regex`.
                if chars.peek() == Some(&']') {
                    return None;
                }
            }
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            '.' if !in_class => out.push_str(NO_LINE_END),
            '$' if !in_class => out.push_str(r"\z"),
            '(' if !in_class && chars.peek() == Some(&'?') => {
                chars.next();
                match chars.next()? {
                    ':' => out.push_str("(?:"),
                    '<' if matches!(chars.peek(), Some('=' | '!')) => out.push_str("(?<"),
                    '<' => out.push_str("(?P<"),
                    kind @ ('=' | '!') => {
                        out.push_str("(?");
                        out.push(kind);
                    }
                    _ => return None,
                }
            }
            // A brace that opens no quantifier is a literal in ECMA.
            '{' if !in_class && !opens_quantifier(chars.clone()) => out.push_str("\\{"),
            '#' | ' ' => out.push(c),
            _ => out.push(c),
        }
    }
    Some(out)
}

fn opens_quantifier(rest: std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    let body: String = rest.take_while(|c| *c != '}').collect();
    let (low, high) = body.split_once(',').unwrap_or((&body, ""));
    !low.is_empty() && low.chars().chain(high.chars()).all(|c| c.is_ascii_digit())
}

fn escape(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    in_class: bool,
    out: &mut String,
) -> Option<()> {
    let class = |members: &str, out: &mut String| {
        if in_class { out.push_str(members) } else { out.push_str(&format!("[{members}]")) }
    };
    match chars.next()? {
        'd' => class("0-9", out),
        'w' => class("A-Za-z0-9_", out),
        's' => class(SPACE, out),
        'D' => out.push_str("[^0-9]"),
        'W' => out.push_str("[^A-Za-z0-9_]"),
        'S' => out.push_str(&format!("[^{SPACE}]")),
        'b' if in_class => out.push_str("\\x08"),
        'b' => out.push_str("(?-u:\\b)"),
        // Not at a word boundary, in ASCII.
        'B' => {
            out.push_str("(?:(?<=[A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<![A-Za-z0-9_])(?![A-Za-z0-9_]))")
        }
        'v' => out.push_str("\\x0B"),
        '0' if !chars.peek().is_some_and(char::is_ascii_digit) => out.push_str("\\x00"),
        'c' => {
            let letter = chars.next().filter(char::is_ascii_alphabetic)?;
            out.push_str(&format!("\\x{:02X}", letter as u32 % 32));
        }
        'u' => {
            if chars.peek() == Some(&'{') {
                chars.next();
                let hex: String = chars.by_ref().take_while(|c| *c != '}').collect();
                out.push_str(&format!("\\x{{{hex}}}"));
            } else {
                let hex: String = chars.by_ref().take(4).collect();
                let code = u32::from_str_radix(&hex, 16).ok()?;
                char::from_u32(code)?;
                out.push_str(&format!("\\x{{{hex}}}"));
            }
        }
        c @ ('t' | 'n' | 'r' | 'f' | 'x') => {
            out.push('\\');
            out.push(c);
        }
        kind @ ('p' | 'P' | 'k') => {
            out.push('\\');
            out.push(kind);
            // The name of a property: its brace is not a quantifier's.
            if chars.peek() == Some(&'{') {
                let name: String = chars.by_ref().take_while(|c| *c != '}').collect();
                out.push_str(&format!("{name}}}"));
            }
        }
        // A back-reference; classes have none.
        c if c.is_ascii_digit() && !in_class => {
            out.push('\\');
            out.push(c);
        }
        c if c.is_ascii_alphabetic() => return None,
        c => out.push_str(&regex::escape(&c.to_string())),
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::{BadPattern, Pattern, TooManySteps};

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::compile(pattern).unwrap().is_match(text).unwrap()
    }

    #[test]
    fn patterns_search_and_anchors_are_the_authors() {
        assert!(matches("[0-9]", "abc1"));
        assert!(!matches("^[0-9]+$", "abc1"));
        assert!(!matches("^a$", "a\n"));
    }

    #[test]
    fn classes_are_ascii_and_a_dot_stops_at_every_line_terminator() {
        assert!(!matches(r"^\d$", "٣") && matches(r"^\d$", "3"));
        assert!(!matches(r"^\w+$", "é"));
        assert!(matches(r"^\s$", "\u{feff}") && matches(r"^\s$", "\u{a0}"));
        assert!(!matches("^.$", "\u{2028}") && !matches("^.$", "\r") && matches("^.$", "é"));
    }

    #[test]
    fn what_regex_cannot_express_backtracks() {
        let look = Pattern::compile(r"^(?!0)\d+$").unwrap();
        assert!(look.is_backtracking());
        assert_eq!((look.is_match("10"), look.is_match("01")), (Ok(true), Ok(false)));
        let back = Pattern::compile(r"^(a|b)\1$").unwrap();
        assert!(back.is_backtracking());
        assert_eq!((back.is_match("aa"), back.is_match("ab")), (Ok(true), Ok(false)));
        assert!(matches(r"(?<=a)b\B", "abc") && !matches(r"(?<=a)b\B", "ab c"));
        assert!(!Pattern::compile(r"^tt[0-9]{7}$").unwrap().is_backtracking());
        assert!(Pattern::compile("[").is_err() && Pattern::compile("a{2,1}").is_err());
    }

    #[test]
    fn a_pattern_that_explodes_stops_at_its_step_limit() {
        let hostile = Pattern::compile(r"^(?:(a+)(?!x))+\1$").unwrap();
        assert_eq!(hostile.is_match(&format!("{}!", "a".repeat(40))), Err(TooManySteps));
    }

    #[test]
    fn a_dash_behind_a_class_is_a_dash() {
        let pattern = r"^[\w-z]+$";
        assert!(matches(pattern, "a-b") && !matches(pattern, "a`b"));
        assert!(matches("^[a-c]+$", "abc") && !matches("^[a-c]+$", "a-c"));
    }

    #[test]
    fn properties_of_unicode_are_classes_wherever_they_are_written() {
        assert!(matches(r"^\p{L}+$", "é") && !matches(r"^\p{L}+$", "e1"));
        assert!(matches(r"^[\p{L} ]+$", "é e") && matches(r"^\P{Lu}{2}$", "éa"));
    }

    #[test]
    fn constructs_of_other_engines_are_told_from_what_is_no_expression() {
        let bad = |pattern| Pattern::compile(pattern).unwrap_err();
        for (pattern, written) in [
            (r"\A[A-Z]+\z", "^"),
            (r"^\d{4}\Z", "$"),
            ("(?i)a", "[Aa]"),
            ("(?P<y>a)", "(?<name>"),
            ("a++", "one + less"),
            ("(?>a)b", "kind of group"),
        ] {
            let BadPattern::Elsewhere(hint) = bad(pattern) else { panic!("{pattern}") };
            assert!(hint.contains(written), "{pattern}: {hint}");
        }
        for pattern in ["[", "a{2,1}", "(", "*a"] {
            assert!(matches!(bad(pattern), BadPattern::Invalid(_)), "{pattern}");
        }
    }

    #[test]
    fn a_literal_brace_is_a_brace() {
        assert!(matches("^{a}$", "{a}") || Pattern::compile("^{a}$").is_err());
        assert!(matches(r"^a{2}$", "aa"));
    }
}
