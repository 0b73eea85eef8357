//! What a column of text looks like: lengths, shape, formats, and what else it could be.

use std::collections::BTreeMap;

use arrow::datatypes::DataType;
use serde::Serialize;

use crate::check::TextFormat;
use crate::contract::temporal;
use crate::contract::types::sql_type;
use crate::engine::digits::Digits;

use super::shape::Shape;

/// The numbers of a column of text.
#[derive(Debug, Clone, Serialize)]
pub struct TextProfile {
    /// Characters of the shortest value.
    pub shortest: u64,
    /// Characters of the longest value.
    pub longest: u64,
    /// Blanks in a value, on average.
    pub blanks: f64,
    /// An ECMA pattern that every value matches, where one says more than "any text".
    pub pattern: Option<String>,
    /// The format of the standard that every value has, such as `uuid`.
    pub format: Option<&'static str>,
    /// The logical type that every value could be read as.
    pub reads_as: Option<&'static str>,
    /// Texts that stand for a missing value, with their rows: what the others could be read as is
    /// said without them.
    #[serde(skip)]
    pub placeholders: Vec<(String, u64)>,
    /// The physical type that keeps every digit of numbers, where a double does not.
    #[serde(skip)]
    pub physical: Option<String>,
    /// Whether those are timestamps with an offset.
    #[serde(skip)]
    pub zoned: bool,
}

/// The numbers while they are gathered.
#[derive(Debug, Clone)]
pub(super) struct Texts {
    all: Looks,
    /// Those that do not look like placeholders, once one was seen that does.
    rest: Option<Box<Looks>>,
    /// Texts that look like placeholders, with their rows.
    placeholders: BTreeMap<String, u64>,
}

/// What texts look like together.
#[derive(Debug, Clone)]
struct Looks {
    values: u64,
    shortest: u64,
    longest: u64,
    blanks: u64,
    shape: Shape,
    /// By format: whether every value has it so far.
    formats: Vec<bool>,
    reads: Reads,
    digits: Digits,
}

#[derive(Debug, Clone, Copy)]
struct Reads {
    integer: bool,
    number: bool,
    /// Whether one of the numbers has digits: `NaN` alone is a word.
    digits: bool,
    boolean: bool,
    date: bool,
    timestamp: bool,
    instant: bool,
}

const FORMATS: &[TextFormat] =
    &[TextFormat::Uuid, TextFormat::Email, TextFormat::Ipv4, TextFormat::Ipv6, TextFormat::Uri];

impl Texts {
    /// No value yet.
    pub fn new() -> Self {
        Self { all: Looks::new(), rest: None, placeholders: BTreeMap::new() }
    }

    /// Takes a value that occurs in this number of rows.
    pub fn take(&mut self, text: &str, rows: u64) {
        if is_placeholder(text) {
            self.rest.get_or_insert_with(|| Box::new(self.all.clone()));
            *self.placeholders.entry(text.to_owned()).or_default() += rows;
        } else if let Some(rest) = &mut self.rest {
            rest.take(text, rows);
        }
        self.all.take(text, rows);
    }

    /// Takes over another column's.
    pub fn add(&mut self, other: Self) {
        if self.rest.is_some() || other.rest.is_some() {
            let others = other.rest.map_or_else(|| other.all.clone(), |rest| *rest);
            let rest = self.rest.get_or_insert_with(|| Box::new(self.all.clone()));
            rest.add(others);
        }
        self.all.add(other.all);
        for (text, rows) in other.placeholders {
            *self.placeholders.entry(text).or_default() += rows;
        }
    }

    /// The result; none without values.
    pub fn finish(self) -> Option<TextProfile> {
        if let Some(rest) = self.rest.filter(|rest| rest.values > 0) {
            let lengths = (rest.shortest, rest.longest);
            let found = rest.finish()?;
            if found.reads_as.is_some() {
                return Some(among_values(self.placeholders, found));
            }
            // Clauses about texts would fail on the placeholders: what is said holds of them too.
            let placeholders = among_texts(self.placeholders, lengths);
            return Some(TextProfile { placeholders, ..self.all.finish()? });
        }
        self.all.finish()
    }
}

