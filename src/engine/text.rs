//! Texts as values of a column's type, strictly: a text must parse completely.
//!
//! Integers are digits with a sign, numbers are decimal, with an exponent, `NaN`, `inf` or
//! `-inf`, and have no digits that their type does not keep. Booleans are `true` and `false` in any case. Dates and times are ISO 8601, or what the
//! column's `format` says in the JDK's letters.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanBuilder, PrimitiveBuilder, StringArray, StringBuilder};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type,
};
use chrono::Timelike;
use datafusion::common::ScalarValue;

use crate::contract::date_format::DateFormat;
use crate::contract::decimal::Decimal;
use crate::contract::model::{Column, LogicalType};
use crate::contract::temporal;
use crate::error::Result;

use super::digits::{Binary, Digits, keeps};
use super::literal::{scalar, scale_of};

/// One text as a value; `None` when it does not parse. The absent text is NULL.
pub fn parse(text: Option<&str>, column: &Column, data_type: &DataType) -> Option<ScalarValue> {
    let Some(text) = text else { return ScalarValue::try_from(data_type).ok() };
    one(text, &Meaning::of(column), data_type)
}

/// Whether the text of a number is a value of a type, with all of its digits.
pub(super) fn is_exact(text: &str, data_type: &DataType) -> bool {
    match data_type {
        DataType::Float32 => float::<f32>(text).is_some(),
        DataType::Float64 => float::<f64>(text).is_some(),
        other => {
            let number = text.parse::<Decimal>().ok();
            number.is_some_and(|number| whole(number, other).is_some())
        }
    }
}

/// A column of texts as values, and the texts that do not parse (NULL elsewhere). The digits of
/// floating-point numbers are counted.
///
/// # Errors
/// When memory is short.
pub fn parse_column(
    texts: &StringArray,
    column: &Column,
    data_type: &DataType,
    digits: &mut Digits,
) -> Result<(ArrayRef, Option<StringArray>)> {
    let meaning = Meaning::of(column);
    let mut unparsed = Unparsed::new(texts.len());
    let values: ArrayRef = match data_type {
        DataType::Utf8 => Arc::new(texts.clone()),
        DataType::Boolean => {
            let mut values = BooleanBuilder::with_capacity(texts.len());
            for (row, text) in texts.iter().enumerate() {
                values.append_option(unparsed.note(row, text, boolean));
            }
            Arc::new(values.finish())
        }
        DataType::Int8 => primitive::<Int8Type>(texts, &mut unparsed, |t| t.parse().ok()),
        DataType::Int16 => primitive::<Int16Type>(texts, &mut unparsed, |t| t.parse().ok()),
        DataType::Int32 => primitive::<Int32Type>(texts, &mut unparsed, |t| t.parse().ok()),
        DataType::Int64 => primitive::<Int64Type>(texts, &mut unparsed, |t| t.parse().ok()),
        DataType::Float32 => primitive::<Float32Type>(texts, &mut unparsed, |t| counted(t, digits)),
        DataType::Float64 => primitive::<Float64Type>(texts, &mut unparsed, |t| counted(t, digits)),
        other => {
            let null = ScalarValue::try_from(other)?;
            let mut values = Vec::with_capacity(texts.len());
            for (row, text) in texts.iter().enumerate() {
                let value = unparsed.note(row, text, |t| one(t, &meaning, other));
                values.push(value.unwrap_or_else(|| null.clone()));
            }
            match values.is_empty() {
                true => arrow::array::new_empty_array(other),
                false => ScalarValue::iter_to_array(values)?,
            }
        }
    };
    Ok((values, unparsed.finish()))
}

/// How a column's texts are meant.
struct Meaning<'a> {
    column: &'a Column,
    format: Option<DateFormat>,
    /// Whether the column's format is unsupported: then no text has it.
    unread: bool,
}

impl<'a> Meaning<'a> {
    fn of(column: &'a Column) -> Self {
        let temporal = matches!(
            column.logical_type.as_ref().map(|t| t.value),
            Some(LogicalType::Date | LogicalType::Timestamp | LogicalType::Time)
        );
        let format = column.options.text("format").filter(|_| temporal);
        let format = format.map(|f| DateFormat::parse(&f));
        let unread = matches!(format, Some(Err(_)));
        Self { column, format: format.and_then(Result::ok), unread }
    }
}

