//! ## What it does
//! Reports formats of dates, times and timestamps that cannot match: those with a part that the
//! type does not have, or without one that it needs; and warns of those that are not written in the
//! JDK's letters, with the right ones.
//!
//! ## Why it matters
//! A format says how texts are read, in CSV, NDJSON and folders. With one that cannot match, every
//! text fails. In the JDK's letters `YYYY` is the year of a week, `DD` a day of the year and `mm` a
//! minute, and a letter that stands for itself is quoted: `'T'`.
//!
//! ## Example
//! ```yaml
//! logicalType: date
//! logicalTypeOptions: {format: YYYY-MM-DD}
//! ```
//!
//! ## What to do instead
//! Write `yyyy-MM-dd`, `HH:mm:ss` or `yyyy-MM-dd'T'HH:mm:ssXXX`, or leave the format out: texts are
//! then read as ISO 8601.

use crate::contract::date_format::{Content, DateFormat, Meant, meant};
use crate::contract::lint::all_columns;
use crate::contract::model::{Column, Contract, LogicalType};
use crate::contract::types::{Physical, parse_physical, with_zone};
use crate::contract::yaml::Node;
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L046", name: "bad-format", severity: Severity::Error, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for column in all_columns(contract) {
        let Some(wanted) = Wanted::of(contract, column) else { continue };
        let Some(node) = column.options.get("format") else { continue };
        let Some(format) = node.as_str() else { continue };
        let Some(trouble) = trouble(column, wanted, format) else { continue };
        found.push(
            Diagnostic::new(&META, &contract.source, node.span, trouble.message)
                .severity(trouble.severity)
                .hint(trouble.hint),
        );
    }
}

/// What a format must say of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Date,
    Time,
    Timestamp,
    /// In 3.0 a `date` is any point in time.
    Any,
}

struct Trouble {
    severity: Severity,
    message: String,
    hint: String,
}

impl Wanted {
    fn of(contract: &Contract, column: &Column) -> Option<Self> {
        match column.logical_type.as_ref()?.value {
            logical if logical.is_temporal() && contract.api_version < (3, 1) => Some(Self::Any),
            LogicalType::Date => Some(Self::Date),
            LogicalType::Time => Some(Self::Time),
            LogicalType::Timestamp => Some(Self::Timestamp),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Time => "time",
            Self::Timestamp => "timestamp",
            Self::Any => "point in time",
        }
    }

    /// Why no text of this content can be read.
    fn lacks(self, has: Content) -> Option<&'static str> {
        let hours = has.time && !has.whole_time;
        match self {
            Self::Date if has.offset => Some("it has an offset"),
            Self::Date if has.time => Some("it has a time of day"),
            Self::Time if has.date => Some("it has a date"),
            Self::Time if has.offset => Some("it has an offset"),
            Self::Any if has.whole_time && !has.date => None,
            Self::Date | Self::Timestamp | Self::Any if !has.whole_date => {
                Some("it does not say year, month and day")
            }
            Self::Time if !has.time => Some("it has no hour"),
            Self::Time | Self::Timestamp | Self::Any if hours => {
                Some("it does not say which hour of the day")
            }
            _ => None,
        }
    }

    /// What to write for a format that does not suit the type.
    fn instead(self, has: Content) -> String {
        let other = match self {
            Self::Date | Self::Time if has.whole_date && has.time => {
                "write logicalType: timestamp, or "
            }
            Self::Time if has.date => "write logicalType: date, or ",
            Self::Date | Self::Timestamp if has.whole_time && !has.date => {
                "write logicalType: time, or "
            }
            _ => "",
        };
        let format = match self {
            Self::Date | Self::Any => "yyyy-MM-dd",
            Self::Time => "HH:mm:ss",
            Self::Timestamp => "yyyy-MM-dd HH:mm:ss",
        };
        format!("{other}a format such as {format}")
    }
}

