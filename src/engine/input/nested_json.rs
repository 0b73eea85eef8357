//! Values of NDJSON that have values inside: read together, or one by one where one is not of its
//! type.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray, new_null_array};
use arrow::compute::concat;
use arrow::datatypes::{DataType, Field};
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::engine::text;
use crate::error::Result;

/// Takes a number's text, and whether its type keeps all of its digits.
pub(super) type DigitsSink<'a> = &'a mut dyn FnMut(&str, bool);

/// Lists, objects and maps: all together, or one by one where a value is not of the type.
pub(super) fn nested(
    values: &[Option<&str>],
    data_type: &DataType,
    mut count: Option<DigitsSink<'_>>,
) -> Result<(ArrayRef, Option<StringArray>)> {
    // The decoder would cut 1.9 to 1, and read a text as a number.
    let fit: Vec<bool> =
        values.iter().map(|v| v.is_none_or(|json| fits(json, data_type, &mut count))).collect();
    if fit.iter().all(|good| *good)
        && let Some(array) = decode(values, data_type)
    {
        return Ok((array, None));
    }
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(values.len());
    let mut wrong: Vec<Option<&str>> = vec![None; values.len()];
    for (row, value) in values.iter().enumerate() {
        arrays.push(match decode(&[*value], data_type).filter(|_| fit[row]) {
            Some(array) => array,
            None => {
                wrong[row] = *value;
                new_null_array(data_type, 1)
            }
        });
    }
    let parts: Vec<&dyn arrow::array::Array> = arrays.iter().map(AsRef::as_ref).collect();
    Ok((concat(&parts)?, Some(wrong.into_iter().collect())))
}

/// Whether every value inside is of the kind that its type asks for, and, where digits are counted,
/// none loses one.
///
/// A value that JSON itself calls a number is read by its text: the parser's own numbers are doubles.
fn fits(json: &str, data_type: &DataType, count: &mut Option<DigitsSink<'_>>) -> bool {
    let json = json.trim();
    match (json.as_bytes().first(), data_type) {
        _ if json == "null" => true,
        (Some(b'['), DataType::List(item) | DataType::LargeList(item)) => {
            let items: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
            all(items.into_iter(), |value| fits(value.get(), item.data_type(), count))
        }
        (Some(b'{'), DataType::Struct(fields)) => {
            let object: Option<Pairs> = serde_json::from_str(json).ok();
            all(object.into_iter().flat_map(|pairs| pairs.0), |(key, value)| {
                let field = fields.iter().find(|f| *f.name() == key);
                field.is_some_and(|f| fits(value.get(), f.data_type(), count))
            })
        }
        (Some(b'{'), DataType::Map(entries, _)) => match entries.data_type() {
            DataType::Struct(fields) => {
                let object: Option<Pairs> = serde_json::from_str(json).ok();
                all(object.into_iter().flat_map(|pairs| pairs.0), |(_, value)| {
                    fits(value.get(), fields[1].data_type(), count)
                })
            }
            _ => false,
        },
        (Some(b't' | b'f'), t) => t == &DataType::Boolean,
        (Some(b'"'), t) => !t.is_numeric() && !t.is_nested() && t != &DataType::Boolean,
        (_, t) if t.is_numeric() => number_fits(json, t, count),
        _ => false,
    }
}

/// Whether all of them do; every one is looked at, so that all digits are counted.
fn all<T>(values: impl Iterator<Item = T>, mut fits: impl FnMut(T) -> bool) -> bool {
    let mut every = true;
    for value in values {
        every &= fits(value);
    }
    every
}

fn number_fits(json: &str, data_type: &DataType, count: &mut Option<DigitsSink<'_>>) -> bool {
    if data_type.is_integer() {
        return json.parse::<i64>().is_ok() || json.parse::<u64>().is_ok();
    }
    let Some(count) = count else { return true };
    let fits = text::is_exact(json, data_type);
    if data_type.is_floating() {
        count(json, fits);
    }
    fits
}

fn decode(values: &[Option<&str>], data_type: &DataType) -> Option<ArrayRef> {
    let field = Arc::new(Field::new("value", data_type.clone(), true));
    let schema = arrow::datatypes::Schema::new(vec![field]);
    let mut decoder = arrow::json::ReaderBuilder::new(Arc::new(schema))
        .with_strict_mode(true)
        .with_batch_size(values.len())
        .build_decoder()
        .ok()?;
    for value in values {
        let text = format!("{{\"value\":{}}}\n", value.unwrap_or("null"));
        if decoder.decode(text.as_bytes()).ok()? != text.len() {
            return None;
        }
    }
    let batch = decoder.flush().ok()??;
    Some(Arc::clone(batch.column(0)))
}

/// An object's keys and values, as they were written.
pub(super) struct Pairs(pub Vec<(String, Box<RawValue>)>);

impl<'de> serde::Deserialize<'de> for Pairs {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Pairs;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Read)
    }
}
