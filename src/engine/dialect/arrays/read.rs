//! Arrays from text: `{1,2,NULL}`, `{"a b",c}`, `{{1,2},{3,4}}`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StringArray};
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field};
use datafusion::common::{exec_datafusion_err, exec_err};
use datafusion::error::Result;

/// Texts as arrays of a type; `of_texts` reads their items.
pub(in super::super) fn read(
    texts: &ArrayRef,
    item: &DataType,
    of_texts: impl Fn(&ArrayRef, &DataType) -> Result<ArrayRef>,
) -> Result<ArrayRef> {
    let (leaf, depth) = leaf(item);
    let mut words: Vec<Option<String>> = Vec::new();
    // The ends of the lists of each level, the outermost first.
    let mut levels: Vec<Vec<i32>> = vec![vec![0]; depth];
    let mut valid = Vec::with_capacity(texts.len());
    for text in texts.as_string::<i32>() {
        valid.push(text.is_some());
        if let Some(text) = text {
            let mut reader = Reader { text, rest: text.trim(), words: &mut words };
            reader.list(&mut levels, 0)?;
            if !reader.rest.is_empty() {
                return malformed(text);
            }
        }
        end(&mut levels, 0, &words)?;
    }
    let words: ArrayRef = Arc::new(StringArray::from(words));
    let mut values = of_texts(&words, &leaf)?;
    for (level, ends) in levels.into_iter().enumerate().rev() {
        let nulls = (level == 0).then(|| NullBuffer::from(valid.clone()));
        let field = Arc::new(Field::new_list_field(values.data_type().clone(), true));
        let ends = OffsetBuffer::new(ScalarBuffer::from(ends));
        values = Arc::new(ListArray::try_new(field, ends, values, nulls)?);
    }
    Ok(values)
}

/// The type of the innermost items, and the number of dimensions.
fn leaf(item: &DataType) -> (DataType, usize) {
    match item {
        DataType::List(inner) => {
            let (leaf, depth) = leaf(inner.data_type());
            (leaf, depth + 1)
        }
        other => (other.clone(), 1),
    }
}

fn malformed<T>(text: &str) -> Result<T> {
    exec_err!("malformed array literal: \"{text}\"")
}

/// Notes that a list of a level ends here.
fn end(levels: &mut [Vec<i32>], level: usize, words: &[Option<String>]) -> Result<()> {
    let inside = match levels.get(level + 1) {
        Some(below) => below.len() - 1,
        None => words.len(),
    };
    let inside = i32::try_from(inside).map_err(|_| exec_datafusion_err!("too many items"))?;
    if let Some(ends) = levels.get_mut(level) {
        ends.push(inside);
    }
    Ok(())
}

struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
    words: &'a mut Vec<Option<String>>,
}

impl Reader<'_> {
    fn skip(&mut self, sign: char) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// A list of a level, up to its closing brace.
    fn list(&mut self, levels: &mut [Vec<i32>], level: usize) -> Result<()> {
        if !self.skip('{') {
            return malformed(self.text);
        }
        if self.skip('}') {
            return Ok(());
        }
        loop {
            match level + 1 < levels.len() {
                true => {
                    self.list(levels, level + 1)?;
                    end(levels, level + 1, self.words)?;
                }
                false => self.word()?,
            }
            if self.skip('}') {
                return Ok(());
            }
            if !self.skip(',') {
                return malformed(self.text);
            }
        }
    }

    fn word(&mut self) -> Result<()> {
        let word = match self.skip('"') {
            true => Some(self.quoted()?),
            false => self.bare()?,
        };
        self.words.push(word);
        Ok(())
    }

    fn quoted(&mut self) -> Result<String> {
        let mut word = String::new();
        let mut letters = self.rest.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.rest = self.rest.get(at + 1..).unwrap_or_default();
                    return Ok(word);
                }
                '\\' => word.extend(letters.next().map(|(_, letter)| letter)),
                other => word.push(other),
            }
        }
        malformed(self.text)
    }

    fn bare(&mut self) -> Result<Option<String>> {
        let mut word = String::new();
        // Blanks at the end do not count, unless they are escaped.
        let mut length = 0;
        let mut is_escaped = false;
        self.rest = self.rest.trim_start();
        let mut letters = self.rest.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                ',' | '}' => {
                    word.truncate(length);
                    self.rest = self.rest.get(at..).unwrap_or_default();
                    let is_null = !is_escaped && word.eq_ignore_ascii_case("null");
                    return match word.is_empty() {
                        true => malformed(self.text),
                        false => Ok((!is_null).then_some(word)),
                    };
                }
                '{' | '"' => return malformed(self.text),
                '\\' => {
                    word.extend(letters.next().map(|(_, letter)| letter));
                    length = word.len();
                    is_escaped = true;
                }
                other => {
                    word.push(other);
                    if !other.is_whitespace() {
                        length = word.len();
                    }
                }
            }
        }
        malformed(self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::dialect::conversions::of_array;

    fn texts(text: &str) -> Result<Vec<Option<String>>> {
        let array: ArrayRef = Arc::new(StringArray::from(vec![text]));
        let lists = read(&array, &DataType::Utf8, of_array)?;
        let items = lists.as_list::<i32>().value(0);
        let items = items.as_string::<i32>();
        Ok(items.iter().map(|item| item.map(str::to_owned)).collect())
    }

    #[test]
    fn items_are_read_with_their_quotes() {
        let read = |text| texts(text).unwrap();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(read("{a, b c ,\"d,e\"}"), [some("a"), some("b c"), some("d,e")]);
        assert_eq!(
            read(r#"{NULL,"NULL",null,"",a\,b}"#),
            [None, some("NULL"), None, some(""), some("a,b")]
        );
        assert_eq!(read(" {} "), []);
        for text in ["", "a", "{a", "{a}b", "{,}", "{a,}", "{{a}}", "{a\"b\"}"] {
            assert!(texts(text).is_err(), "{text}");
        }
    }
}