impl Looks {
    fn new() -> Self {
        Self {
            values: 0,
            shortest: u64::MAX,
            longest: 0,
            blanks: 0,
            shape: Shape::default(),
            formats: vec![true; FORMATS.len()],
            reads: Reads {
                integer: true,
                number: true,
                digits: false,
                boolean: true,
                date: true,
                timestamp: true,
                instant: true,
            },
            digits: Digits::default(),
        }
    }

    fn take(&mut self, text: &str, rows: u64) {
        let length = text.chars().count() as u64;
        self.values += rows;
        self.shortest = self.shortest.min(length);
        self.longest = self.longest.max(length);
        self.blanks += text.matches(' ').count() as u64 * rows;
        self.shape.take(text);
        for (all, format) in self.formats.iter_mut().zip(FORMATS) {
            *all =
                *all && format.fits(text) && (*format != TextFormat::Uri || text.contains("://"));
        }
        let reads = &mut self.reads;
        reads.integer = reads.integer && is_integer(text);
        reads.number = reads.number && is_number(text);
        reads.digits = reads.digits || text.contains(|c: char| c.is_ascii_digit());
        reads.boolean = reads.boolean && matches!(text, "true" | "false" | "True" | "False");
        reads.date = reads.date && temporal::date(text).is_some();
        let read = temporal::timestamp(text).filter(|_| text.len() > 10);
        let instant = matches!(read, Some(temporal::Timestamp::Instant(_)));
        reads.timestamp = reads.timestamp && read.is_some() && !instant;
        reads.instant = reads.instant && instant;
        if reads.number {
            self.digits.add(text);
        }
    }

    fn add(&mut self, other: Self) {
        if other.values == 0 {
            return;
        }
        self.values += other.values;
        self.shortest = self.shortest.min(other.shortest);
        self.longest = self.longest.max(other.longest);
        self.blanks += other.blanks;
        self.shape.add(other.shape);
        self.formats.iter_mut().zip(other.formats).for_each(|(a, b)| *a &= b);
        self.reads = Reads {
            integer: self.reads.integer && other.reads.integer,
            number: self.reads.number && other.reads.number,
            digits: self.reads.digits || other.reads.digits,
            boolean: self.reads.boolean && other.reads.boolean,
            date: self.reads.date && other.reads.date,
            timestamp: self.reads.timestamp && other.reads.timestamp,
            instant: self.reads.instant && other.reads.instant,
        };
        self.digits = self.digits.and(other.digits);
    }

    fn finish(self) -> Option<TextProfile> {
        if self.values == 0 {
            return None;
        }
        let format = self.formats.iter().position(|all| *all).map(|n| FORMATS[n].word());
        let exact = self.digits.data_type();
        let reads_as = match self.reads {
            Reads { integer: true, .. } => Some("integer"),
            // No number type has so many digits.
            Reads { number: true, .. } if exact == Some(DataType::Utf8) => None,
            Reads { number: true, digits: true, .. } => Some("number"),
            Reads { boolean: true, .. } => Some("boolean"),
            Reads { date: true, .. } => Some("date"),
            Reads { timestamp: true, .. } | Reads { instant: true, .. } => Some("timestamp"),
            _ => None,
        };
        #[allow(clippy::cast_precision_loss, reason = "an average, to be shown")]
        let blanks = self.blanks as f64 / self.values as f64;
        Some(TextProfile {
            shortest: self.shortest,
            longest: self.longest,
            blanks,
            pattern: self.shape.pattern().filter(|_| format.is_none()),
            format,
            reads_as,
            placeholders: Vec::new(),
            physical: exact.filter(|_| reads_as == Some("number")).map(|exact| sql_type(&exact)),
            zoned: self.reads.instant,
        })
    }
}

/// Texts that stand for a missing value among numbers and dates.
fn is_placeholder(text: &str) -> bool {
    const WORDS: &[&str] =
        &["na", "n/a", "#n/a", "nan", "null", "none", "nil", "missing", "-", "--", ".", "?", ""];
    text.len() <= 7 && WORDS.contains(&text.trim().to_lowercase().as_str())
}

