//! A pattern in its parts: literal text, numbers of so many digits, names, offsets, options.

/// A pattern that texts are read with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DateFormat {
    pub(super) parts: Vec<Part>,
}

/// What a pattern says of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Content {
    /// Whether it has year, month and day, so that it says which date.
    pub whole_date: bool,
    /// Whether it has any part of a date.
    pub date: bool,
    /// Whether it has an hour, and says which half of the day where that is needed.
    pub whole_time: bool,
    /// Whether it has any part of a time of day.
    pub time: bool,
    /// Whether it has an offset from UTC.
    pub offset: bool,
}

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// This text.
    Literal(String),
    /// A number of so many digits, at least and at most.
    Number(Field, usize, usize),
    /// The name of a month or of a weekday, short or in full.
    Name(Name, bool),
    /// Digits of a fraction of a second.
    Fraction(usize),
    /// `AM` or `PM`.
    Half,
    /// An offset from UTC.
    Offset,
    /// What a text may leave out.
    Optional(Vec<Part>),
}

/// A number of a date or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Field {
    Year,
    /// Two digits of a year of this century.
    ShortYear,
    Month,
    Day,
    DayOfYear,
    Hour,
    /// Of half a day, from 1 to 12.
    HalfHour,
    Minute,
    Second,
}

/// Something that has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Name {
    Month,
    Weekday,
}

impl DateFormat {
    /// Reads a JDK pattern such as `dd.MM.yyyy HH:mm`.
    ///
    /// # Errors
    /// In words: what of it is not supported.
    pub fn parse(pattern: &str) -> Result<Self, String> {
        let mut rest = pattern;
        let parts = parts(&mut rest, false)?;
        Ok(Self { parts })
    }

    /// What the pattern says of a moment; what a text may leave out counts too.
    pub fn content(&self) -> Content {
        let mut fields = Vec::new();
        flatten(&self.parts, &mut fields);
        let number = |wanted: &[Field]| {
            fields.iter().any(|part| matches!(part, Part::Number(f, ..) if wanted.contains(f)))
        };
        let has = |wanted: &Part| fields.contains(&wanted);
        let month = number(&[Field::Month])
            || has(&Part::Name(Name::Month, true))
            || has(&Part::Name(Name::Month, false));
        let weekday =
            has(&Part::Name(Name::Weekday, true)) || has(&Part::Name(Name::Weekday, false));
        let year = number(&[Field::Year, Field::ShortYear]);
        let (day, day_of_year) = (number(&[Field::Day]), number(&[Field::DayOfYear]));
        let half = has(&Part::Half);
        let fraction = fields.iter().any(|part| matches!(part, Part::Fraction(_)));
        let hour = number(&[Field::Hour]);
        Content {
            whole_date: year && ((month && day) || day_of_year),
            date: year || month || day || day_of_year || weekday,
            whole_time: hour || (number(&[Field::HalfHour]) && half),
            time: number(&[Field::Hour, Field::HalfHour, Field::Minute, Field::Second])
                || half
                || fraction,
            offset: has(&Part::Offset),
        }
    }
}

fn flatten<'a>(parts: &'a [Part], found: &mut Vec<&'a Part>) {
    for part in parts {
        match part {
            Part::Optional(inner) => flatten(inner, found),
            other => found.push(other),
        }
    }
}

fn parts(rest: &mut &str, inside: bool) -> Result<Vec<Part>, String> {
    let mut found = Vec::new();
    while let Some(first) = rest.chars().next() {
        match first {
            '\'' => found.push(Part::Literal(quoted(rest)?)),
            '[' => {
                *rest = &rest[1..];
                found.push(Part::Optional(parts(rest, true)?));
            }
            ']' if inside => {
                *rest = &rest[1..];
                return Ok(found);
            }
            ']' | '{' | '}' | '#' => {
                return Err(format!("'{first}' of the format is not supported"));
            }
            letter if letter.is_ascii_alphabetic() => {
                let (letters, tail) = run(rest, letter);
                found.push(field(letters)?);
                *rest = tail;
            }
            other => {
                found.push(Part::Literal(other.to_string()));
                *rest = &rest[other.len_utf8()..];
            }
        }
    }
    if inside { Err("a '[' of the format is left open".to_owned()) } else { Ok(found) }
}

