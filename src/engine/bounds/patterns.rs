//! Patterns: how much a compiled one may take, and how many are compiled at a time.
//!
//! The engine's functions compile every pattern of a batch and keep all of them until its end.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use arrow::array::{Array, AsArray};
use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::ColumnarValue;

use super::weights;

/// Most bytes of a compiled pattern.
const COMPILED: usize = 2 << 20;

/// Most bytes of a compiled pattern that looks at texts of any length.
const SMALL: usize = 1 << 18;

/// Longest text, in bytes, that a larger one looks at: the work is the product of both.
const TEXT: usize = 1 << 16;

/// Most patterns that are compiled at a time.
const MOST: usize = 4;

/// Most patterns that are remembered.
const REMEMBERED: usize = 256;

/// Patterns that are known to be within bounds; whether each is small.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<HashSet<(String, bool)>>);

/// Whether the second argument of a function is a regular expression.
pub(super) fn has_pattern(name: &str) -> bool {
    name.starts_with("regexp_") || name == MATCHES
}

/// The name under which the operators `~` and its like are computed.
pub(super) const MATCHES: &str = "matches";

/// How many rows are computed at a time, where each may have a pattern of its own.
pub(super) fn rows_at_a_time(name: &str, arguments: &[ColumnarValue]) -> Option<usize> {
    let [_, ColumnarValue::Array(patterns), ..] = arguments else { return None };
    if !has_pattern(name) {
        return None;
    }
    let mut distinct = HashSet::new();
    let mut within = (0..patterns.len()).map(|row| distinct.insert(text(patterns, row)));
    let few = within.by_ref().filter(|is_new| *is_new).take(MOST + 1).count() <= MOST;
    (!few).then_some(MOST)
}

impl Known {
    /// Refuses patterns that are too large, or too large for the texts that they look at.
    pub fn admit(&self, name: &str, arguments: &[ColumnarValue]) -> Result<()> {
        let [texts, patterns, ..] = arguments else { return Ok(()) };
        if !has_pattern(name) {
            return Ok(());
        }
        let longest = match texts {
            ColumnarValue::Scalar(text) => weights::of_scalar(text),
            ColumnarValue::Array(texts) => {
                let rows = 0..texts.len();
                rows.map(|row| weights::of_rows(texts, row, 1)).max().unwrap_or_default()
            }
        };
        match patterns {
            ColumnarValue::Scalar(
                ScalarValue::Utf8(Some(pattern))
                | ScalarValue::LargeUtf8(Some(pattern))
                | ScalarValue::Utf8View(Some(pattern)),
            ) => self.within(pattern, longest),
            ColumnarValue::Scalar(_) => Ok(()),
            ColumnarValue::Array(patterns) => {
                let all: HashSet<&str> =
                    (0..patterns.len()).filter_map(|row| text(patterns, row)).collect();
                all.into_iter().try_for_each(|pattern| self.within(pattern, longest))
            }
        }
    }

    /// Refuses a pattern that is too large for texts of so many bytes.
    pub fn within(&self, pattern: &str, longest: usize) -> Result<()> {
        let small = longest > TEXT;
        let key = (pattern.to_owned(), small);
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&key) {
            return Ok(());
        }
        let most = if small { SMALL } else { COMPILED };
        match regex::RegexBuilder::new(pattern).size_limit(most).build() {
            Err(regex::Error::CompiledTooBig(_)) if small => exec_err!(
                "a pattern is too large for a text of {longest} bytes; it matches only texts up to {TEXT}"
            ),
            Err(regex::Error::CompiledTooBig(_)) => {
                exec_err!("a pattern is too large: compiled it has more than {COMPILED} bytes")
            }
            // The function itself refuses what is not a pattern.
            _ => {
                let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                if known.len() >= REMEMBERED {
                    known.clear();
                }
                known.insert(key);
                Ok(())
            }
        }
    }
}

fn text(array: &dyn Array, row: usize) -> Option<&str> {
    if array.is_null(row) {
        return None;
    }
    match array.data_type() {
        DataType::Utf8 => Some(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => Some(array.as_string::<i64>().value(row)),
        DataType::Utf8View => Some(array.as_string_view().value(row)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::StringArray;

    use super::*;

    fn column(values: impl Iterator<Item = String>) -> ColumnarValue {
        ColumnarValue::Array(Arc::new(StringArray::from_iter_values(values)))
    }

    #[test]
    fn few_patterns_are_compiled_at_a_time() {
        let texts = || column((0..10).map(|n| n.to_string()));
        let rows = |patterns| rows_at_a_time("regexp_like", &[texts(), patterns]);
        assert_eq!(rows(column((0..10).map(|n| format!("a{n}")))), Some(MOST));
        assert_eq!(rows(column((0..10).map(|n| format!("a{}", n % 3)))), None);
        assert_eq!(rows(ColumnarValue::Scalar(ScalarValue::from("a"))), None);
        assert_eq!(rows_at_a_time("concat", &[texts(), texts()]), None);
    }

    #[test]
    fn large_patterns_are_refused() {
        let known = Known::default();
        let admit = |text: &str, pattern: &str| {
            let value = |text: &str| ColumnarValue::Scalar(ScalarValue::from(text));
            known.admit("regexp_replace", &[value(text), value(pattern)])
        };
        let long = "a".repeat(TEXT + 1);
        let large = "[a-z]{20000}";
        admit("a", "a+").unwrap();
        admit(&long, "a+").unwrap();
        admit("a", "not (a pattern").unwrap();
        admit("a", large).unwrap();
        assert!(admit(&long, large).unwrap_err().to_string().contains("for a text of"));
        let endless = admit("a", "((a{1,1000}){1,1000}){1,1000}").unwrap_err().to_string();
        assert!(endless.contains("too large"), "{endless}");
    }
}
