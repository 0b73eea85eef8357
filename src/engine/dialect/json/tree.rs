//! A value of JSON, and its text.

use std::collections::HashMap;

use datafusion::common::exec_datafusion_err;
use datafusion::error::{DataFusionError, Result};

use super::number;

/// A value, and how it was written.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    pub(super) node: Node,
    pub(super) written: String,
}

/// What a value is. A number is its text; a text that PostgreSQL cannot hold is `None`.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Number,
    Text(Option<String>),
    Array(Vec<Tree>),
    Object(Vec<(Option<String>, Tree)>),
}

impl Tree {
    pub(super) fn kind(&self) -> &'static str {
        match self.node {
            Node::Null => "null",
            Node::Bool(_) => "boolean",
            Node::Number => "number",
            Node::Text(_) => "string",
            Node::Array(_) => "array",
            Node::Object(_) => "object",
        }
    }

    pub(super) fn is_scalar(&self) -> bool {
        !matches!(self.node, Node::Array(_) | Node::Object(_))
    }

    /// The value's text as `jsonb`.
    pub(super) fn normal(&self) -> Result<String> {
        let mut out = String::with_capacity(self.written.len());
        self.write(&mut out)?;
        Ok(out)
    }

    fn write(&self, out: &mut String) -> Result<()> {
        match &self.node {
            Node::Null | Node::Bool(_) => out.push_str(&self.written),
            Node::Number => out.push_str(&number::normal(&self.written)?),
            Node::Text(text) => quote(text.as_deref().ok_or_else(unsupported_escape)?, out),
            Node::Array(items) => {
                out.push('[');
                for (n, item) in items.iter().enumerate() {
                    out.push_str(if n > 0 { ", " } else { "" });
                    item.write(out)?;
                }
                out.push(']');
            }
            Node::Object(pairs) => {
                out.push('{');
                for (n, (key, value)) in unique(pairs)?.into_iter().enumerate() {
                    out.push_str(if n > 0 { ", " } else { "" });
                    quote(key, out);
                    out.push_str(": ");
                    value.write(out)?;
                }
                out.push('}');
            }
        }
        Ok(())
    }

    /// The value as a text: a string without quotes, NULL for null.
    pub(super) fn plain(&self) -> Result<Option<String>> {
        Ok(match &self.node {
            Node::Null => None,
            Node::Text(text) => Some(text.clone().ok_or_else(unsupported_escape)?),
            _ => Some(self.written.clone()),
        })
    }

    /// The value of a key: the last of equal ones.
    pub(super) fn field(&self, key: &str) -> Option<&Tree> {
        let Node::Object(pairs) = &self.node else { return None };
        pairs.iter().rev().find(|(name, _)| name.as_deref() == Some(key)).map(|(_, value)| value)
    }

    /// The item at a place, from 0; from -1 backwards.
    pub(super) fn item(&self, place: i64) -> Option<&Tree> {
        let Node::Array(items) = &self.node else { return None };
        let place = match place < 0 {
            true => i64::try_from(items.len()).ok()?.checked_add(place)?,
            false => place,
        };
        items.get(usize::try_from(place).ok()?)
    }
}

/// The pairs of an object in the order of `jsonb`: by the length of their keys, then by their bytes; of equal
/// keys the last.
fn unique(pairs: &[(Option<String>, Tree)]) -> Result<Vec<(&str, &Tree)>> {
    let mut last: HashMap<&str, &Tree> = HashMap::with_capacity(pairs.len());
    for (key, value) in pairs {
        last.insert(key.as_deref().ok_or_else(unsupported_escape)?, value);
    }
    let mut found: Vec<_> = last.into_iter().collect();
    found.sort_by(|(a, _), (b, _)| (a.len(), a).cmp(&(b.len(), b)));
    Ok(found)
}

/// A text with quotes, and what must be escaped in it.
pub(super) fn quote(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => {
                out.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

pub(super) fn unsupported_escape() -> DataFusionError {
    exec_datafusion_err!("unsupported Unicode escape sequence")
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;

    #[test]
    fn jsonb_is_the_value_and_not_the_text() {
        let normal = |text| parse(text, true).unwrap().normal().unwrap();
        assert_eq!(
            normal(r#" {"bb":1, "a":[1 , 2],"c":{}, "a": null} "#),
            r#"{"a": null, "c": {}, "bb": 1}"#
        );
        assert_eq!(normal(r#""\u00e9\ud83d\ude00\u0001\/""#), "\"é😀\\u0001/\"");
        assert_eq!(normal("[1.50, 1e3, -0.0, 1.5e-3, -0]"), "[1.50, 1000, 0.0, 0.0015, 0]");
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for text in [
            "", "{", "[1,]", "{\"a\":}", "01", "1.", ".5", "+1", "nul", "\"a", "'a'", "{a:1}",
            "1 2", "\"\\x\"", "\"\t\"", "1e",
        ] {
            assert!(parse(text, false).is_err(), "{text}");
        }
        // A text that cannot be held may be kept, but not read.
        assert!(parse(r#""\u0000""#, false).is_ok());
        assert!(parse(r#""\u0000""#, true).is_err());
        assert!(parse(r#""\ud800""#, true).is_err());
        assert!(parse(&"[".repeat(9000), false).is_err());
    }
}
