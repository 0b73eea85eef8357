//! Parts of texts and of bytes: by position, by length, by a delimiter; and where a part lies.

use std::borrow::Cow;

use datafusion::common::exec_err;
use datafusion::error::Result;

use crate::engine::dialect::scalars::{Form, Function, Gives, Kind, Row, Value};

const TEXT: Gives = Gives::Kind(Kind::Text);
const BYTES: Gives = Gives::Kind(Kind::Bytes);
const INT4: Gives = Gives::Kind(Kind::Int4);

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "bit_length",
        forms: &[
            Form::strict(&[Kind::Text], INT4, |row| Ok(count(row.text(0).len() * 8))),
            Form::strict(&[Kind::Bytes], INT4, |row| Ok(count(row.bytes(0).len() * 8))),
        ],
    },
    Function { name: "char_length", forms: &[CHARACTERS] },
    Function { name: "character_length", forms: &[CHARACTERS] },
    Function {
        name: "left",
        forms: &[Form::strict(&[Kind::Text, Kind::Int4], TEXT, |row| {
            let (text, n) = (row.text(0), row.int(1));
            let wanted = if n < 0 { length(text) + n } else { n };
            Ok(Value::text(up_to(text, wanted).0))
        })],
    },
    Function {
        name: "length",
        forms: &[
            CHARACTERS,
            Form::strict(&[Kind::Bytes], INT4, |row| Ok(count(row.bytes(0).len()))),
            Form::strict(&[Kind::Bytes, Kind::Text], INT4, |row| {
                match (super::encodings::is_utf8(row.text(1)), std::str::from_utf8(row.bytes(0))) {
                    (true, Ok(text)) => Ok(Value::Int(length(text))),
                    (true, Err(_)) => exec_err!("invalid byte sequence for encoding \"UTF8\""),
                    _ => {
                        exec_err!("the encoding \"{}\" is not supported: only UTF8 is", row.text(1))
                    }
                }
            }),
        ],
    },
    Function {
        name: "octet_length",
        forms: &[
            Form::strict(&[Kind::Text], INT4, |row| Ok(count(row.text(0).len()))),
            Form::strict(&[Kind::Bytes], INT4, |row| Ok(count(row.bytes(0).len()))),
        ],
    },
    Function {
        name: "reverse",
        forms: &[Form::strict(&[Kind::Text], TEXT, |row| {
            Ok(Value::text(row.text(0).chars().rev().collect::<String>()))
        })],
    },
    Function {
        name: "right",
        forms: &[Form::strict(&[Kind::Text, Kind::Int4], TEXT, |row| {
            let (text, n) = (row.text(0), row.int(1));
            let dropped = if n < 0 { -n } else { (length(text) - n).max(0) };
            Ok(Value::text(up_to(text, dropped).1))
        })],
    },
    Function {
        name: "split_part",
        forms: &[Form::strict(&[Kind::Text, Kind::Text, Kind::Int4], TEXT, |row| {
            field(row.text(0), row.text(1), row.int(2)).map(Value::text)
        })],
    },
    Function {
        name: "strpos",
        forms: &[Form::strict(&[Kind::Text, Kind::Text], INT4, |row| {
            Ok(Value::Int(found(row.text(0), row.text(1))))
        })],
    },
    Function { name: "substr", forms: &SUBSTR },
];

/// `starts_with`.
pub(in crate::engine::dialect) static STARTS_WITH: Function = Function {
    name: "starts_with",
    forms: &[Form::strict(&[Kind::Text, Kind::Text], Gives::Kind(Kind::Bool), |row| {
        Ok(Value::Bool(row.text(0).starts_with(row.text(1))))
    })],
};

/// `overlay`.
pub(in crate::engine::dialect) static OVERLAY: Function = Function {
    name: "overlay",
    forms: &[
        Form::strict(&[Kind::Text, Kind::Text, Kind::Int4], TEXT, overlaid),
        Form::strict(&[Kind::Text, Kind::Text, Kind::Int4, Kind::Int4], TEXT, overlaid),
        Form::strict(&[Kind::Bytes, Kind::Bytes, Kind::Int4], BYTES, overlaid_bytes),
        Form::strict(&[Kind::Bytes, Kind::Bytes, Kind::Int4, Kind::Int4], BYTES, overlaid_bytes),
    ],
};

/// `position`, with the whole before the part.
pub(in crate::engine::dialect) static POSITION: Function =
    Function { name: "position", forms: POSITION_FORMS };

const CHARACTERS: Form =
    Form::strict(&[Kind::Text], INT4, |row| Ok(Value::Int(length(row.text(0)))));

const POSITION_FORMS: &[Form] = &[
    Form::strict(&[Kind::Text, Kind::Text], INT4, |row| {
        Ok(Value::Int(found(row.text(0), row.text(1))))
    }),
    Form::strict(&[Kind::Bytes, Kind::Bytes], INT4, |row| {
        let (whole, part) = (row.bytes(0), row.bytes(1));
        let at = match part.len() {
            0 => Some(0),
            n => whole.windows(n).position(|window| window == part),
        };
        Ok(at.map_or(Value::Int(0), |at| count(at + 1)))
    }),
];

