//! What was meant by a format that is not the JDK's: `YYYY-MM-DD`, `%Y-%m-%d`, `HH24:MI:SS`.

use super::pattern::{Content, DateFormat, run};

/// What to write instead of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// This pattern.
    Pattern(String),
    /// Nothing: ISO 8601 is what texts are read as without a format.
    Iso,
}

/// What was probably meant by a format, if it can be told and `fits` the column.
pub fn meant(format: &str, fits: impl Fn(Content) -> bool) -> Option<Meant> {
    if names_iso(format) {
        return Some(Meant::Iso);
    }
    let pattern = if format.contains('%') { of_strftime(format) } else { of_picture(format) }?;
    let content = DateFormat::parse(&pattern).ok()?.content();
    (pattern != format && fits(content)).then_some(Meant::Pattern(pattern))
}

/// Whether a format is a word for ISO 8601, or for a type, which is read as ISO 8601.
fn names_iso(format: &str) -> bool {
    let letters = |c: &char| c.is_ascii_alphanumeric();
    let word: String = format.chars().filter(letters).collect::<String>().to_ascii_lowercase();
    matches!(
        word.as_str(),
        "date" | "datetime" | "time" | "timestamp" | "iso" | "iso8601" | "rfc3339"
    ) || (word.starts_with("iso") && (word.ends_with("date") || word.ends_with("time")))
}

/// The JDK's letters for those of `strftime`.
fn of_strftime(format: &str) -> Option<String> {
    let mut pattern = String::new();
    let mut rest = format.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '%' {
            literal(c, &mut pattern);
            continue;
        }
        let short = rest.next_if_eq(&'-').is_some();
        let letters = match (rest.next()?, short) {
            ('Y', _) => "yyyy",
            ('y', _) => "yy",
            ('m', false) => "MM",
            ('m', true) => "M",
            ('d', false) => "dd",
            ('d', true) | ('e', _) => "d",
            ('j', _) => "DDD",
            ('b' | 'h', _) => "MMM",
            ('B', _) => "MMMM",
            ('a', _) => "EEE",
            ('A', _) => "EEEE",
            ('H', false) => "HH",
            ('H', true) => "H",
            ('I', false) => "hh",
            ('I', true) => "h",
            ('M', _) => "mm",
            ('S', _) => "ss",
            ('f', _) => "SSSSSS",
            ('p', _) => "a",
            ('z', _) => "XXX",
            ('F', _) => "yyyy-MM-dd",
            ('T', _) => "HH:mm:ss",
            ('%', _) => "%",
            _ => return None,
        };
        pattern.push_str(letters);
    }
    Some(pattern)
}

/// A character of a text that is not a letter of the pattern.
fn literal(c: char, pattern: &mut String) {
    match c {
        letter if letter.is_ascii_alphabetic() => {
            pattern.push('\'');
            pattern.push(letter);
            pattern.push('\'');
        }
        other => pattern.push(other),
    }
}

/// What a picture has said so far: the same letters stand for months before the hour, and for
/// minutes after it.
#[derive(Default)]
struct Said {
    month: bool,
    hour: bool,
    minute: bool,
    second: bool,
}

/// Words of databases and of other libraries, the longest first, each with the JDK's letters.
const WORDS: &[(&str, &str)] = &[
    ("TZH:TZM", "XXX"),
    ("HH24", "HH"),
    ("HH12", "hh"),
    ("MONTH", "MMMM"),
    ("A.M.", "a"),
    ("P.M.", "a"),
    ("[T]", "'T'"),
    ("MON", "MMM"),
    ("DAY", "EEEE"),
    ("FF3", "SSS"),
    ("FF6", "SSSSSS"),
    ("FF9", "SSSSSSSSS"),
    ("RRRR", "yyyy"),
    ("DY", "EEE"),
    ("MI", "mm"),
    ("MS", "SSS"),
    ("US", "SSSSSS"),
    ("AM", "a"),
    ("PM", "a"),
    ("TT", "a"),
    ("RR", "yy"),
];

/// The JDK's letters for a picture such as `YYYY-MM-DD` or `DD.MM.YYYY HH24:MI`.
fn of_picture(format: &str) -> Option<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut said = Said::default();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        let (piece, tail) = if let Some(after) = quotation(rest) {
            (rest[..rest.len() - after.len()].to_owned(), after)
        } else if let Some((word, letters)) = word(rest) {
            (letters.to_owned(), &rest[word.len()..])
        } else if first.is_ascii_alphabetic() {
            let (letters, tail) = run(rest, first);
            (said.letters(first, letters.len())?, tail)
        } else {
            (first.to_string(), &rest[first.len_utf8()..])
        };
        said.note(&piece);
        pieces.push(piece);
        rest = tail;
    }
    // Without AM or PM an hour is one of 24.
    let halves = pieces.iter().any(|piece| piece == "a");
    let whole = |piece: String| match halves {
        false if piece.starts_with('h') => piece.to_ascii_uppercase(),
        _ => piece,
    };
    Some(pieces.into_iter().map(whole).collect())
}

