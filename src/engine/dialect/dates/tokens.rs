//! Splits the text of a date, a time or an interval into its fields, by PostgreSQL's rules.

/// What a field looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Look {
    /// Digits, perhaps with a decimal point.
    Number,
    /// Letters.
    Word,
    /// Digits or letters, joined by `-`, `/` or `.`.
    Date,
    /// Digits with `:`.
    Time,
    /// A sign and digits.
    Signed,
    /// A sign and letters.
    SignedWord,
}

/// A field: its look, and its text in lower case.
pub(in super::super) type Field = (Look, String);

/// Most fields that a text is split into, as in PostgreSQL.
const MOST_FIELDS: usize = 25;

/// The fields of a text; `None` where it is not one of dates or times. `is_word` tells whether letters in
/// front of digits are a word of their own.
pub(in super::super) fn fields(text: &str, is_word: fn(&str) -> bool) -> Option<Vec<Field>> {
    if !text.is_ascii() {
        return None;
    }
    let mut rest = Rest { bytes: text.as_bytes(), at: 0 };
    let mut found = Vec::new();
    while let Some(next) = rest.peek() {
        let field = match next {
            b if b.is_ascii_whitespace() => {
                rest.at += 1;
                continue;
            }
            b if b.is_ascii_digit() => rest.digits(),
            b'.' => {
                let text = format!("{}{}", rest.take(1), rest.while_(|b| b.is_ascii_digit()));
                (Look::Number, text)
            }
            b if b.is_ascii_alphabetic() => rest.letters(is_word),
            b'+' | b'-' => rest.signed()?,
            b if b.is_ascii_punctuation() => {
                rest.at += 1;
                continue;
            }
            _ => return None,
        };
        found.push(field);
        if found.len() > MOST_FIELDS {
            return None;
        }
    }
    Some(found)
}

struct Rest<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Rest<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, count: usize) -> String {
        let part = self.bytes.get(self.at..self.at + count).unwrap_or_default();
        self.at += part.len();
        String::from_utf8_lossy(part).to_ascii_lowercase()
    }

    fn while_(&mut self, belongs: impl Fn(u8) -> bool) -> String {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let count = rest.iter().take_while(|b| belongs(**b)).count();
        self.take(count)
    }

    fn digits(&mut self) -> Field {
        let mut text = self.while_(|b| b.is_ascii_digit());
        let delimiter = match self.peek() {
            Some(b':') => {
                text += &self.while_(|b| b.is_ascii_digit() || b == b':' || b == b'.');
                return (Look::Time, text);
            }
            Some(b @ (b'-' | b'/' | b'.')) => b,
            _ => return (Look::Number, text),
        };
        text += &self.take(1);
        if !self.peek().is_some_and(|b| b.is_ascii_digit()) {
            text += &self.while_(|b| b.is_ascii_alphanumeric() || b == delimiter);
            return (Look::Date, text);
        }
        text += &self.while_(|b| b.is_ascii_digit());
        if self.peek() == Some(delimiter) {
            text += &self.while_(|b| b.is_ascii_digit() || b == delimiter);
            return (Look::Date, text);
        }
        // A number with a decimal point, or a year and a day of it.
        (if delimiter == b'.' { Look::Number } else { Look::Date }, text)
    }

    fn letters(&mut self, is_word: fn(&str) -> bool) -> Field {
        let mut text = self.while_(|b| b.is_ascii_alphabetic());
        let is_date = match self.peek() {
            Some(b'-' | b'/' | b'.') => true,
            Some(b) if b == b'+' || b.is_ascii_digit() => !is_word(&text),
            _ => false,
        };
        if !is_date {
            return (Look::Word, text);
        }
        text += &self.while_(|b| b.is_ascii_alphanumeric() || b"+-/_.:".contains(&b));
        (Look::Date, text)
    }

    fn signed(&mut self) -> Option<Field> {
        let mut text = self.take(1);
        self.while_(|b| b.is_ascii_whitespace());
        match self.peek() {
            Some(b) if b.is_ascii_digit() => {
                text += &self.while_(|b| b.is_ascii_digit() || b":.-".contains(&b));
                Some((Look::Signed, text))
            }
            Some(b) if b.is_ascii_alphabetic() => {
                text += &self.while_(|b| b.is_ascii_alphabetic());
                Some((Look::SignedWord, text))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_told_by_their_look() {
        let looks = |text| {
            let found = fields(text, |word| word == "t").unwrap();
            found.into_iter().map(|(look, _)| look).collect::<Vec<_>>()
        };
        assert_eq!(looks("2020-01-02 03:04:05.6+02"), [Look::Date, Look::Time, Look::Signed]);
        assert_eq!(looks("2020-01-02T03:04"), [Look::Date, Look::Word, Look::Time]);
        assert_eq!(looks("Jan 8, 1999"), [Look::Word, Look::Number, Look::Number]);
        assert_eq!(looks("1.5 days ago"), [Look::Number, Look::Word, Look::Word]);
        assert_eq!(looks("Europe/Brussels"), [Look::Date]);
        assert_eq!(fields("é", |_| false), None);
    }
}
