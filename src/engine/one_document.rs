//! JSON as one document: an array, or an object of columns as data frames write it. What is read is one
//! object per line.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// The most text that is looked at.
pub const MOST_TEXT: u64 = 16 << 20;

/// What writes the form that is read.
const INSTEAD: &str =
    r#"write one object per line: df.to_json("x.ndjson", orient="records", lines=True)"#;

/// What a text is that is one JSON document instead of one object per line, and what to write instead;
/// `None` where it has lines of objects, or is one row.
///
/// `is_nested` says whether a column is declared as an object or a list, where a contract declares them.
pub fn told(text: &str, is_nested: Option<&dyn Fn(&str) -> bool>) -> Option<String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let first = text.lines().next()?;
    let has_lines = first.len() < text.len();
    if has_lines && serde_json::from_str::<IgnoredAny>(first).is_ok() {
        return None;
    }
    let what = match text.as_bytes().first()? {
        b'[' => array(text),
        b'{' => object(text, has_lines, is_nested)?,
        _ => return None,
    };
    Some(format!("{what}; {INSTEAD}"))
}

fn array(text: &str) -> &'static str {
    match text.get(1..).map(str::trim_start).and_then(|rest| rest.chars().next()) {
        Some('{') => "one JSON array of rows",
        Some(']') => "an empty JSON array",
        _ => "one JSON array of values, without the names of columns",
    }
}

/// An object in JSON; of a key that occurs twice, one value.
type Object<'a> = BTreeMap<String, &'a RawValue>;

fn object(
    text: &str,
    has_lines: bool,
    is_nested: Option<&dyn Fn(&str) -> bool>,
) -> Option<&'static str> {
    let several = "JSON objects over several lines";
    let Ok(object) = serde_json::from_str::<Object<'_>>(text) else {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
        return values.next()?.ok().filter(|_| has_lines).map(|_| several);
    };
    let is_row = is_nested.is_some_and(|is_nested| object.keys().any(|key| is_nested(key)));
    match frame(&object, is_nested.is_some()).filter(|_| !is_row) {
        Some(what) => Some(what),
        None => has_lines.then_some(several),
    }
}

/// What a data frame's object is, by its keys.
fn frame(object: &Object<'_>, is_declared: bool) -> Option<&'static str> {
    let begins = |key: &str, sign: char| object.get(key).is_some_and(|v| v.get().starts_with(sign));
    let others = |known: &[&str]| object.keys().any(|key| !known.contains(&key.as_str()));
    if begins("columns", '[') && begins("data", '[') && !others(&["columns", "index", "data"]) {
        return Some("one JSON object of columns, index and data (orient=\"split\")");
    }
    if begins("schema", '{') && begins("data", '[') && !others(&["schema", "data"]) {
        return Some("one JSON object of schema and data (orient=\"table\")");
    }
    let inner: Vec<Object<'_>> = object
        .values()
        .map(|value| serde_json::from_str(value.get()).ok())
        .collect::<Option<_>>()?;
    let first = inner.first().filter(|first| !first.is_empty())?;
    if are_indexes(object) {
        return Some("one JSON object of rows by their index (orient=\"index\")");
    }
    let is_alike = inner.iter().all(|other| other.keys().eq(first.keys()));
    // A row of objects with keys of their own is a row, unless a contract has no such columns.
    (is_alike && (is_declared || are_indexes(first)))
        .then_some("one JSON object of columns by their index (pandas' to_json without orient)")
}

/// Whether the keys are 0, 1, 2 and so on.
fn are_indexes(object: &Object<'_>) -> bool {
    (0..object.len()).all(|n| object.contains_key(&n.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(text: &str) -> Option<String> {
        told(text, None).map(|told| told.split(';').next().unwrap().to_owned())
    }

    #[test]
    fn each_orientation_of_a_data_frame_is_told() {
        for (text, words) in [
            (r#"{"a":{"0":1,"1":2},"b":{"0":"x","1":"y"}}"#, "columns by their index"),
            ("{\n  \"a\":{\n    \"0\":1\n  }\n}", "columns by their index"),
            (r#"{"0":{"a":1},"1":{"a":2}}"#, "rows by their index"),
            (r#"{"columns":["a"],"index":[0],"data":[[1]]}"#, "split"),
            (r#"{"schema":{"fields":[]},"data":[{"a":1}]}"#, "table"),
            (r#"[{"a":1},{"a":2}]"#, "array of rows"),
            ("[\n{\"a\":1},\n{\"a\":2}\n]", "array of rows"),
            ("[[1,2],[3,4]]", "without the names"),
            ("[]", "empty JSON array"),
            ("{\"a\":\n1}\n{\"a\":\n2}", "over several lines"),
        ] {
            let found = what(text).unwrap_or_default();
            assert!(found.contains(words), "{text}: {found}");
        }
    }

    #[test]
    fn lines_of_objects_and_one_row_are_what_is_read() {
        for text in [
            "{\"a\":1}\n{\"a\":2}",
            r#"{"a":1,"b":{"c":2}}"#,
            r#"{"a":{"x":1},"b":{"y":2}}"#,
            r#"{"data":[1,2]}"#,
            "{}",
            "[1]\n[2]",
            "a,b\n1,2",
        ] {
            assert_eq!(what(text), None, "{text}");
        }
    }

    #[test]
    fn a_declared_object_is_a_value_of_a_row() {
        let text = r#"{"a":{"0":1}}"#;
        assert_eq!(told(text, Some(&|name| name == "a")), None);
        assert!(told(text, Some(&|_| false)).is_some());
        let by_name = r#"{"a":{"x":1,"y":2},"b":{"x":3,"y":4}}"#;
        assert!(told(by_name, Some(&|_| false)).is_some());
        assert_eq!(told(by_name, None), None);
    }
}
