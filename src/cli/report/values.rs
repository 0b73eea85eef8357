//! Values as people read them: NULL, NaN and a text that reads like one of them look different.

use serde_json::Value;

use crate::check::report::{REDACTED, Sample, WORDS_OF_NUMBERS};
use crate::cli::output::printable;

/// Words that stand for a missing value, in lower case.
const MISSING: &[&str] = &["null", "nan", "none", "nil", "nat", "na", "n/a", "<na>", "\\n"];

/// A value on its line. A text is in quotes where it could be taken for something else.
pub(in crate::cli) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if WORDS_OF_NUMBERS.contains(&text.as_str()) => text.clone(),
        Value::String(text) => quoted(text),
        Value::Null => "NULL".to_owned(),
        other => printable(&other.to_string()),
    }
}

/// A value of a sample, of a column of this name.
pub(in crate::cli) fn of_sample(sample: &Sample, column: &str, value: &Value) -> String {
    match value {
        Value::String(text) if sample.texts.iter().any(|name| name == column) => in_quotes(text),
        value => shown(value),
    }
}

fn quoted(text: &str) -> String {
    let blank = text.is_empty() || text.trim() != text;
    let mistaken = MISSING.contains(&text.to_ascii_lowercase().as_str());
    let quotes = text.starts_with('\'') && text.ends_with('\'');
    match (blank || mistaken || quotes) && text != REDACTED {
        true => in_quotes(text),
        false => printable(text),
    }
}

fn in_quotes(text: &str) -> String {
    format!("'{}'", printable(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_nan_and_texts_that_read_like_them_look_different() {
        let sample = |texts: &[&str]| Sample {
            file: "a".to_owned(),
            row: Some(0),
            key: serde_json::Map::new(),
            value: Value::Null,
            texts: texts.iter().map(|t| (*t).to_owned()).collect(),
        };
        let all = [
            of_sample(&sample(&[]), "a", &Value::Null),
            of_sample(&sample(&[]), "a", &json!("NULL")),
            of_sample(&sample(&[]), "a", &json!("NaN")),
            of_sample(&sample(&["a"]), "a", &json!("NaN")),
            of_sample(&sample(&[]), "a", &json!("nan")),
            of_sample(&sample(&[]), "a", &json!("'NULL'")),
            of_sample(&sample(&[]), "a", &json!("")),
            of_sample(&sample(&[]), "a", &json!(" ")),
        ];
        assert_eq!(all, ["NULL", "'NULL'", "NaN", "'NaN'", "'nan'", "''NULL''", "''", "' '"]);
        for text in ["gold", "Nancy", "(classified)", "O'Neil", "1"] {
            assert_eq!(shown(&json!(text)), text);
        }
    }
}
