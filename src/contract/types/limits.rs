//! What a physical type says about values, beyond their kind: lengths, words, fractions of a second.

use super::physical::Physical;
use super::reading::parse;
use super::spelling::Spelling;

/// Limits that a spelling states about values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Characters of a text, at most: `varchar(10)`.
    pub characters: Option<u64>,
    /// Bytes, at most: `varbinary(16)`, Oracle's `varchar2(10 byte)`.
    pub bytes: Option<u64>,
    /// The only texts that there are: `enum('a', 'b')`.
    pub values: Option<Vec<String>>,
    /// Digits of a fraction of a second, at most: 3 of `timestamp(3)`. Stored are six, so that six
    /// and more are not a limit.
    pub fraction: Option<u8>,
    /// Whether each text is a UUID.
    pub uuid: bool,
}

/// The limits of a spelling; none where it states none, or is unknown.
pub fn limits(text: &str) -> Limits {
    let spelling = Spelling::of(text);
    let none = Limits::default();
    match parse(text) {
        Some(Physical::String) => of_text(&spelling),
        Some(Physical::Binary | Physical::ByteArray) => {
            Limits { bytes: first_number(&spelling), ..none }
        }
        Some(Physical::Timestamp { .. } | Physical::Time) => {
            Limits { fraction: fraction(&spelling).filter(|digits| *digits < 6), ..none }
        }
        _ => none,
    }
}

fn of_text(spelling: &Spelling<'_>) -> Limits {
    let none = Limits::default();
    match spelling.head.as_str() {
        "uuid" | "uniqueidentifier" => Limits { uuid: true, ..none },
        // A set holds several of its words at once, and Arrow's categories are numbered ones.
        "set" | "categorical" | "category" => none,
        "enum" | "enum8" | "enum16" => {
            let words: Option<Vec<String>> = spelling.arguments().into_iter().map(word).collect();
            Limits { values: words.filter(|words| !words.is_empty()), ..none }
        }
        _ => match (first_number(spelling), is_in_bytes(spelling)) {
            (bytes, true) => Limits { bytes, ..none },
            (characters, false) => Limits { characters, ..none },
        },
    }
}

/// The first number in brackets: 10 of `varchar(10)` and `varchar2(10 char)`; none of `varchar(max)`.
fn first_number(spelling: &Spelling<'_>) -> Option<u64> {
    let first = spelling.arguments().first().copied()?;
    first.split_whitespace().next()?.parse().ok()
}

fn is_in_bytes(spelling: &Spelling<'_>) -> bool {
    let unit = spelling.arguments().first().and_then(|a| a.split_whitespace().nth(1));
    spelling.head == "fixedstring" || unit.is_some_and(|unit| unit.eq_ignore_ascii_case("byte"))
}

/// The text of a quoted word; ClickHouse numbers it: `'a' = 1`.
fn word(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let end = text.rfind(quote).filter(|end| *end > 0)?;
    let doubled = format!("{quote}{quote}");
    Some(text[1..end].replace(&doubled, &quote.to_string()))
}

fn fraction(spelling: &Spelling<'_>) -> Option<u8> {
    let unit = |text: &str| {
        Some(match text {
            "s" | "second" | "seconds" => 0,
            "ms" | "millis" | "millisecond" => 3,
            "us" | "micros" | "microsecond" => 6,
            "ns" | "nanos" | "nanosecond" => 9,
            _ => return None,
        })
    };
    let named = spelling.head.rsplit(['_', '-']).next().filter(|last| *last != spelling.head);
    if let Some(digits) = named.and_then(unit) {
        return Some(digits);
    }
    let first = spelling.arguments().first().copied()?.to_lowercase();
    let value = first.rsplit_once('=').map_or(first.as_str(), |(_, value)| value);
    let value = value.trim_matches(['\'', '"', ' ']);
    value.parse().ok().or_else(|| unit(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spelling_limits_its_values() {
        let none = Limits::default();
        let characters = |n| Limits { characters: Some(n), ..none.clone() };
        let bytes = |n| Limits { bytes: Some(n), ..none.clone() };
        let fraction = |n| Limits { fraction: Some(n), ..none.clone() };
        for (spelling, expected) in [
            ("varchar(3)", characters(3)),
            ("VARCHAR ( 3 )", characters(3)),
            ("char(2)", characters(2)),
            ("character varying(12)", characters(12)),
            ("nvarchar2(3)", characters(3)),
            ("varchar2(10 CHAR)", characters(10)),
            ("varchar2(10 byte)", bytes(10)),
            ("STRING(40)", characters(40)),
            ("VarcharType(40)", characters(40)),
            ("nvarchar(max)", none.clone()),
            ("varchar", none.clone()),
            ("text", none.clone()),
            ("binary(16)", bytes(16)),
            ("BYTES(10)", bytes(10)),
            ("raw(16)", bytes(16)),
            ("fixed_size_binary[16]", bytes(16)),
            ("FixedString(4)", bytes(4)),
            ("uuid", Limits { uuid: true, ..none.clone() }),
            ("uniqueidentifier", Limits { uuid: true, ..none.clone() }),
            ("timestamp(3)", fraction(3)),
            ("timestamp(3) with time zone", fraction(3)),
            ("timestamp(6)", none.clone()),
            ("timestamp(9)", none.clone()),
            ("datetime2(0)", fraction(0)),
            ("time(3)", fraction(3)),
            ("timestamp[ms, tz=UTC]", fraction(3)),
            ("Timestamp(Second, None)", fraction(0)),
            ("timestamp_ms", fraction(3)),
            ("timestamp-millis", fraction(3)),
            ("TIMESTAMP_MICROS", none.clone()),
            ("timestamp", none.clone()),
            ("timestamp_ntz(3)", fraction(3)),
            ("int(11)", none.clone()),
            ("decimal(5,2)", none.clone()),
            ("frobnicate(3)", none.clone()),
        ] {
            assert_eq!(limits(spelling), expected, "{spelling}");
        }
    }

    #[test]
    fn the_words_of_an_enum_keep_their_case_and_their_quotes() {
        let words = |text: &str| limits(text).values;
        assert_eq!(words("ENUM('a', 'B')"), Some(vec!["a".to_owned(), "B".to_owned()]));
        assert_eq!(words("enum('it''s', 'a,b')"), Some(vec!["it's".to_owned(), "a,b".to_owned()]));
        assert_eq!(words("Enum8('a' = 1, 'b' = 2)"), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(words("enum"), None);
        assert_eq!(words("enum(colour)"), None);
    }
}
