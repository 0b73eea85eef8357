//! Upper and lower case, character by character as C's library maps them: no character becomes two, and
//! none looks at its neighbours.

use std::borrow::Cow;

use datafusion::error::Result;

use crate::engine::dialect::scalars::{Form, Function, Gives, Kind, Row, Value};

const TEXT: Gives = Gives::Kind(Kind::Text);

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "initcap", forms: &[Form::strict(&[Kind::Text], TEXT, initial)] },
    Function {
        name: "lower",
        forms: &[Form::strict(&[Kind::Text], TEXT, |row| Ok(Value::Text(lowered(row.text(0)))))],
    },
    Function {
        name: "upper",
        forms: &[Form::strict(&[Kind::Text], TEXT, |row| Ok(Value::Text(raised(row.text(0)))))],
    },
];

/// A text in lower case.
pub(super) fn lowered(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return match text.bytes().any(|b| b.is_ascii_uppercase()) {
            true => Cow::Owned(text.to_ascii_lowercase()),
            false => Cow::Borrowed(text),
        };
    }
    Cow::Owned(text.chars().map(lower).collect())
}

fn raised(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return match text.bytes().any(|b| b.is_ascii_lowercase()) {
            true => Cow::Owned(text.to_ascii_uppercase()),
            false => Cow::Borrowed(text),
        };
    }
    Cow::Owned(text.chars().map(upper).collect())
}

fn lower(character: char) -> char {
    // Unicode makes two characters of this one.
    if character == '\u{130}' {
        return 'i';
    }
    let mut mapped = character.to_lowercase();
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => character,
    }
}

fn upper(character: char) -> char {
    let mut mapped = character.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => alone(character),
    }
}

/// The capital of a letter for which Unicode has two, and C's library one.
fn alone(character: char) -> char {
    let code = u32::from(character);
    // Greek letters with an iota beneath have capitals with one beside.
    let capital = match code {
        0x1f80..=0x1f87 | 0x1f90..=0x1f97 | 0x1fa0..=0x1fa7 => code + 8,
        0x1fb3 | 0x1fc3 | 0x1ff3 => code + 9,
        _ => code,
    };
    char::from_u32(capital).unwrap_or(character)
}

/// The first letter of each word in upper case.
fn initial<'a>(row: &Row<'a>) -> Result<Value<'a>> {
    let mut is_inside = false;
    let letter = |character: char| {
        let mapped = if is_inside { lower(character) } else { upper(character) };
        is_inside = character.is_alphanumeric();
        mapped
    };
    Ok(Value::text(row.text(0).chars().map(letter).collect::<String>()))
}
