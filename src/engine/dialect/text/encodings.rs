//! Bytes as texts: `encode`, `decode`, and the encoding of characters.

use std::fmt::Write;

use datafusion::common::{exec_datafusion_err, exec_err};
use datafusion::error::{DataFusionError, Result};

use crate::engine::dialect::scalars::{Form, Function, Gives, Kind, Row, Value};

const TEXT: Gives = Gives::Kind(Kind::Text);
const BYTES: Gives = Gives::Kind(Kind::Bytes);

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "convert_from",
        forms: &[Form::strict(&[Kind::Bytes, Kind::Text], TEXT, |row| {
            known(row.text(1))?;
            match std::str::from_utf8(row.bytes(0)) {
                Ok(text) if !text.contains('\0') => Ok(Value::text(text)),
                _ => exec_err!("invalid byte sequence for encoding \"UTF8\""),
            }
        })],
    },
    Function {
        name: "convert_to",
        forms: &[Form::strict(&[Kind::Text, Kind::Text], BYTES, |row| {
            known(row.text(1))?;
            Ok(Value::bytes(row.text(0).as_bytes()))
        })],
    },
    Function { name: "decode", forms: &[Form::strict(&[Kind::Text, Kind::Text], BYTES, decoded)] },
    Function { name: "encode", forms: &[Form::strict(&[Kind::Bytes, Kind::Text], TEXT, encoded)] },
];

pub(super) fn is_utf8(encoding: &str) -> bool {
    ["utf8", "utf-8", "unicode"].iter().any(|name| encoding.eq_ignore_ascii_case(name))
}

fn known(encoding: &str) -> Result<()> {
    match is_utf8(encoding) {
        true => Ok(()),
        false => exec_err!("the encoding \"{encoding}\" is not supported: only UTF8 is"),
    }
}

fn encoded<'a>(row: &Row<'a>) -> Result<Value<'a>> {
    let bytes = row.bytes(0);
    let text = match row.text(1).to_ascii_lowercase().as_str() {
        "hex" => hex(bytes),
        "base64" => base64(bytes),
        "escape" => escaped(bytes),
        _ => return Err(unknown(row.text(1))),
    };
    Ok(Value::text(text))
}

fn decoded<'a>(row: &Row<'a>) -> Result<Value<'a>> {
    let text = row.text(0);
    let bytes = match row.text(1).to_ascii_lowercase().as_str() {
        "hex" => of_hex(text)?,
        "base64" => of_base64(text)?,
        "escape" => of_escapes(text)?,
        _ => return Err(unknown(row.text(1))),
    };
    Ok(Value::bytes(bytes))
}

fn unknown(format: &str) -> DataFusionError {
    exec_datafusion_err!("unrecognized encoding: \"{format}\"")
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // A string takes whatever is written.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn of_hex(text: &str) -> Result<Vec<u8>> {
    let (mut bytes, mut high) = (Vec::with_capacity(text.len() / 2), None);
    for character in text.chars() {
        if matches!(character, ' ' | '\n' | '\t' | '\r') && high.is_none() {
            continue;
        }
        let digit = character.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let Some(digit) = digit else {
            return exec_err!("invalid hexadecimal digit: \"{character}\"");
        };
        high = match high {
            None => Some(digit),
            Some(high) => {
                bytes.push(high << 4 | digit);
                None
            }
        };
    }
    match high {
        None => Ok(bytes),
        Some(_) => exec_err!("invalid hexadecimal data: odd number of digits"),
    }
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Lines of 76 characters, as mail has them.
fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 4);
    for (line, chunk) in bytes.chunks(57).enumerate() {
        if line > 0 {
            text.push('\n');
        }
        for three in chunk.chunks(3) {
            let byte = |at: usize| three.get(at).copied().map_or(0, u32::from);
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            for at in 0..4 {
                let letter =
                    LETTERS.get((bits >> (18 - 6 * at) & 63) as usize).copied().unwrap_or(b'A');
                text.push(if at > three.len() { '=' } else { char::from(letter) });
            }
        }
    }
    // What fills a line ends it.
    if !bytes.is_empty() && bytes.len().is_multiple_of(57) {
        text.push('\n');
    }
    text
}

fn of_base64(text: &str) -> Result<Vec<u8>> {
    let (mut bytes, mut bits, mut count, mut padding) = (Vec::new(), 0_u32, 0, 0);
    for character in text.chars() {
        if matches!(character, ' ' | '\n' | '\t' | '\r') {
            continue;
        }
        let value = match character {
            '=' if padding == 0 && count < 2 => {
                return exec_err!("unexpected \"=\" while decoding base64 sequence");
            }
            '=' => {
                padding += 1;
                0
            }
            _ => {
                let at = LETTERS.iter().position(|letter| char::from(*letter) == character);
                let Some(at) = at.filter(|_| padding == 0) else {
                    return exec_err!(
                        "invalid symbol \"{character}\" found while decoding base64 sequence"
                    );
                };
                u32::try_from(at).unwrap_or(0)
            }
        };
        (bits, count) = (bits << 6 | value, count + 1);
        if count == 4 {
            let kept = 3_usize.saturating_sub(padding);
            bytes.extend(bits.to_be_bytes().into_iter().skip(1).take(kept));
            (bits, count) = (0, 0);
        }
    }
    match count {
        0 => Ok(bytes),
        _ => exec_err!("invalid base64 end sequence"),
    }
}

fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'\\' => text.push_str("\\\\"),
            0 | 128.. => {
                // A string takes whatever is written.
                let _ = write!(text, "\\{byte:03o}");
            }
            plain => text.push(char::from(*plain)),
        }
    }
    text
}

fn of_escapes(text: &str) -> Result<Vec<u8>> {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    loop {
        rest = match rest {
            [] => return Ok(bytes),
            [b'\\', b'\\', rest @ ..] => {
                bytes.push(b'\\');
                rest
            }
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', rest @ ..] => {
                bytes.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest
            }
            [b'\\', ..] => return exec_err!("invalid input syntax for type bytea"),
            [plain, rest @ ..] => {
                bytes.push(*plain);
                rest
            }
        };
    }
}
