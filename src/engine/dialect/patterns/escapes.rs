//! What stands behind a backslash.

use datafusion::error::Result;

use super::reader::{Reader, invalid};
use super::syntax::{Item, Named, Place};

/// What an escape means.
pub(super) enum Escape {
    Character(char),
    Item(Item),
    Place(Place),
    /// What a group before has matched.
    Reference,
}

fn named(named: Named, is_negated: bool) -> Escape {
    Escape::Item(Item::Named { named, is_negated })
}

fn code(code: u32) -> Result<Escape> {
    let character = char::from_u32(code).filter(|c| *c != '\0');
    character.map(Escape::Character).ok_or_else(|| invalid("invalid escape \\ sequence"))
}

/// Reads an escape behind its backslash; `groups` were opened before it.
pub(super) fn escape(reader: &mut Reader, groups: usize) -> Result<Escape> {
    let Some(letter) = reader.next() else { return Err(invalid("invalid escape \\ sequence")) };
    if !letter.is_alphanumeric() {
        return Ok(Escape::Character(letter));
    }
    match letter {
        'a' => code(7),
        'A' => Ok(Escape::Place(Place::TextStart)),
        'b' => code(8),
        'B' => Ok(Escape::Character('\\')),
        'c' => match reader.next() {
            Some(control) => code(u32::from(control) & 0x1f),
            None => Err(invalid("invalid escape \\ sequence")),
        },
        'd' => Ok(named(Named::Digit, false)),
        'D' => Ok(named(Named::Digit, true)),
        'e' => code(0x1b),
        'f' => code(0x0c),
        'm' => Ok(Escape::Place(Place::WordStart)),
        'M' => Ok(Escape::Place(Place::WordEnd)),
        'n' => code(0x0a),
        'r' => code(0x0d),
        's' => Ok(named(Named::Space, false)),
        'S' => Ok(named(Named::Space, true)),
        't' => code(0x09),
        'u' => code(digits(reader, 16, 4, 4)?),
        'U' => code(digits(reader, 16, 8, 8)?),
        'v' => code(0x0b),
        'w' => Ok(named(Named::Word, false)),
        'W' => Ok(named(Named::Word, true)),
        'x' => code(digits(reader, 16, 1, 255)?),
        'y' => Ok(Escape::Place(Place::WordEdge)),
        'Y' => Ok(Escape::Place(Place::NoWordEdge)),
        'Z' => Ok(Escape::Place(Place::TextEnd)),
        '0' => code(digits(reader, 8, 0, 2)?),
        '1'..='9' => reference(reader, letter, groups),
        _ => Err(invalid("invalid escape \\ sequence")),
    }
}

/// Two digits and more are a reference where there are as many groups, and else an octal code.
fn reference(reader: &mut Reader, first: char, groups: usize) -> Result<Escape> {
    let mut number = first.to_digit(10).unwrap_or(0) as usize;
    let mut more = 0;
    while let Some(digit) = reader.peek(more).and_then(|c| c.to_digit(10)) {
        number = number.saturating_mul(10).saturating_add(digit as usize);
        more += 1;
    }
    if more == 0 || number <= groups {
        return Ok(Escape::Reference);
    }
    let first = first.to_digit(8).ok_or_else(|| invalid("invalid backreference number"))?;
    let (mut value, mut taken) = (first, 0);
    while let Some(digit) = reader.peek(0).and_then(|c| c.to_digit(8)).filter(|_| taken < 2) {
        (value, taken) = (value * 8 + digit, taken + 1);
        reader.skip(1);
    }
    code(value)
}

fn digits(reader: &mut Reader, base: u32, least: usize, most: usize) -> Result<u32> {
    let (mut value, mut count) = (0_u32, 0);
    while let Some(digit) = reader.peek(0).and_then(|c| c.to_digit(base)).filter(|_| count < most) {
        value = value.checked_mul(base).and_then(|v| v.checked_add(digit)).unwrap_or(u32::MAX);
        count += 1;
        reader.skip(1);
    }
    match count < least {
        true => Err(invalid("invalid escape \\ sequence")),
        false => Ok(value),
    }
}
