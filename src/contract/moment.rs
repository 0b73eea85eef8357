//! What `logicalType: date` means: 3.0 has no other word for a point in time.

use crate::contract::date_format::{Parts, parts};
use crate::contract::temporal;
use crate::contract::types::{Physical, is_number, parse_physical};
use crate::contract::yaml::Node;

/// What a `date` is, and what says so in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// A day, or, where nothing refines it, any point in time.
    Date {
        /// What says that it is a day.
        by: Option<String>,
    },
    /// A point in time.
    Timestamp {
        /// What says so.
        by: String,
    },
    /// A time of day.
    Time {
        /// What says so.
        by: String,
    },
    /// A point in time that is kept as text of this physical type.
    Text(String),
    /// A point in time that is kept as a number of this physical type, counted from an epoch.
    Epoch(String),
}

impl Moment {
    /// The word of 3.1 for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Timestamp { .. } => "timestamp",
            Self::Time { .. } => "time",
            Self::Date { .. } | Self::Text(_) | Self::Epoch(_) => "date",
        }
    }
}

/// What a column of `logicalType: date` is: its physical type decides, then its format, then its
/// bounds.
pub fn of(column: &Node) -> Moment {
    let written = column.get("physicalType").and_then(Node::as_str);
    let options = column.get("logicalTypeOptions");
    let format = options.and_then(|o| o.get("format")).and_then(Node::as_str);
    let by_format = || format.map_or(Parts::default(), parts);
    let by = |key: &str, value: &str| format!("{key} '{value}'");
    if let Some(spelling) = written {
        match parse_physical(spelling) {
            // Oracle's DATE has a time of day: the format tells.
            Some(Physical::Date) if !by_format().is_timestamp() => {
                return Moment::Date { by: Some(by("physicalType", spelling)) };
            }
            Some(Physical::Timestamp { .. }) => {
                return Moment::Timestamp { by: by("physicalType", spelling) };
            }
            Some(Physical::Time) => return Moment::Time { by: by("physicalType", spelling) },
            Some(Physical::String) => return Moment::Text(spelling.to_owned()),
            Some(physical) if is_number(physical) => return Moment::Epoch(spelling.to_owned()),
            _ => {}
        }
    }
    if let Some(format) = format {
        let parts = by_format();
        if parts.is_timestamp() {
            return Moment::Timestamp { by: by("format", format) };
        }
        if parts.is_time() {
            return Moment::Time { by: by("format", format) };
        }
    }
    of_bounds(options)
}

fn of_bounds(options: Option<&Node>) -> Moment {
    for key in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] {
        let Some(text) = options.and_then(|o| o.get(key)).and_then(Node::as_str) else { continue };
        let by = || format!("{key} '{text}'");
        if temporal::date(text).is_some() {
            continue;
        }
        if temporal::timestamp(text).is_some() {
            return Moment::Timestamp { by: by() };
        }
        if temporal::time(text).is_some() {
            return Moment::Time { by: by() };
        }
    }
    Moment::Date { by: None }
}