/// Numbers, dates or truths, and what stands between them. Among numbers `NaN` is one.
fn among_values(found: BTreeMap<String, u64>, values: TextProfile) -> TextProfile {
    let is_number = matches!(values.reads_as, Some("integer" | "number"));
    let is_nan = |text: &str| is_number && text.eq_ignore_ascii_case("nan");
    let (numbers, placeholders): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(text, _)| is_nan(text));
    let reads_as = if numbers.is_empty() { values.reads_as } else { Some("number") };
    let physical = values.physical.filter(|_| numbers.is_empty());
    TextProfile { placeholders, reads_as, physical, ..values }
}

/// Those that stand for a missing value among texts too, of the given lengths: `NA` among codes of
/// two letters is one of them.
fn among_texts(found: BTreeMap<String, u64>, lengths: (u64, u64)) -> Vec<(String, u64)> {
    let is_one = |text: &str| match text.to_lowercase().as_str() {
        "na" => lengths != (2, 2),
        "n/a" | "#n/a" | "nan" | "null" => true,
        _ => false,
    };
    found.into_iter().filter(|(text, _)| is_one(text)).collect()
}

/// Digits with a sign; `007` is a code, not a number.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let padded = digits.len() > 1 && digits.starts_with('0');
    !padded && !digits.is_empty() && text.parse::<i64>().is_ok()
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let padded = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    !padded && digits.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(texts: &[&str]) -> TextProfile {
        let mut gathered = Texts::new();
        texts.iter().for_each(|text| gathered.take(text, 1));
        gathered.finish().unwrap()
    }

    fn placeholders(texts: &[&str]) -> Vec<String> {
        looks(texts).placeholders.into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn words_for_missing_values_do_not_hide_the_type_of_the_others() {
        for (texts, reads_as) in [
            (["1", "NA", "3"], "integer"),
            (["1.5", "n/a", "2"], "number"),
            (["2024-01-31", "null", "-"], "date"),
        ] {
            assert_eq!(looks(&texts).reads_as, Some(reads_as), "{texts:?}");
        }
        assert_eq!(placeholders(&["1", "NA", "?", "n/a"]), ["?", "NA", "n/a"]);
        assert_eq!(placeholders(&["red", "N/A", "-", "None"]), ["N/A"]);
        // Namibia.
        assert!(placeholders(&["NO", "NA", "SE"]).is_empty());
        assert_eq!(placeholders(&["NO", "NA", "Sweden"]), ["NA"]);
        assert_eq!(looks(&["NA", "NA"]).reads_as, None);
        // NaN is a number, and no integer.
        assert_eq!(looks(&["1", "NaN"]).reads_as, Some("number"));
        assert!(placeholders(&["1", "NaN"]).is_empty());
    }

    #[test]
    fn parts_of_a_column_are_put_together_whichever_has_the_placeholders() {
        for (first, second) in [(["1", "2"], ["NA", "x"]), (["NA", "x"], ["1", "2"])] {
            let (mut left, mut right) = (Texts::new(), Texts::new());
            first.iter().for_each(|text| left.take(text, 1));
            second.iter().for_each(|text| right.take(text, 1));
            left.add(right);
            let found = left.finish().unwrap();
            assert_eq!((found.reads_as, found.placeholders.len()), (None, 1));
        }
        let (mut left, mut right) = (Texts::new(), Texts::new());
        left.take("NA", 2);
        right.take("7", 1);
        left.add(right);
        let found = left.finish().unwrap();
        assert_eq!(found.reads_as, Some("integer"));
        assert_eq!(found.placeholders, [("NA".to_owned(), 2)]);
    }

    #[test]
    fn numbers_beyond_a_double_are_decimals() {
        let physical = |texts: &[&str]| looks(texts).physical;
        assert_eq!(physical(&["12345678901234567.89", "-0.5"]).as_deref(), Some("numeric(19,2)"));
        // What a notebook writes of 0.1 + 0.2 is a double.
        assert_eq!(physical(&["0.30000000000000004", "10.357019999999999"]), None);
        assert_eq!(physical(&["1234567890.12345", "1"]), None);
    }

    #[test]
    fn a_word_with_a_colon_is_not_an_address() {
        assert_eq!(looks(&["Action:Drama", "a:b"]).format, None);
        assert_eq!(looks(&["https://example.org/a", "s3://b/c"]).format, Some("uri"));
    }
}
