//! Date formats of contracts: patterns of the JDK's `DateTimeFormatter`, as text files need them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

use super::temporal::Timestamp;

/// A pattern that texts are read with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DateFormat {
    strftime: String,
    has_offset: bool,
}

impl DateFormat {
    /// Reads a JDK pattern such as `dd.MM.yyyy HH:mm`.
    ///
    /// # Errors
    /// In words: the unsupported letters.
    pub fn parse(pattern: &str) -> Result<Self, String> {
        let mut strftime = String::new();
        let mut has_offset = false;
        let mut rest = pattern;
        while let Some(first) = rest.chars().next() {
            if first == '\'' {
                let (quoted, tail) = quoted(&rest[1..])?;
                literal(&quoted, &mut strftime);
                rest = tail;
                continue;
            }
            let run = rest.len() - rest.trim_start_matches(first).len();
            let (letters, tail) = rest.split_at(run);
            if first.is_ascii_alphabetic() {
                strftime.push_str(field(letters)?);
                has_offset |= matches!(first, 'X' | 'x' | 'Z');
            } else if matches!(first, '[' | ']' | '{' | '}' | '#') {
                return Err(format!("'{first}' of the format is not supported"));
            } else {
                literal(letters, &mut strftime);
            }
            rest = tail;
        }
        Ok(Self { strftime, has_offset })
    }

    /// Reads a date.
    pub fn date(&self, text: &str) -> Option<NaiveDate> {
        let date = NaiveDate::parse_from_str(text, &self.strftime).ok()?;
        // The reader takes 2026-1-5 for 2026-01-05: the format is exact.
        (date.format(&self.strftime).to_string() == text).then_some(date)
    }

    /// Reads a time of day.
    pub fn time(&self, text: &str) -> Option<NaiveTime> {
        let time = NaiveTime::parse_from_str(text, &self.strftime).ok()?;
        (time.format(&self.strftime).to_string() == text).then_some(time)
    }

    /// Reads a timestamp; a date alone is its midnight.
    pub fn timestamp(&self, text: &str) -> Option<Timestamp> {
        if self.has_offset {
            return DateTime::parse_from_str(text, &self.strftime).ok().map(Timestamp::Instant);
        }
        NaiveDateTime::parse_from_str(text, &self.strftime)
            .ok()
            .filter(|local| local.format(&self.strftime).to_string() == text)
            .or_else(|| Some(self.date(text)?.and_time(NaiveTime::MIN)))
            .map(Timestamp::Local)
    }
}

/// Which parts of a point in time a pattern holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts {
    date: bool,
    time: bool,
}

impl Parts {
    /// Whether it holds a day and a time of day.
    pub fn is_timestamp(self) -> bool {
        self.date && self.time
    }

    /// Whether it holds a time of day alone.
    pub fn is_time(self) -> bool {
        self.time && !self.date
    }
}

/// Which parts of a point in time a JDK pattern holds, as far as its letters say it.
pub fn parts(pattern: &str) -> Parts {
    let mut parts = Parts::default();
    let mut quoted = false;
    for letter in pattern.chars() {
        match letter {
            '\'' => quoted = !quoted,
            _ if quoted => {}
            'y' | 'u' | 'Y' | 'M' | 'L' | 'd' | 'D' | 'E' | 'e' | 'c' | 'Q' | 'q' | 'w' | 'W'
            | 'F' | 'g' => parts.date = true,
            'H' | 'h' | 'K' | 'k' | 'm' | 's' | 'S' | 'A' | 'n' | 'N' | 'a' | 'B' => {
                parts.time = true;
            }
            _ => {}
        }
    }
    parts
}

/// The text up to the closing quote, where two quotes are one; and what follows.
fn quoted(text: &str) -> Result<(String, &str), String> {
    let end = text.find('\'').ok_or("a quote is left open")?;
    // A pair of quotes is a quote.
    let content = if end == 0 { "'" } else { &text[..end] };
    Ok((content.to_owned(), &text[end + 1..]))
}

fn literal(text: &str, strftime: &mut String) {
    for c in text.chars() {
        match c {
            '%' => strftime.push_str("%%"),
            other => strftime.push(other),
        }
    }
}

fn field(letters: &str) -> Result<&'static str, String> {
    Ok(match letters {
        "yyyy" | "uuuu" | "y" | "u" => "%Y",
        "MM" => "%m",
        "M" => "%-m",
        "MMM" => "%b",
        "MMMM" => "%B",
        "dd" => "%d",
        "d" => "%-d",
        "DDD" => "%j",
        "EEE" | "E" => "%a",
        "EEEE" => "%A",
        "HH" => "%H",
        "H" => "%-H",
        "hh" => "%I",
        "h" => "%-I",
        "mm" => "%M",
        "m" => "%-M",
        "ss" => "%S",
        "s" => "%-S",
        "SSS" => "%3f",
        "SSSSSS" => "%6f",
        "SSSSSSSSS" => "%9f",
        "a" => "%p",
        "XXX" | "xxx" | "XX" | "xx" | "Z" | "X" | "x" => "%#z",
        _ => return Err(format!("'{letters}' of the format is not supported")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jdk_patterns_read_what_the_jdk_reads() {
        let date = |pattern: &str, text: &str| DateFormat::parse(pattern).unwrap().date(text);
        let expected = NaiveDate::from_ymd_opt(2026, 1, 31);
        assert_eq!(date("yyyy-MM-dd", "2026-01-31"), expected);
        assert_eq!(date("dd.MM.yyyy", "31.01.2026"), expected);
        assert_eq!(date("d MMM yyyy", "31 Jan 2026"), expected);
        assert_eq!(date("yyyyMMdd", "20260131"), expected);
        assert_eq!(date("dd.MM.yyyy", "31.02.2026"), None);
        let format = DateFormat::parse("yyyy-MM-dd'T'HH:mm:ssXXX").unwrap();
        let found = format.timestamp("2026-01-31T12:00:00+01:00").unwrap();
        let expected = crate::contract::temporal::timestamp("2026-01-31T11:00:00Z").unwrap();
        assert_eq!(found.nanoseconds(None), expected.nanoseconds(None));
        assert!(DateFormat::parse("QQQ").is_err() && DateFormat::parse("'T").is_err());
    }
}