/// The run of a character that a text begins with, and what follows.
pub(super) fn run(text: &str, first: char) -> (&str, &str) {
    text.split_at(text.len() - text.trim_start_matches(first).len())
}

/// A quoted text, where two quotes are one; what follows it stays.
fn quoted(rest: &mut &str) -> Result<String, String> {
    let mut text = String::new();
    let mut tail = &rest[1..];
    if let Some(after) = tail.strip_prefix('\'') {
        *rest = after;
        return Ok("'".to_owned());
    }
    loop {
        let end = tail.find('\'').ok_or("a quote of the format is left open")?;
        text.push_str(&tail[..end]);
        tail = &tail[end + 1..];
        match tail.strip_prefix('\'') {
            Some(after) => {
                text.push('\'');
                tail = after;
            }
            None => break,
        }
    }
    *rest = tail;
    Ok(text)
}

fn field(letters: &str) -> Result<Part, String> {
    use Field as F;
    // One letter is a number of any length, several are one of that length.
    let number = |field, most| match letters.len() {
        1 => Part::Number(field, 1, most),
        digits => Part::Number(field, digits, digits),
    };
    Ok(match letters {
        "y" | "u" => number(F::Year, 9),
        "yy" | "uu" => number(F::ShortYear, 2),
        "yyyy" | "uuuu" => number(F::Year, 4),
        "M" | "MM" | "L" | "LL" => number(F::Month, 2),
        "MMM" | "LLL" => Part::Name(Name::Month, false),
        "MMMM" | "LLLL" => Part::Name(Name::Month, true),
        "d" | "dd" => number(F::Day, 2),
        "D" | "DDD" => number(F::DayOfYear, 3),
        "E" | "EE" | "EEE" => Part::Name(Name::Weekday, false),
        "EEEE" => Part::Name(Name::Weekday, true),
        "H" | "HH" => number(F::Hour, 2),
        "h" | "hh" => number(F::HalfHour, 2),
        "m" | "mm" => number(F::Minute, 2),
        "s" | "ss" => number(F::Second, 2),
        "a" => Part::Half,
        "X" | "XX" | "XXX" | "x" | "xx" | "xxx" | "Z" | "ZZ" | "ZZZ" => Part::Offset,
        _ if letters.starts_with('S') && letters.len() <= 9 => Part::Fraction(letters.len()),
        _ => return Err(format!("'{letters}' of the format is not supported")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_says_what_it_has_of_a_moment() {
        let of = |pattern: &str| DateFormat::parse(pattern).unwrap().content();
        let date = Content { whole_date: true, date: true, ..Content::default() };
        let time = Content { whole_time: true, time: true, ..Content::default() };
        assert_eq!(of("yyyy-MM-dd"), date);
        assert_eq!(of("EEEE, d. MMMM yy"), date);
        assert_eq!(of("yyyyDDD"), date);
        assert_eq!(of("yyyy-MM"), Content { date: true, ..Content::default() });
        assert_eq!(of("HH:mm[:ss[.SSS]]"), time);
        assert_eq!(of("h:mm a"), time);
        // Which half of the day is not said.
        assert_eq!(of("hh:mm"), Content { time: true, ..Content::default() });
        let all = Content { whole_date: true, date: true, offset: true, ..time };
        assert_eq!(of("yyyy-MM-dd'T'HH:mmXXX"), all);
    }

    #[test]
    fn what_is_not_supported_is_refused_in_words() {
        for (pattern, word) in [
            ("QQQ", "'QQQ'"),
            ("YYYY-MM-dd", "'YYYY'"),
            ("yyyy-MM-ddTHH", "'T'"),
            ("'T", "quote"),
            ("yyyy[-MM", "'['"),
            ("yyyy]", "']'"),
            ("SSSSSSSSSS", "'SSSSSSSSSS'"),
        ] {
            let error = DateFormat::parse(pattern).unwrap_err();
            assert!(error.contains(word), "{pattern}: {error}");
        }
    }
}
