//! NDJSON: one JSON object per line. An absent key is NULL; numbers are read as written.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use arrow::array::{ArrayRef, StringArray, StringBuilder};
use arrow::datatypes::DataType;
use serde_json::value::RawValue;

use crate::engine::bytes::FileBytes;
use crate::engine::digits::Digits;
use crate::engine::{one_document, text};
use crate::error::{Error, Result};

use super::coded::{Coded, undecodable};
use super::nested_json::{Pairs, nested};
use super::reading::{BATCH_BYTES, Columns, Reading, Stop};
use super::spool::{Rendered, Spool, Typed};

/// Values that are parsed at a time.
const CELLS: usize = 64 * 1024;
/// Most keys of all objects together.
const MOST_KEYS: usize = 16 * 1024;

/// Writes the objects of an NDJSON file as Parquet.
pub(super) fn write(
    file: &FileBytes,
    (columns, reading): (&Columns<'_>, &Reading),
    to: &Path,
) -> Result<Rendered, Stop> {
    let file = &Coded::of(file);
    let names = match keys(file, reading) {
        Ok((names, rows)) if rows > 1 => names,
        // One row may be a whole table, and a first line that is not an object the begin of one.
        found => match (found, whole_document(file, columns)) {
            (Ok(_) | Err(Stop::Unreadable(_)), Some(what)) => return Err(Stop::Unreadable(what)),
            (found, _) => found?.0,
        },
    };
    let at: HashMap<&str, usize> = names.iter().enumerate().map(|(n, k)| (k.as_str(), n)).collect();
    // No contract declares the keys: take the types that JSON itself shows.
    let told = if columns.table.is_none() { told(file, reading)? } else { HashMap::new() };
    let typed = Typed::new(&names, columns, &told);
    let mut spool = Spool::create(to, typed.schema())?;
    let mut rows: Vec<Vec<Option<Box<RawValue>>>> = Vec::new();
    let mut bytes = 0;
    each_object(file, reading, |_, object| {
        let mut row: Vec<Option<Box<RawValue>>> = vec![None; names.len()];
        for (name, value) in object {
            if let Some(column) = at.get(name.as_str()) {
                bytes += value.get().len();
                row[*column] = Some(value);
            }
        }
        rows.push(row);
        if rows.len() * names.len() >= CELLS || bytes >= BATCH_BYTES {
            bytes = 0;
            flush(&mut rows, &typed, columns, &mut spool)?;
        }
        Ok(())
    })?;
    flush(&mut rows, &typed, columns, &mut spool)?;
    Ok(typed.finish(spool)?)
}

/// What a file is that is one JSON document instead of lines.
fn whole_document(file: &Coded<'_>, columns: &Columns<'_>) -> Option<String> {
    let mut bytes = Vec::new();
    let mut limited = Read::take(file.reader().ok()?, one_document::MOST_TEXT);
    limited.read_to_end(&mut bytes).ok()?;
    let is_nested = |name: &str| columns.of(name).is_some_and(|(_, of)| of.is_nested());
    let declared = columns.table.map(|_| &is_nested as &dyn Fn(&str) -> bool);
    one_document::told(&String::from_utf8_lossy(&bytes), declared)
}

/// Every key of the file, in the order that they come in, and how many objects there are; no object has
/// a key twice.
fn keys(file: &Coded<'_>, reading: &Reading) -> Result<(Vec<String>, u64), Stop> {
    let mut names: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    let mut rows = 0;
    each_object(file, reading, |line, object| {
        rows += 1;
        if let Some(what) = repeated(&object) {
            return Err(Stop::Unreadable(format!(
                "line {line}: {what}: one of its values is lost"
            )));
        }
        for (name, _) in object {
            if seen.insert(name.clone()) {
                names.push(name);
            }
        }
        match names.len() > MOST_KEYS {
            true => Err(Stop::Unreadable(format!("the objects have over {MOST_KEYS} keys"))),
            false => Ok(()),
        }
    })?;
    match names.is_empty() {
        true => Err(Stop::Unreadable("the file holds no object with a key".to_owned())),
        false => Ok((names, rows)),
    }
}

/// A key that an object has twice, itself or in a value: parsers keep one of the two.
fn repeated(object: &[(String, Box<RawValue>)]) -> Option<String> {
    let mut seen = HashSet::new();
    if let Some((key, _)) = object.iter().find(|(key, _)| !seen.insert(key.as_str())) {
        return Some(format!("key '{key}' occurs twice in the object"));
    }
    // A key within a value may be data: it is not shown.
    let within = object.iter().find(|(_, value)| repeats(value.get()));
    within.map(|(key, _)| format!("a key occurs twice in an object within '{key}'"))
}

/// Whether an object within a JSON value, which is well-formed, has a key twice.
fn repeats(json: &str) -> bool {
    // Keys of the objects around a place; none of an array.
    let mut around: Vec<Option<HashSet<String>>> = Vec::new();
    let mut is_key = false;
    let bytes = json.as_bytes();
    let mut at = if json.contains('{') { 0 } else { bytes.len() };
    while at < bytes.len() {
        match bytes[at] {
            b'{' => around.push(Some(HashSet::new())),
            b'[' => around.push(None),
            b'}' | b']' => drop(around.pop()),
            b'"' => {
                let start = at;
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                if let Some(Some(keys)) = around.last_mut().filter(|_| is_key) {
                    // Escapes are one of several ways to write a character.
                    let text = json.get(start..=at).unwrap_or_default();
                    let key = serde_json::from_str(text).unwrap_or_else(|_| text.to_owned());
                    if !keys.insert(key) {
                        return true;
                    }
                }
            }
            _ => {}
        }
        is_key = match bytes.get(at) {
            Some(b'{' | b',') => true,
            Some(byte) if byte.is_ascii_whitespace() => is_key,
            _ => false,
        };
        at += 1;
    }
    false
}

/// The types that the values of keys have, where they have one in common.
fn told(file: &Coded<'_>, reading: &Reading) -> Result<HashMap<String, DataType>, Stop> {
    let found = arrow::json::reader::infer_json_schema(BufReader::new(opened(file)?), None);
    let (schema, _) =
        found.map_err(|e| Stop::Unreadable(format!("not readable as NDJSON: {e}")))?;
    let typed = schema.fields().iter().filter(|f| f.data_type() != &DataType::Null);
    let mut told: HashMap<String, DataType> =
        typed.map(|f| (f.name().clone(), f.data_type().clone())).collect();
    let doubles: Vec<String> = (told.iter())
        .filter(|(_, data_type)| data_type.is_floating())
        .map(|(name, _)| name.clone())
        .collect();
    if doubles.is_empty() {
        return Ok(told);
    }
    let mut digits: HashMap<String, Digits> = HashMap::new();
    each_object(file, reading, |_, object| {
        for (name, value) in object.iter().filter(|(name, _)| doubles.contains(name)) {
            let (digits, text) = (digits.entry(name.clone()).or_default(), value.get());
            match text::is_exact(text, &DataType::Float64) {
                true => digits.keep(text),
                false => digits.lose(text),
            }
        }
        Ok(())
    })?;
    for (name, digits) in digits {
        if let Some(data_type) = digits.data_type() {
            told.insert(name, data_type);
        }
    }
    Ok(told)
}

fn flush(
    rows: &mut Vec<Vec<Option<Box<RawValue>>>>,
    typed: &Typed,
    columns: &Columns<'_>,
    spool: &mut Spool,
) -> Result<(), Stop> {
    if rows.is_empty() {
        return Ok(());
    }
    let width = rows[0].len();
    let mut parsed = Vec::with_capacity(width);
    for column in 0..width {
        let values: Vec<Option<&str>> =
            rows.iter().map(|row| row[column].as_deref().map(RawValue::get)).collect();
        parsed.push(one_column(&values, column, typed, columns)?);
    }
    spool.write(&typed.batch(parsed)?)?;
    rows.clear();
    Ok(())
}

/// The values of one key, as JSON texts.
fn one_column(
    values: &[Option<&str>],
    column: usize,
    typed: &Typed,
    columns: &Columns<'_>,
) -> Result<(ArrayRef, Option<StringArray>)> {
    let data_type = typed.data_type(column).clone();
    let untold = columns.table.is_none() && data_type != DataType::Utf8;
    if data_type.is_nested() || untold {
        return match untold {
            // Without a contract no digit is promised to anyone.
            true => nested(values, &data_type, None),
            false => nested(
                values,
                &data_type,
                Some(&mut |number, kept| {
                    typed.count(column, number, kept);
                }),
            ),
        };
    }
    let declared = columns.of(typed.schema().field(column).name()).is_some();
    let mut texts = StringBuilder::new();
    let mut wrong: Vec<Option<&str>> = vec![None; values.len()];
    for (row, value) in values.iter().enumerate() {
        match value.filter(|v| *v != "null") {
            None => texts.append_null(),
            Some(json) => match scalar(json, &data_type) {
                Some(text) => texts.append_value(text),
                // Undeclared values stay as written.
                None if !declared => texts.append_value(json),
                None => {
                    texts.append_null();
                    wrong[row] = Some(json);
                }
            },
        }
    }
    let (values, unparsed) = typed.parse(column, &texts.finish(), columns)?;
    if wrong.iter().all(Option::is_none) {
        return Ok((values, unparsed));
    }
    let both = wrong.iter().enumerate().map(|(row, json)| {
        let text = unparsed.as_ref().and_then(|texts| {
            use arrow::array::Array;
            texts.is_valid(row).then(|| texts.value(row))
        });
        json.or(text)
    });
    let both: StringArray = both.collect();
    Ok((values, Some(both)))
}

/// The text of a JSON value that may stand for a value of the type: texts and dates are strings,
/// numbers are numbers, booleans are booleans.
fn scalar(json: &str, data_type: &DataType) -> Option<String> {
    let string = json.starts_with('"');
    let boolean = matches!(json, "true" | "false");
    let number = json.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    let fits = match data_type {
        DataType::Boolean => boolean,
        t if t.is_numeric() => {
            // JSON has no other way to write them.
            let named = matches!(json, "\"NaN\"" | "\"Infinity\"" | "\"-Infinity\"");
            number || (named && t.is_floating())
        }
        _ => string,
    };
    match (fits, string) {
        (false, _) => None,
        (true, true) => serde_json::from_str(json).ok(),
        (true, false) => Some(json.to_owned()),
    }
}

/// Hands over every line's object with the line's number, its keys in their order.
fn each_object(
    file: &Coded<'_>,
    reading: &Reading,
    mut take: impl FnMut(u64, Vec<(String, Box<RawValue>)>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let most = reading.most_line_bytes();
    let mut reader = BufReader::with_capacity(1 << 16, opened(file)?);
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        number += 1;
        let mut limited = Read::take(&mut reader, most as u64);
        let read = limited.read_until(b'\n', &mut line).map_err(failed)?;
        if read == 0 {
            return Ok(());
        }
        if read == most {
            let what = format!(
                "line {number} is longer than {} MiB; --memory-limit decides what is read (64 MiB \
                 at most)",
                most >> 20
            );
            return Err(Stop::Unreadable(what));
        }
        let text = std::str::from_utf8(&line)
            .map_err(|_| Stop::Unreadable(format!("line {number} is not UTF-8 text")))?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            continue;
        }
        let object: Pairs = serde_json::from_str(text).map_err(|error| {
            // The parser's own words may quote the line.
            let column = error.column();
            Stop::Unreadable(format!("line {number} is not a JSON object (column {column})"))
        })?;
        take(number, object.0)?;
    }
}