/// What follows a quoted text.
fn quotation(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('\'')?;
    Some(inner.split_once('\'')?.1)
}

fn word(text: &str) -> Option<(&'static str, &'static str)> {
    let begins =
        |word: &str| text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    WORDS.iter().copied().find(|(word, _)| begins(word))
}

impl Said {
    fn note(&mut self, letters: &str) {
        match letters.chars().next() {
            Some('M') => self.month = true,
            Some('H' | 'h') => self.hour = true,
            Some('m') => self.minute = true,
            Some('s') => self.second = true,
            _ => {}
        }
    }

    /// The JDK's letters for a run of one letter.
    fn letters(&self, letter: char, length: usize) -> Option<String> {
        let minutes = self.hour && !self.minute;
        let (letter, length) = match (letter, length) {
            ('Y' | 'y' | 'u', 2) => ('y', 2),
            ('Y' | 'y' | 'u', _) => ('y', 4),
            ('M' | 'm', 1 | 2) if minutes => ('m', length),
            ('M' | 'm', 1..=4) => ('M', length),
            ('D' | 'd', 1 | 2) => ('d', length),
            ('D', 3) if !self.month => ('D', 3),
            ('d', 3 | 4) => ('E', length),
            ('H' | 'k', 1 | 2) => ('H', length),
            ('h', 1 | 2) => ('h', length),
            ('S' | 's', 1 | 2) if !self.second => ('s', length),
            ('S' | 's' | 'f' | 'F', 1..=9) => ('S', length),
            ('A' | 'a', 1) => ('a', 1),
            ('E', 1..=4) => ('E', length),
            ('Z' | 'z' | 'X' | 'x', 1..=3) => ('X', 3),
            ('T', 1) => return Some("'T'".to_owned()),
            _ => return None,
        };
        Some(letter.to_string().repeat(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(format: &str) -> Option<String> {
        match meant(format, |_| true)? {
            Meant::Pattern(pattern) => Some(pattern),
            Meant::Iso => Some("ISO 8601".to_owned()),
        }
    }

    #[test]
    fn the_jdks_letters_are_found_for_those_of_others() {
        for (format, expected) in [
            ("YYYY-MM-DD", "yyyy-MM-dd"),
            ("DD/MM/YYYY", "dd/MM/yyyy"),
            ("yyyy-mm-dd", "yyyy-MM-dd"),
            ("dd.mm.yyyy hh:mm", "dd.MM.yyyy HH:mm"),
            ("YYYYMMDD", "yyyyMMdd"),
            ("%Y-%m-%d", "yyyy-MM-dd"),
            ("%d.%m.%y", "dd.MM.yy"),
            ("%Y-%m-%dT%H:%M:%S.%f%z", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX"),
            ("%I:%M %p", "hh:mm a"),
            ("yyyy-MM-ddTHH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss"),
            ("YYYY-MM-DDTHH:mm:ss.SSSZ", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"),
            ("YYYY-MM-DD[T]HH:mm", "yyyy-MM-dd'T'HH:mm"),
            ("YYYY-MM-DD HH24:MI:SS", "yyyy-MM-dd HH:mm:ss"),
            ("DD-MON-YYYY HH12:MI AM", "dd-MMM-yyyy hh:mm a"),
            ("HH:MM:SS", "HH:mm:ss"),
            ("hh:mm:ss", "HH:mm:ss"),
            ("yyyy-MM-dd HH:mm:ss.fff", "yyyy-MM-dd HH:mm:ss.SSS"),
            ("date-time", "ISO 8601"),
            ("ISO 8601", "ISO 8601"),
            ("ISO_LOCAL_DATE", "ISO 8601"),
        ] {
            assert_eq!(pattern(format).as_deref(), Some(expected), "{format}");
        }
    }

    #[test]
    fn nothing_is_offered_where_nothing_can_be_told() {
        for format in ["QQQ-yyyy", "%Q", "quarter", "yyyy-MM-dd", "", "%"] {
            assert_eq!(pattern(format), None, "{format}");
        }
        assert_eq!(meant("YYYY-MM-DD HH:mm", |content| !content.time), None);
    }
}
