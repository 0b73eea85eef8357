//! What a column of text looks like: lengths, shape, formats, and what else it could be.

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
    values: u64,
    shortest: u64,
    longest: u64,
    blanks: u64,
    shape: Shape,
    /// By format: whether every value has it so far.
    formats: Vec<bool>,
    reads: Reads,
    /// Of texts that are numbers so far.
    digits: Digits,
}

#[derive(Debug, Clone, Copy)]
struct Reads {
    integer: bool,
    number: bool,
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
                boolean: true,
                date: true,
                timestamp: true,
                instant: true,
            },
            digits: Digits::default(),
        }
    }

    /// Takes a value that occurs in this number of rows.
    pub fn take(&mut self, text: &str, rows: u64) {
        let length = text.chars().count() as u64;
        self.values += rows;
        self.shortest = self.shortest.min(length);
        self.longest = self.longest.max(length);
        self.blanks += text.matches(' ').count() as u64 * rows;
        self.shape.take(text);
        for (all, format) in self.formats.iter_mut().zip(FORMATS) {
            *all = *all && format.fits(text);
        }
        let reads = &mut self.reads;
        reads.integer = reads.integer && is_integer(text);
        reads.number = reads.number && is_number(text);
        if reads.number {
            self.digits.add(text);
        }
        reads.boolean = reads.boolean && matches!(text, "true" | "false" | "True" | "False");
        reads.date = reads.date && temporal::date(text).is_some();
        let read = temporal::timestamp(text).filter(|_| text.len() > 10);
        let instant = matches!(read, Some(temporal::Timestamp::Instant(_)));
        reads.timestamp = reads.timestamp && read.is_some() && !instant;
        reads.instant = reads.instant && instant;
    }

    /// Takes over another column's.
    pub fn add(&mut self, other: Self) {
        if other.values == 0 {
            return;
        }
        self.values += other.values;
        self.shortest = self.shortest.min(other.shortest);
        self.longest = self.longest.max(other.longest);
        self.blanks += other.blanks;
        self.shape.add(other.shape);
        self.formats.iter_mut().zip(other.formats).for_each(|(a, b)| *a &= b);
        self.digits = self.digits.and(other.digits);
        self.reads = Reads {
            integer: self.reads.integer && other.reads.integer,
            number: self.reads.number && other.reads.number,
            boolean: self.reads.boolean && other.reads.boolean,
            date: self.reads.date && other.reads.date,
            timestamp: self.reads.timestamp && other.reads.timestamp,
            instant: self.reads.instant && other.reads.instant,
        };
    }

    /// The result; none without values.
    pub fn finish(self) -> Option<TextProfile> {
        if self.values == 0 {
            return None;
        }
        let format = self.formats.iter().position(|all| *all).map(|n| FORMATS[n].word());
        let exact = self.digits.data_type();
        let reads_as = match self.reads {
            Reads { integer: true, .. } => Some("integer"),
            // No number type has so many digits.
            Reads { number: true, .. } if exact == Some(DataType::Utf8) => None,
            Reads { number: true, .. } => Some("number"),
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
            physical: exact.filter(|_| reads_as == Some("number")).map(|exact| sql_type(&exact)),
            zoned: self.reads.instant,
        })
    }
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
