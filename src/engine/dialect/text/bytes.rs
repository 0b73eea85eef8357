//! Single bytes and bits, and characters by their codes.

use datafusion::common::{exec_datafusion_err, exec_err};
use datafusion::error::Result;

use crate::engine::dialect::scalars::{Form, Function, Gives, Kind, Value};

const INT4: Gives = Gives::Kind(Kind::Int4);
const BYTES: Gives = Gives::Kind(Kind::Bytes);

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "ascii",
        forms: &[Form::strict(&[Kind::Text], INT4, |row| {
            Ok(Value::Int(row.text(0).chars().next().map_or(0, |c| i64::from(u32::from(c)))))
        })],
    },
    Function {
        name: "bit_count",
        forms: &[Form::strict(&[Kind::Bytes], Gives::Kind(Kind::Int8), |row| {
            Ok(Value::Int(row.bytes(0).iter().map(|byte| i64::from(byte.count_ones())).sum()))
        })],
    },
    Function {
        name: "chr",
        forms: &[Form::strict(&[Kind::Int4], Gives::Kind(Kind::Text), |row| character(row.int(0)))],
    },
    Function {
        name: "get_bit",
        forms: &[Form::strict(&[Kind::Bytes, Kind::Int8], INT4, |row| {
            let (bytes, n) = (row.bytes(0), row.int(1));
            let byte = bytes.get(bit(bytes, n)?).copied().unwrap_or(0);
            Ok(Value::Int(i64::from(byte >> (n % 8) & 1)))
        })],
    },
    Function {
        name: "get_byte",
        forms: &[Form::strict(&[Kind::Bytes, Kind::Int4], INT4, |row| {
            let (bytes, n) = (row.bytes(0), row.int(1));
            let byte = bytes.get(place(n, bytes.len())?).copied().unwrap_or(0);
            Ok(Value::Int(i64::from(byte)))
        })],
    },
    Function {
        name: "set_bit",
        forms: &[Form::strict(&[Kind::Bytes, Kind::Int8, Kind::Int4], BYTES, |row| {
            let (bytes, n, new) = (row.bytes(0), row.int(1), row.int(2));
            let at = bit(bytes, n)?;
            if !(0..=1).contains(&new) {
                return exec_err!("new bit must be 0 or 1");
            }
            let mut bytes = bytes.to_vec();
            if let Some(byte) = bytes.get_mut(at) {
                let mask = 1 << (n % 8);
                *byte = if new == 1 { *byte | mask } else { *byte & !mask };
            }
            Ok(Value::bytes(bytes))
        })],
    },
    Function {
        name: "set_byte",
        forms: &[Form::strict(&[Kind::Bytes, Kind::Int4, Kind::Int4], BYTES, |row| {
            let (bytes, n) = (row.bytes(0), row.int(1));
            let at = place(n, bytes.len())?;
            let mut bytes = bytes.to_vec();
            if let (Some(byte), [low, ..]) = (bytes.get_mut(at), row.int(2).to_le_bytes()) {
                *byte = low;
            }
            Ok(Value::bytes(bytes))
        })],
    },
    Function {
        name: "unistr",
        forms: &[Form::strict(&[Kind::Text], Gives::Kind(Kind::Text), |row| {
            unescaped(row.text(0)).map(Value::text)
        })],
    },
];

fn character<'a>(code: i64) -> Result<Value<'a>> {
    match u32::try_from(code) {
        Ok(0) => exec_err!("null character not permitted"),
        Err(_) => exec_err!("character number must be positive"),
        Ok(code) => match char::from_u32(code) {
            Some(found) => Ok(Value::text(found.to_string())),
            None if code > 0x10_ffff => {
                exec_err!("requested character too large for encoding: {code}")
            }
            None => exec_err!("requested character not valid for encoding: {code}"),
        },
    }
}

fn place(n: i64, count: usize) -> Result<usize> {
    match usize::try_from(n) {
        Ok(at) if at < count => Ok(at),
        _ => {
            exec_err!("index {n} out of valid range, 0..{}", i128::try_from(count).unwrap_or(0) - 1)
        }
    }
}

fn bit(bytes: &[u8], n: i64) -> Result<usize> {
    place(n, bytes.len() * 8).map(|at| at / 8)
}

/// A text with the characters that `\0041`, `\u0041`, `\+000041` and `\U00000041` stand for.
fn unescaped(text: &str) -> Result<String> {
    let invalid = || exec_datafusion_err!("invalid Unicode escape");
    let (mut found, mut rest, mut high) = (String::new(), text, None::<u32>);
    while let Some(character) = rest.chars().next() {
        rest = rest.get(character.len_utf8()..).unwrap_or_default();
        let code = match (character, rest.chars().next()) {
            ('\\', Some('\\')) => {
                rest = rest.get(1..).unwrap_or_default();
                u32::from('\\')
            }
            ('\\', next) => {
                let (skipped, digits) = match next {
                    Some('u') => (1, 4),
                    Some('U') => (1, 8),
                    Some('+') => (1, 6),
                    _ => (0, 4),
                };
                let code = rest.get(skipped..skipped + digits).ok_or_else(invalid)?;
                rest = rest.get(skipped + digits..).unwrap_or_default();
                let is_hex = code.bytes().all(|b| b.is_ascii_hexdigit());
                let code = Some(code).filter(|_| is_hex).ok_or_else(invalid)?;
                u32::from_str_radix(code, 16).map_err(|_| invalid())?
            }
            (plain, _) => u32::from(plain),
        };
        // Two halves make one character.
        let code = match (high.take(), code) {
            (Some(high), 0xdc00..=0xdfff) => {
                0x1_0000_u32 + ((high - 0xd800) << 10) + (code - 0xdc00)
            }
            (Some(_), _) => return exec_err!("invalid Unicode surrogate pair"),
            (None, 0xd800..=0xdbff) => {
                high = Some(code);
                continue;
            }
            (None, _) => code,
        };
        let character = char::from_u32(code).filter(|c| *c != '\0');
        found.push(character.ok_or_else(|| exec_datafusion_err!("invalid Unicode escape value"))?);
    }
    match high {
        Some(_) => exec_err!("invalid Unicode surrogate pair"),
        None => Ok(found),
    }
}
