//! Values of SQL as JSON.

use std::fmt::Write;

use arrow::array::{Array, ArrayRef, AsArray};
use datafusion::common::exec_err;
use datafusion::error::Result;

use super::super::kinds::Kind;
use super::super::texts;
use super::data_types::kind_of;
use super::tree::quote;
use super::types::text_of;

/// The text of each value as JSON; NULL is `null`.
pub(super) fn values(array: &ArrayRef) -> Result<Vec<String>> {
    let null = || "null".to_owned();
    if kind_of(array.data_type()).is_some() {
        let texts = text_of(array)?;
        return Ok(texts.iter().map(|text| text.map_or_else(null, str::to_owned)).collect());
    }
    if let Some(lists) = array.as_list_opt::<i32>() {
        let items = values(lists.values())?;
        let at = |n: Option<&i32>| n.and_then(|n| usize::try_from(*n).ok()).unwrap_or(0);
        let ends = lists.value_offsets();
        let list = |row: usize| {
            let items = items.get(at(ends.get(row))..at(ends.get(row + 1))).unwrap_or_default();
            if lists.is_valid(row) { format!("[{}]", items.join(",")) } else { null() }
        };
        return Ok((0..lists.len()).map(list).collect());
    }
    let kind = Kind::of_type(array.data_type());
    if matches!(kind, Kind::Record | Kind::Other | Kind::Array) {
        return exec_err!("a value of type {} as JSON is not supported", array.data_type());
    }
    let spelled = texts::spelled(array)?;
    let spelled = spelled.as_string::<i32>();
    Ok(spelled.iter().map(|text| text.map_or_else(null, |text| value(text, kind))).collect())
}

fn value(text: &str, kind: Kind) -> String {
    let is_number = kind.is_number() && text.bytes().any(|b| b.is_ascii_digit());
    if is_number || kind == Kind::Boolean {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 2);
    match kind {
        // As ISO 8601 writes them.
        Kind::Timestamp => quote(&text.replacen(' ', "T", 1), &mut out),
        Kind::Timestamptz => {
            let at = text.replacen(' ', "T", 1);
            let is_short = at.len() > 3
                && at.get(at.len() - 3..).is_some_and(|zone| zone.starts_with(['+', '-']));
            quote(&if is_short { format!("{at}:00") } else { at }, &mut out);
        }
        _ => quote(text, &mut out),
    }
    out
}

/// An object of keys and values, as `json` writes one that is built.
pub(super) fn object(pairs: &[(String, String)], ends: (&str, &str)) -> String {
    let mut out = ends.0.to_owned();
    for (n, (key, value)) in pairs.iter().enumerate() {
        out.push_str(if n > 0 { ", " } else { "" });
        quote(key, &mut out);
        // Writing into memory does not fail.
        let _ = write!(out, " : {value}");
    }
    out.push_str(ends.1);
    out
}
