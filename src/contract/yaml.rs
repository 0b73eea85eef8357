//! YAML documents as trees whose every node knows its place in the text.
//!
//! serde-saphyr parses and enforces the limits; this module keeps what serde would forget:
//! positions, the order of keys, and the text of numbers (so that `0.1` stays `0.1`).

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use crate::diagnostic::{Diagnostic, Source, Span, nearest};

use super::lint::rules::{duplicate_key, limit_exceeded, yaml_syntax};
use super::syntax;

/// Largest document, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// Deepest nesting of mappings and sequences.
pub const MAX_DEPTH: usize = 64;
/// Most anchors, and most aliases, in one document.
pub const MAX_ANCHORS: usize = 64;
/// Most nodes that a document may have once its aliases are followed.
pub const MAX_NODES: usize = 200_000;

/// Stack for reading the deepest document that is allowed, in bytes.
const STACK: usize = 16 << 20;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its place; an aliased value has the place where it was written out.
    pub span: Span,
}

/// A key of a mapping and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The key's text.
    pub text: String,
    /// Its place.
    pub span: Span,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~` or empty.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(String),
    /// A string.
    String(String),
    /// A sequence.
    Seq(Vec<Node>),
    /// A mapping, in the order of the document.
    Map(Vec<(Key, Node)>),
}

impl Value {
    /// The kind of value in a user's words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Seq(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}

impl Node {
    /// The value of `key`, where this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|(k, _)| k.text == key).map(|(_, v)| v)
    }

    /// The entries of a mapping; none of anything else.
    pub fn entries(&self) -> &[(Key, Node)] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a sequence; none of anything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::Seq(items) => items,
            _ => &[],
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(s) => Some(s),
            _ => None,
        }
    }

    /// The text of a string, number or boolean.
    pub fn scalar_text(&self) -> Option<String> {
        match &self.value {
            Value::String(s) | Value::Number(s) => Some(s.clone()),
            Value::Bool(b) => Some(b.to_string()),
            _ => None,
        }
    }

    /// The value of a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(b) => Some(b),
            _ => None,
        }
    }

    /// Whether two nodes hold the same value, wherever they are.
    pub fn same_value(&self, other: &Node) -> bool {
        match (&self.value, &other.value) {
            (Value::Seq(a), Value::Seq(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same_value(b))
            }
            (Value::Map(a), Value::Map(b)) => {
                let same = |((k, v), (l, w)): (&(Key, Node), &(Key, Node))| {
                    k.text == l.text && v.same_value(w)
                };
                a.len() == b.len() && a.iter().zip(b).all(same)
            }
            (a, b) => a == b,
        }
    }

    /// The value as plain JSON, positions dropped.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as J;
        match &self.value {
            Value::Null => J::Null,
            Value::Bool(b) => J::Bool(*b),
            Value::Number(n) => serde_json::from_str(n).unwrap_or_else(|_| J::String(n.clone())),
            Value::String(s) => J::String(s.clone()),
            Value::Seq(items) => J::Array(items.iter().map(Node::to_json).collect()),
            Value::Map(entries) => {
                J::Object(entries.iter().map(|(k, v)| (k.text.clone(), v.to_json())).collect())
            }
        }
    }
}

/// Parses one YAML document within the limits.
///
/// # Errors
/// A diagnostic when the text is not YAML, breaks a limit, or repeats a key.
pub fn parse(source: &Arc<Source>) -> Result<Node, Box<Diagnostic>> {
    let text = source.text.as_str();
    if text.len() > MAX_BYTES {
        return Err(Box::new(
            Diagnostic::new(
                &limit_exceeded::META,
                source,
                Span::START,
                format!("the document has {} bytes; at most {MAX_BYTES} are read", text.len()),
            )
            .hint("split it into several contracts"),
        ));
    }
    // The limits bound the depth, but the calling thread's stack may be smaller.
    stacker::maybe_grow(STACK / 2, STACK, || {
        let raw: Spanned<Raw> = serde_saphyr::from_str_with_options(text, options())
            .map_err(|error| Box::new(explain(source, &error)))?;
        Ok(place(raw, text))
    })
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_anchors: MAX_ANCHORS,
            max_aliases: MAX_ANCHORS,
            max_nodes: MAX_NODES,
            max_documents: 1,
        },
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
        strict_booleans: true,
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::PassThrough,
        with_snippet: false,
    }
}

/// Turns the parser's error into a diagnostic of the rule that it breaks.
fn explain(source: &Arc<Source>, error: &serde_saphyr::Error) -> Diagnostic {
    use serde_saphyr::Error;
    let error = error.without_snippet();
    let span = error.location().map_or(Span::START, |l| {
        Span::of_position(&source.text, l.line() as usize, l.column() as usize)
    });
    let text = error.to_string();
    match error {
        Error::DuplicateMappingKey { key, .. } => {
            let name = key.as_deref().unwrap_or("key");
            Diagnostic::new(
                &duplicate_key::META,
                source,
                span,
                format!("key '{name}' occurs twice in one mapping"),
            )
            .hint("keep only one of the two")
        }
        _ if text.contains("Documents {") => several_documents(source, span),
        // Inside an alias the breach comes wrapped, as mere text.
        _ if text.contains("budget breached") || text.contains("LimitExceeded") => {
            limit(source, span, &text)
        }
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => limit(source, span, &text),
        Error::MultipleDocuments { .. } => several_documents(source, span),
        _ => match tab(&source.text, &text, span) {
            Some(tab) => {
                Diagnostic::new(&yaml_syntax::META, source, tab, "a tab indents this line")
                    .hint("indent with spaces; YAML does not allow tabs")
            }
            None => {
                let fault = syntax::explain(&source.text, &one_line(&text), span);
                Diagnostic::new(&yaml_syntax::META, source, fault.span, fault.message)
                    .maybe_hint(fault.hint)
            }
        },
    }
}

fn several_documents(source: &Arc<Source>, span: Span) -> Diagnostic {
    let message = "more than one YAML document in one file";
    Diagnostic::new(&yaml_syntax::META, source, span, message)
        .hint("move what follows '---' to a separate file")
}

fn limit(source: &Arc<Source>, span: Span, text: &str) -> Diagnostic {
    let broken = text.split("budget breached: ").nth(1).unwrap_or(text);
    let message = match broken.split([' ', '{']).next().unwrap_or_default() {
        "Anchors" => format!("more than {MAX_ANCHORS} anchors"),
        "Aliases" => format!("more than {MAX_ANCHORS} aliases"),
        "Depth" => format!("more than {MAX_DEPTH} levels"),
        "Nodes" | "Events" => {
            format!("more than {MAX_NODES} values once its aliases are followed")
        }
        _ => format!("beyond what is read of one document: {}", one_line(broken)),
    };
    Diagnostic::new(&limit_exceeded::META, source, span, format!("the document has {message}"))
        .hint("write values out instead of repeating them by alias, or split the contract")
}

/// The tab that an error is about: it indents the line of the error, or one after it, where the
/// parser took the line before for a text that goes on.
fn tab(text: &str, message: &str, span: Span) -> Option<Span> {
    let indents = |line: &str| {
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        line.get(..blanks).and_then(|blanks| blanks.find('\t'))
    };
    let about_tabs = message.contains("tab");
    let lines = text.lines().enumerate().skip(span.line.saturating_sub(1));
    // A line of nothing but blanks indents nothing.
    let mut lines = lines.filter(|(_, line)| !line.trim().is_empty());
    let found = lines.find_map(|(n, line)| Some((n, indents(line)?)));
    let (line, column) = found.filter(|_| about_tabs)?;
    Some(Span::of_position(text, line + 1, column + 1))
}

fn one_line(message: &str) -> String {
    let first = message.lines().next().unwrap_or("not valid YAML");
    // The place is shown beside the message.
    let first = first.split(" at line ").next().unwrap_or(first);
    first.trim_end_matches('.').to_owned()
}

/// The nearest of `known` to `word`, as a hint.
pub fn spelling_hint<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, known).map(|near| format!("did you mean '{near}'?"))
}

/// A text as a YAML scalar inside braces.
pub fn flow_scalar(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ' ');
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let own = ["true", "false", "null", "yes", "no", "on", "off"];
    let plain = starts && text.chars().all(is_plain) && !text.ends_with(' ');
    match plain && !own.contains(&text.to_ascii_lowercase().as_str()) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "''")),
    }
}

/// The tree as serde hands it over, before positions are made byte ranges.
enum Raw {
    Null,
    Bool(bool),
    Number(String),
    String(String),
    Seq(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<Raw>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }
    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }
    fn visit_bool<E>(self, v: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(v))
    }
    fn visit_i64<E>(self, v: i64) -> Result<Raw, E> {
        Ok(Raw::Number(v.to_string()))
    }
    fn visit_u64<E>(self, v: u64) -> Result<Raw, E> {
        Ok(Raw::Number(v.to_string()))
    }
    fn visit_i128<E>(self, v: i128) -> Result<Raw, E> {
        Ok(Raw::Number(v.to_string()))
    }
    fn visit_u128<E>(self, v: u128) -> Result<Raw, E> {
        Ok(Raw::Number(v.to_string()))
    }
    fn visit_f64<E>(self, v: f64) -> Result<Raw, E> {
        Ok(Raw::Number(v.to_string()))
    }
    fn visit_str<E>(self, v: &str) -> Result<Raw, E> {
        Ok(Raw::String(v.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Raw::Seq(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

fn place(raw: Spanned<Raw>, text: &str) -> Node {
    let span = span_of(raw.defined, text);
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Bool(b) => Value::Bool(b),
        Raw::Number(n) => Value::Number(written_number(n, span, text)),
        Raw::String(s) => Value::String(s),
        Raw::Seq(items) => Value::Seq(items.into_iter().map(|i| place(i, text)).collect()),
        Raw::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(k, v)| {
                    let key = place(k, text);
                    let name = key.scalar_text().unwrap_or_default();
                    (Key { text: name, span: key.span }, place(v, text))
                })
                .collect(),
        ),
    };
    Node { value, span }
}

/// The number as the author wrote it, where the text at its place is that number.
fn written_number(parsed: String, span: Span, text: &str) -> String {
    let written = text[span.start..span.end].trim();
    let decimal = written.strip_prefix('+').unwrap_or(written);
    let plain = !decimal.is_empty()
        && decimal
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'e' | b'E' | b'+'))
        && decimal.parse::<f64>().is_ok();
    if plain { decimal.to_owned() } else { parsed }
}

fn span_of(location: serde_saphyr::Location, text: &str) -> Span {
    let line = (location.line() as usize).max(1);
    let column = (location.column() as usize).max(1);
    match location.span().byte_offset() {
        Some(start) => {
            let len = location.span().byte_len().unwrap_or(1) as usize;
            let start = text.floor_char_boundary(start as usize);
            let end = text.ceil_char_boundary(start + len);
            let end = start + text[start..end].trim_end().len();
            Span { line, column, start, end }
        }
        None => Span::of_position(text, line, column),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Node {
        parse(&Arc::new(Source::new("t.yaml", text))).unwrap()
    }

    #[test]
    fn numbers_keep_the_text_they_were_written_in() {
        let node = tree("a: 0.10\nb: 1e3\nc: 12345678901234567890.125\nd: '7'\n");
        assert_eq!(node.get("a").unwrap().value, Value::Number("0.10".into()));
        assert_eq!(node.get("b").unwrap().value, Value::Number("1e3".into()));
        assert_eq!(node.get("c").unwrap().value, Value::Number("12345678901234567890.125".into()));
        assert_eq!(node.get("d").unwrap().value, Value::String("7".into()));
    }

    #[test]
    fn every_node_and_key_knows_its_place() {
        let node = tree("a:\n  b: [x, yé, z]\n");
        let list = node.get("a").unwrap().get("b").unwrap();
        let item = &list.items()[2];
        assert_eq!((item.span.line, item.span.column), (2, 14));
        assert_eq!((node.entries()[0].0.span.line, node.entries()[0].0.span.column), (1, 1));
    }

    #[test]
    fn a_bomb_a_pit_and_a_repeated_key_are_diagnostics() {
        let fail = |text: String| parse(&Arc::new(Source::new("t", text))).unwrap_err();
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
        for n in 1..9 {
            let item = format!("*a{}", n - 1);
            bomb += &format!("a{n}: &a{n} [{}]\n", [item.as_str(); 9].join(","));
        }
        let bomb = fail(bomb);
        assert_eq!(bomb.meta.name, "limit-exceeded", "{}", bomb.message);
        let pit = format!("{}{}", "[".repeat(100), "]".repeat(100));
        let pit = fail(pit);
        assert_eq!(pit.meta.name, "limit-exceeded", "{}", pit.message);
        let twice = fail("a: 1\nb: 2\na: 3\n".into());
        assert_eq!((twice.meta.name, twice.span.line), ("duplicate-key", 3));
        assert_eq!(fail("a: 1\n".repeat(300_000)).meta.name, "limit-exceeded");
        assert_eq!(fail("a: [1, 2\nb: 3".into()).meta.name, "yaml-syntax");
    }
}
