//! Functions that fill, repeat, trim and replace. What may be longer than its arguments is bounded before
//! it is made.

use std::borrow::Cow;

use datafusion::common::exec_err;
use datafusion::error::Result;

use super::parts::{length, up_to};
use crate::engine::dialect::scalars::{
    Form, Function, Gives, Kind, Row, VALUE_BYTES, Value, too_long,
};

const TEXT: Gives = Gives::Kind(Kind::Text);
const BYTES: Gives = Gives::Kind(Kind::Bytes);

macro_rules! trim {
    ($name:literal, $left:literal, $right:literal) => {
        Function {
            name: $name,
            forms: &[
                Form::strict(&[Kind::Text], TEXT, |row| {
                    Ok(Value::text(trimmed(row.text(0), " ", ($left, $right))))
                }),
                Form::strict(&[Kind::Text, Kind::Text], TEXT, |row| {
                    Ok(Value::text(trimmed(row.text(0), row.text(1), ($left, $right))))
                }),
                Form::strict(&[Kind::Bytes, Kind::Bytes], BYTES, |row| {
                    Ok(Value::bytes(trimmed_bytes(row.bytes(0), row.bytes(1), ($left, $right))))
                }),
            ],
        }
    };
}

pub(super) const FUNCTIONS: &[Function] = &[
    trim!("btrim", true, true),
    Function {
        name: "lpad",
        forms: &[
            Form::strict(&[Kind::Text, Kind::Int4], TEXT, |row| padded(row, true)),
            Form::strict(&[Kind::Text, Kind::Int4, Kind::Text], TEXT, |row| padded(row, true)),
        ],
    },
    trim!("ltrim", true, false),
    Function {
        name: "repeat",
        forms: &[Form::strict(&[Kind::Text, Kind::Int4], TEXT, |row| {
            let (text, times) = (row.text(0), usize::try_from(row.int(1)).unwrap_or(0));
            match text.len().checked_mul(times) {
                Some(bytes) if bytes <= VALUE_BYTES => Ok(Value::text(text.repeat(times))),
                _ => Err(too_long()),
            }
        })],
    },
    Function {
        name: "replace",
        forms: &[Form::strict(&[Kind::Text, Kind::Text, Kind::Text], TEXT, replaced)],
    },
    Function {
        name: "rpad",
        forms: &[
            Form::strict(&[Kind::Text, Kind::Int4], TEXT, |row| padded(row, false)),
            Form::strict(&[Kind::Text, Kind::Int4, Kind::Text], TEXT, |row| padded(row, false)),
        ],
    },
    trim!("rtrim", false, true),
    Function {
        name: "translate",
        forms: &[Form::strict(&[Kind::Text, Kind::Text, Kind::Text], TEXT, translated)],
    },
    trim!("trim", true, true),
];

fn trimmed<'a>(text: &'a str, characters: &str, (left, right): (bool, bool)) -> &'a str {
    let is_one = |character: char| characters.contains(character);
    let text = if left { text.trim_start_matches(is_one) } else { text };
    if right { text.trim_end_matches(is_one) } else { text }
}

fn trimmed_bytes<'a>(mut bytes: &'a [u8], set: &[u8], (left, right): (bool, bool)) -> &'a [u8] {
    while let (true, [first, rest @ ..]) = (left, bytes)
        && set.contains(first)
    {
        bytes = rest;
    }
    while let (true, [rest @ .., last]) = (right, bytes)
        && set.contains(last)
    {
        bytes = rest;
    }
    bytes
}

fn padded<'a>(row: &Row<'a>, is_left: bool) -> Result<Value<'a>> {
    let (text, wanted) = (row.text(0), row.int(1).max(0));
    let filling = if row.len() > 2 { row.text(2) } else { " " };
    let missing = wanted - length(text);
    if missing <= 0 || filling.is_empty() {
        return Ok(Value::text(up_to(text, wanted).0));
    }
    let missing = usize::try_from(missing).unwrap_or(usize::MAX);
    let bytes = filling.len().div_ceil(filling.chars().count()).saturating_mul(missing);
    if bytes.saturating_add(text.len()) > VALUE_BYTES {
        return Err(too_long());
    }
    let filled: String = filling.chars().cycle().take(missing).collect();
    Ok(Value::text(match is_left {
        true => filled + text,
        false => [text, &filled].concat(),
    }))
}

fn replaced<'a>(row: &Row<'a>) -> Result<Value<'a>> {
    let (text, from, to) = (row.text(0), row.text(1), row.text(2));
    if from.is_empty() || !text.contains(from) {
        return Ok(Value::text(text));
    }
    if to.len() > from.len() {
        let more = text.matches(from).count().saturating_mul(to.len() - from.len());
        if more.saturating_add(text.len()) > VALUE_BYTES {
            return Err(too_long());
        }
    }
    Ok(Value::text(text.replace(from, to)))
}

fn translated<'a>(row: &Row<'a>) -> Result<Value<'a>> {
    let (text, from, to) = (row.text(0), row.text(1), row.text(2));
    if from.len() > 1024 {
        return exec_err!("translate takes at most 1024 bytes of characters to replace");
    }
    let letter = |character: char| match from.chars().position(|c| c == character) {
        None => Some(character),
        Some(at) => to.chars().nth(at),
    };
    let found: String = text.chars().filter_map(letter).collect();
    Ok(Value::Text(Cow::Owned(found)))
}