fn opened(file: &Coded<'_>) -> Result<Box<dyn Read>, Stop> {
    file.reader().map_err(failed)
}

fn failed(error: std::io::Error) -> Stop {
    match undecodable(&error) {
        Some(what) => Stop::Unreadable(what.to_string()),
        None => Stop::Failed(Error::io(Path::new("the NDJSON file"), error)),
    }
}

#[cfg(test)]
mod tests {
    use super::repeats;

    #[test]
    fn a_key_that_occurs_twice_is_found_however_it_is_written_and_wherever_it_is() {
        for json in [
            r#"{"a":1,"a":1}"#,
            r#"{"a": 1, "\u0061" : 2}"#,
            r#"[{"a":[]},{"b":{"c":{},"d":[1,{"e":1,"x":{},"e":2}]}}]"#,
            r#"{"":1,"":2}"#,
            r#"{"\"":1,"\u0022":2}"#,
        ] {
            assert!(repeats(json), "{json}");
        }
        for json in [
            r#"{"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}]}"#,
            r#"{"a":"a","b":"a","c":"{\"a\":1,\"a\":2}"}"#,
            r#"{"a":["a","a",{"b":"b"},"a"],"A":1}"#,
            r#"["a","a"]"#,
            r#""{}""#,
            "1e999",
        ] {
            assert!(!repeats(json), "{json}");
        }
    }
}