fn trouble(column: &Column, wanted: Wanted, format: &str) -> Option<Trouble> {
    let has = match DateFormat::parse(format) {
        Ok(read) => read.content(),
        Err(reason) => {
            let hint = right_letters(column, wanted, format).unwrap_or_else(|| {
                "texts are not read with it: write the JDK's letters, such as \
                 yyyy-MM-dd HH:mm:ss, or leave the format out for ISO 8601"
                    .to_owned()
            });
            let message = format!("format '{format}' cannot be read: {reason}");
            return Some(Trouble { severity: Severity::Warning, message, hint });
        }
    };
    if let Some(lack) = wanted.lacks(has) {
        let message = format!("a text of format '{format}' is not a {}: {lack}", wanted.word());
        // What is meant is plain where other letters suit the type.
        return Some(match right_letters(column, wanted, format) {
            Some(hint) => Trouble { severity: Severity::Warning, message, hint },
            None => Trouble { severity: Severity::Error, message, hint: wanted.instead(has) },
        });
    }
    zone(column, wanted, format, has)
}

fn right_letters(column: &Column, wanted: Wanted, format: &str) -> Option<String> {
    Some(match meant(format, |content| wanted.lacks(content).is_none())? {
        Meant::Pattern(pattern) => suited(column, wanted, format, &pattern),
        Meant::Iso => "leave the format out: texts are then read as ISO 8601".to_owned(),
    })
}

/// The right letters for a format, so that they suit the column's zone as well.
fn suited(column: &Column, wanted: Wanted, format: &str, pattern: &str) -> String {
    if wanted != Wanted::Timestamp || column.open_moment {
        return format!("write {pattern}");
    }
    let with_offset = pattern.strip_suffix("XXX");
    if !with_zone(column) {
        return match with_offset {
            // A reading of the clock takes no offset: there the letter is nothing but a letter.
            Some(before) if format.ends_with('Z') => format!("write {before}'Z'"),
            Some(_) => format!("write {pattern}, and {}", zone_to_declare(column).1),
            None => format!("write {pattern}"),
        };
    }
    let has_offset = DateFormat::parse(pattern).is_ok_and(|read| read.content().offset);
    match pattern.strip_suffix("'Z'") {
        _ if has_offset || is_zone_given(column) => format!("write {pattern}"),
        // An instant's letter is an offset.
        Some(before) => format!("write {before}XXX"),
        None => format!("write {pattern}, and {}", zone_to_give(column)),
    }
}

/// Whether something says in which zone a text without an offset is.
fn is_zone_given(column: &Column) -> bool {
    column.open_moment || column.options.get("defaultTimezone").is_some()
}

/// What to write where texts have no offset, and the column is of instants.
fn zone_to_give(column: &Column) -> &'static str {
    let physical = column.physical_type.as_ref().and_then(|p| parse_physical(&p.value));
    match physical {
        Some(Physical::Timestamp { zone: Some(true) }) => "defaultTimezone",
        _ => "timezone: false or defaultTimezone",
    }
}

/// An instant needs an offset or a zone, a reading of the clock takes none.
fn zone(column: &Column, wanted: Wanted, format: &str, has: Content) -> Option<Trouble> {
    if wanted != Wanted::Timestamp {
        return None;
    }
    let (lack, hint) = match (with_zone(column), has.offset) {
        (true, false) if !is_zone_given(column) => (
            "has no offset, and the column is of instants".to_owned(),
            match format.strip_suffix("'Z'") {
                Some(before) => format!("write {before}XXX, which reads the Z as an offset"),
                None => format!("write {}, or add XXX to the format", zone_to_give(column)),
            },
        ),
        (false, true) => {
            let (why, to_declare) = zone_to_declare(column);
            (
                format!("has an offset, and {why} has no time zone"),
                format!("{to_declare}, or drop the offset from the format"),
            )
        }
        _ => return None,
    };
    let message = format!("a text of format '{format}' {lack}");
    Some(Trouble { severity: Severity::Warning, message, hint })
}

/// What says that a column has no time zone, and what to write for one with.
fn zone_to_declare(column: &Column) -> (String, &'static str) {
    let refused = column.options.get("timezone").and_then(Node::as_bool) == Some(false);
    let physical = column.physical_type.as_ref();
    let bound = physical.filter(|p| {
        matches!(parse_physical(&p.value), Some(Physical::Timestamp { zone: Some(false) }))
    });
    match (bound, refused) {
        (None, _) => ("the column".to_owned(), "drop timezone: false"),
        (Some(p), false) => {
            (format!("physicalType '{}'", p.value), "write physicalType: timestamptz")
        }
        (Some(p), true) => (
            format!("physicalType '{}'", p.value),
            "drop timezone: false and write physicalType: timestamptz",
        ),
    }
}