pub(in crate::engine::dialect) const SUBSTR: [Form; 4] = [
    Form::strict(&[Kind::Text, Kind::Int4], TEXT, |row| {
        Ok(Value::text(part(row.text(0), row.int(1), None)?))
    }),
    Form::strict(&[Kind::Text, Kind::Int4, Kind::Int4], TEXT, |row| {
        Ok(Value::text(part(row.text(0), row.int(1), Some(row.int(2)))?))
    }),
    Form::strict(&[Kind::Bytes, Kind::Int4], BYTES, |row| {
        Ok(Value::bytes(part_of_bytes(row.bytes(0), row.int(1), None)?))
    }),
    Form::strict(&[Kind::Bytes, Kind::Int4, Kind::Int4], BYTES, |row| {
        Ok(Value::bytes(part_of_bytes(row.bytes(0), row.int(1), Some(row.int(2)))?))
    }),
];

fn count<'a>(count: usize) -> Value<'a> {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

/// The characters of a text.
pub(super) fn length(text: &str) -> i64 {
    let characters = if text.is_ascii() { text.len() } else { text.chars().count() };
    i64::try_from(characters).unwrap_or(i64::MAX)
}

/// A text's first characters, and the rest.
pub(super) fn up_to(text: &str, characters: i64) -> (&str, &str) {
    let Ok(characters) = usize::try_from(characters) else { return ("", text) };
    let at = match text.is_ascii() {
        true => characters.min(text.len()),
        false => text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at),
    };
    text.split_at(at)
}

/// Where a part lies, and how long it is: counted from one, and what is before the first is cut off.
fn bounds(start: i64, count: Option<i64>) -> Result<(i64, Option<i64>)> {
    let skipped = (start - 1).max(0);
    match count {
        Some(..0) => exec_err!("negative substring length not allowed"),
        Some(count) => Ok((skipped, Some((start - 1 + count - skipped).max(0)))),
        None => Ok((skipped, None)),
    }
}

fn part(text: &str, start: i64, count: Option<i64>) -> Result<&str> {
    let (skipped, taken) = bounds(start, count)?;
    let (_, rest) = up_to(text, skipped);
    Ok(taken.map_or(rest, |taken| up_to(rest, taken).0))
}

/// The same of bytes.
fn part_of_bytes(bytes: &[u8], start: i64, count: Option<i64>) -> Result<&[u8]> {
    let (skipped, taken) = bounds(start, count)?;
    let at = |n: i64| usize::try_from(n).unwrap_or(usize::MAX);
    let rest = bytes.get(at(skipped)..).unwrap_or_default();
    Ok(taken.map_or(rest, |taken| rest.get(..at(taken)).unwrap_or(rest)))
}

/// The place of the first occurrence, counted from one; zero where there is none.
fn found(whole: &str, part: &str) -> i64 {
    whole.find(part).map_or(0, |at| length(whole.get(..at).unwrap_or_default()) + 1)
}

fn overlaid<'a>(row: &Row<'a>) -> Result<Value<'a>> {
    let (text, new, start) = (row.text(0), row.text(1), row.int(2));
    let count = if row.len() > 3 { row.int(3) } else { length(new) };
    if start <= 0 {
        return exec_err!("negative substring length not allowed");
    }
    let before = part(text, 1, Some(start - 1))?;
    let behind = part(text, start + count, None)?;
    Ok(Value::text([before, new, behind].concat()))
}

fn overlaid_bytes<'a>(row: &Row<'a>) -> Result<Value<'a>> {
    let (bytes, new, start) = (row.bytes(0), row.bytes(1), row.int(2));
    let count =
        if row.len() > 3 { row.int(3) } else { i64::try_from(new.len()).unwrap_or(i64::MAX) };
    if start <= 0 {
        return exec_err!("negative substring length not allowed");
    }
    let before = part_of_bytes(bytes, 1, Some(start - 1))?;
    let behind = part_of_bytes(bytes, start + count, None)?;
    Ok(Value::bytes([before, new, behind].concat()))
}

/// The n-th field between delimiters; from the end where n is negative.
fn field<'a>(text: &'a str, delimiter: &str, n: i64) -> Result<Cow<'a, str>> {
    if n == 0 {
        return exec_err!("field position must not be zero");
    }
    if delimiter.is_empty() || text.is_empty() {
        return Ok(if n.abs() == 1 { text.into() } else { "".into() });
    }
    let at = usize::try_from(n.unsigned_abs() - 1).unwrap_or(usize::MAX);
    let found = match n > 0 {
        true => text.split(delimiter).nth(at),
        false => last_fields(text, delimiter).into_iter().rev().nth(at),
    };
    Ok(found.unwrap_or_default().into())
}

/// The fields, found from the start: delimiters may overlap.
fn last_fields<'a>(text: &'a str, delimiter: &str) -> Vec<&'a str> {
    text.split(delimiter).collect()
}