fn one(text: &str, meaning: &Meaning<'_>, data_type: &DataType) -> Option<ScalarValue> {
    let units = match data_type {
        DataType::Utf8 => return Some(ScalarValue::Utf8(Some(text.to_owned()))),
        DataType::Boolean => return Some(ScalarValue::Boolean(Some(boolean(text)?))),
        DataType::Float32 => return Some(ScalarValue::Float32(Some(float(text)?))),
        DataType::Float64 => return Some(ScalarValue::Float64(Some(float(text)?))),
        DataType::Binary => {
            use base64::Engine as _;
            let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
            return Some(ScalarValue::Binary(Some(bytes)));
        }
        _ if meaning.unread => return None,
        DataType::Date32 => {
            let date = match &meaning.format {
                Some(format) => format.date(text),
                None => temporal::date(text).filter(|date| date.to_string() == text),
            }?;
            Decimal::integer((date - chrono::NaiveDate::default()).num_days().into())
        }
        DataType::Timestamp(_, zone) => {
            let read = match &meaning.format {
                Some(format) => format.timestamp(text),
                None => temporal::timestamp(text).filter(|_| begins_with_date(text)),
            }?;
            let default = meaning.column.options.text("defaultTimezone");
            // 3.0 has no word for a zone: the default of later versions holds.
            let default = default.or_else(|| meaning.column.open_moment.then(|| "UTC".to_owned()));
            let nanoseconds = match (zone, read, &default) {
                // A reading without a zone is not an instant unless the contract gives it one.
                (Some(_), temporal::Timestamp::Local(_), None) => return None,
                (Some(_), ..) => read.nanoseconds(default.as_deref())?,
                (None, temporal::Timestamp::Instant(_), _) => return None,
                (None, ..) => read.local_nanoseconds(None),
            };
            Decimal::units(nanoseconds, 9)
        }
        DataType::Time32(_) | DataType::Time64(_) => {
            let time = match &meaning.format {
                Some(format) => format.time(text),
                None => temporal::time(text),
            }?;
            let seconds = i128::from(time.num_seconds_from_midnight());
            Decimal::units(seconds * 1_000_000_000 + i128::from(time.nanosecond()), 9)
        }
        _ => text.parse().ok()?,
    };
    whole(units, data_type)
}

/// A number as a value of a type that counts in units, none of which is divided.
fn whole(number: Decimal, data_type: &DataType) -> Option<ScalarValue> {
    let scale = scale_of(data_type)?;
    number.is_whole_at(scale).then(|| number.floor_at(scale))?.and_then(|n| scalar(n, data_type))
}

/// Whether a text begins with all ten signs of a date: `2026-01-31`.
fn begins_with_date(text: &str) -> bool {
    let date = text.get(..10).and_then(temporal::date);
    date.is_some_and(|date| text.starts_with(&date.to_string()))
}

fn boolean(text: &str) -> Option<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    is("true").then_some(true).or_else(|| is("false").then_some(false))
}

/// A number whose digits stand for a value within the type's range.
fn float<T: Binary + std::str::FromStr + Into<f64>>(text: &str) -> Option<T> {
    let value: T = text.parse().ok()?;
    let infinite = Into::<f64>::into(value).is_infinite();
    // `1e400` is not a number of this type; `inf` says what it is.
    let is_number = !infinite || text.contains(['n', 'N']);
    (is_number && (text.contains(['n', 'N']) || keeps(value, text))).then_some(value)
}

/// A number as [`float`] reads it, whose digits are counted.
fn counted<T: Binary + std::str::FromStr + Into<f64>>(
    text: &str,
    digits: &mut Digits,
) -> Option<T> {
    let value = float(text);
    match value {
        Some(_) => digits.keep(text),
        None => digits.lose(text),
    }
    value
}

fn primitive<T: ArrowPrimitiveType>(
    texts: &StringArray,
    unparsed: &mut Unparsed,
    mut parse: impl FnMut(&str) -> Option<T::Native>,
) -> ArrayRef {
    let mut values = PrimitiveBuilder::<T>::with_capacity(texts.len());
    for (row, text) in texts.iter().enumerate() {
        values.append_option(unparsed.note(row, text, &mut parse));
    }
    Arc::new(values.finish())
}

/// Texts that do not parse, by row.
struct Unparsed {
    rows: usize,
    found: Vec<(usize, String)>,
}

impl Unparsed {
    fn new(rows: usize) -> Self {
        Self { rows, found: Vec::new() }
    }

    fn note<T>(
        &mut self,
        row: usize,
        text: Option<&str>,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = text?;
        let value = parse(text);
        if value.is_none() {
            self.found.push((row, text.to_owned()));
        }
        value
    }

    fn finish(self) -> Option<StringArray> {
        if self.found.is_empty() {
            return None;
        }
        let mut texts = StringBuilder::new();
        let mut next = 0;
        for (row, text) in &self.found {
            (next..*row).for_each(|_| texts.append_null());
            texts.append_value(text);
            next = row + 1;
        }
        (next..self.rows).for_each(|_| texts.append_null());
        Some(texts.finish())
    }
}
