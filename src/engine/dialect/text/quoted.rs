//! Texts as they are written in SQL.

use std::borrow::Cow;

use datafusion::error::Result;

use super::keywords::is_reserved;
use super::shown::shown;
use crate::engine::dialect::scalars::{Form, Function, Gives, Kind, Row, Value};

const TEXT: Gives = Gives::Kind(Kind::Text);

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "quote_ident",
        forms: &[Form::strict(&[Kind::Text], TEXT, |row| Ok(Value::Text(identifier(row.text(0)))))],
    },
    Function {
        name: "quote_literal",
        forms: &[Form::strict(&[Kind::Spelled], TEXT, |row| {
            Ok(Value::text(literal(shown(row, 0)?)))
        })],
    },
    Function { name: "quote_nullable", forms: &[Form::loose(&[Kind::Spelled], TEXT, nullable)] },
];

fn nullable<'a>(row: &Row<'a>) -> Result<Value<'a>> {
    match row.is_null(0) {
        true => Ok(Value::text("NULL")),
        false => Ok(Value::text(literal(shown(row, 0)?))),
    }
}

/// A name, in quotes where it needs them.
pub(super) fn identifier(name: &str) -> Cow<'_, str> {
    let is_plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    match is_plain && !is_reserved(name) {
        true => name.into(),
        false => format!("\"{}\"", name.replace('"', "\"\"")).into(),
    }
}

/// A text in quotes.
pub(super) fn literal(text: &str) -> String {
    let escaped = text.replace('\'', "''");
    match text.contains('\\') {
        true => format!("E'{}'", escaped.replace('\\', "\\\\")),
        false => format!("'{escaped}'"),
    }
}
