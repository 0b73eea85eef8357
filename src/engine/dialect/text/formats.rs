//! `format`: values in the places of a template.

use datafusion::common::{exec_datafusion_err, exec_err};
use datafusion::error::{DataFusionError, Result};

use super::parts::length;
use super::quoted::{identifier, literal};
use super::shown::shown;
use crate::engine::dialect::scalars::{
    Form, Function, Gives, Kind, Row, VALUE_BYTES, Value, too_long,
};

pub(super) const FUNCTIONS: &[Function] = &[Function {
    name: "format",
    forms: &[Form::variadic(&[Kind::Text], Kind::Spelled, Gives::Kind(Kind::Text), formatted)],
}];

/// A place of the template: which argument, how it is written, and how wide.
struct Place {
    argument: Option<usize>,
    is_left: bool,
    width: Width,
    conversion: char,
}

enum Width {
    None,
    Fixed(i64),
    /// That of an argument: the next one, or one by its number.
    Argument(Option<usize>),
}

struct Reader<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
}

fn formatted<'a>(row: &Row<'a>) -> Result<Value<'a>> {
    if row.is_null(0) {
        return Ok(Value::Null);
    }
    let mut reader = Reader { rest: row.text(0).chars().peekable() };
    let (mut text, mut next) = (String::new(), 1);
    while let Some(character) = reader.rest.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        if reader.rest.next_if_eq(&'%').is_some() {
            text.push('%');
            continue;
        }
        let place = reader.place()?;
        let mut taken = |number: Option<usize>| {
            let argument = number.unwrap_or(next);
            next = argument + 1;
            match argument < row.len() {
                true => Ok(argument),
                false => exec_err!("too few arguments for format()"),
            }
        };
        let width = match place.width {
            Width::None => 0,
            Width::Fixed(width) => width,
            Width::Argument(number) => width(row, taken(number)?)?,
        };
        let value = written(row, taken(place.argument)?, place.conversion)?;
        pad(&mut text, &value, place.is_left || width < 0, width.unsigned_abs())?;
    }
    Ok(Value::text(text))
}

/// A width that an argument gives; NULL is none.
fn width(row: &Row<'_>, argument: usize) -> Result<i64> {
    match row.is_null(argument) {
        true => Ok(0),
        false => {
            let text = shown(row, argument)?;
            text.parse().map_err(|_| {
                exec_datafusion_err!("invalid input syntax for type integer: \"{text}\"")
            })
        }
    }
}

fn written(row: &Row<'_>, argument: usize, conversion: char) -> Result<String> {
    match (conversion, row.is_null(argument)) {
        ('s', true) => Ok(String::new()),
        ('s', false) => shown(row, argument).map(str::to_owned),
        ('L', true) => Ok("NULL".to_owned()),
        ('L', false) => Ok(literal(shown(row, argument)?)),
        ('I', true) => exec_err!("null values cannot be formatted as an SQL identifier"),
        ('I', false) => Ok(identifier(shown(row, argument)?).into_owned()),
        (other, _) => exec_err!("unrecognized format() type specifier \"{other}\""),
    }
}

fn pad(text: &mut String, value: &str, is_left: bool, width: u64) -> Result<()> {
    let missing = i64::try_from(width).unwrap_or(i64::MAX).saturating_sub(length(value)).max(0);
    let missing = usize::try_from(missing).unwrap_or(usize::MAX);
    if text.len().saturating_add(value.len()).saturating_add(missing) > VALUE_BYTES {
        return Err(too_long());
    }
    let spaces = " ".repeat(missing);
    match is_left {
        true => text.extend([value, &spaces]),
        false => text.extend([spaces.as_str(), value]),
    }
    Ok(())
}

fn ended() -> DataFusionError {
    exec_datafusion_err!("unterminated format() type specifier")
}

impl Reader<'_> {
    fn number(&mut self) -> Result<Option<i64>> {
        let mut digits = String::new();
        while let Some(digit) = self.rest.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        match digits.is_empty() {
            true => Ok(None),
            false => match digits.parse::<i32>() {
                Ok(number) => Ok(Some(i64::from(number))),
                Err(_) => exec_err!("number is out of range"),
            },
        }
    }

    fn position(number: i64) -> Result<usize> {
        match usize::try_from(number) {
            Ok(number @ 1..) => Ok(number),
            _ => exec_err!("format specifies argument 0, but arguments are numbered from 1"),
        }
    }

    /// What stands behind a percent sign.
    fn place(&mut self) -> Result<Place> {
        let mut place =
            Place { argument: None, is_left: false, width: Width::None, conversion: 's' };
        if let Some(number) = self.number()? {
            match self.rest.next_if_eq(&'$') {
                Some(_) => place.argument = Some(Self::position(number)?),
                None => {
                    place.width = Width::Fixed(number);
                    place.conversion = self.rest.next().ok_or_else(ended)?;
                    return Ok(place);
                }
            }
        }
        while self.rest.next_if_eq(&'-').is_some() {
            place.is_left = true;
        }
        if self.rest.next_if_eq(&'*').is_some() {
            let number = self.number()?;
            place.width = match number {
                None => Width::Argument(None),
                Some(number) => {
                    if self.rest.next_if_eq(&'$').is_none() {
                        return exec_err!("width argument position must be ended by \"$\"");
                    }
                    Width::Argument(Some(Self::position(number)?))
                }
            };
        } else if let Some(width) = self.number()? {
            place.width = Width::Fixed(width);
        }
        place.conversion = self.rest.next().ok_or_else(ended)?;
        Ok(place)
    }
}
