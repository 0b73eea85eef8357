//! Points in time that files keep as text: which texts are, and which lie within a bound.

use arrow::array::{ArrayRef, BooleanArray};
use chrono::{NaiveTime, Timelike};
use datafusion::error::Result;

use crate::contract::date_format::DateFormat;
use crate::contract::model::{Column, LogicalType};
use crate::contract::temporal::{self, Timestamp};

use super::function::ValueTest;
use super::predicates::of_texts;

/// Tests a text for being a point in time, or for lying within a bound.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::check) struct Moments {
    logical: LogicalType,
    /// Whether a date may have a time of day.
    open: bool,
    format: Option<DateFormat>,
    zone: Option<String>,
    within: Option<(Edge, i128)>,
}

/// The side of a bound, and whether the bound itself is outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::check) enum Edge {
    Low { strict: bool },
    High { strict: bool },
}

impl Moments {
    /// The texts that a column admits.
    ///
    /// # Errors
    /// In words: the column is not temporal, or its format cannot be read.
    pub fn of(column: &Column) -> Result<Self, String> {
        let logical = column.logical_type.as_ref().map(|t| t.value);
        let logical =
            logical.filter(|t| t.is_temporal()).ok_or("the column has no points in time")?;
        let format = column.options.text("format").map(|f| DateFormat::parse(&f)).transpose()?;
        let zone = column.options.text("defaultTimezone");
        Ok(Self { logical, open: column.open_moment, format, zone, within: None })
    }

    /// Those of them that lie within a bound; and every text that is not a point in time.
    ///
    /// # Errors
    /// In words: the bound cannot be read.
    pub fn within(mut self, edge: Edge, bound: &str) -> Result<Self, String> {
        let limit = match self.logical {
            LogicalType::Time => temporal::time(bound).map(nanoseconds),
            _ => temporal::timestamp(bound).and_then(|t| self.instant(t)),
        };
        self.within = Some((edge, limit.ok_or_else(|| format!("'{bound}' cannot be read"))?));
        Ok(self)
    }

    fn instant(&self, read: Timestamp) -> Option<i128> {
        read.nanoseconds(self.zone.as_deref())
    }

    /// A text in nanoseconds.
    fn read(&self, text: &str) -> Option<i128> {
        let midnight = |date: chrono::NaiveDate| Timestamp::Local(date.and_time(NaiveTime::MIN));
        match (self.logical, &self.format) {
            (LogicalType::Time, Some(format)) => format.time(text).map(nanoseconds),
            (LogicalType::Time, None) => temporal::time(text).map(nanoseconds),
            (LogicalType::Date, Some(format)) if !self.open => {
                self.instant(midnight(format.date(text)?))
            }
            (_, Some(format)) => self.instant(format.timestamp(text)?),
            (_, None) => {
                let day = text.get(..10).and_then(temporal::date)?;
                let is_day = text.len() == 10;
                let written = text.starts_with(&day.to_string());
                let admitted =
                    written && (is_day || self.open || self.logical != LogicalType::Date);
                self.instant(temporal::timestamp(text).filter(|_| admitted)?)
            }
        }
    }

    fn is_good(&self, text: &str) -> bool {
        let Some(read) = self.read(text) else { return self.within.is_some() };
        match self.within {
            None => true,
            Some((Edge::Low { strict }, limit)) => read > limit || (!strict && read == limit),
            Some((Edge::High { strict }, limit)) => read < limit || (!strict && read == limit),
        }
    }
}

fn nanoseconds(time: NaiveTime) -> i128 {
    i128::from(time.num_seconds_from_midnight()) * 1_000_000_000 + i128::from(time.nanosecond())
}

impl ValueTest for Moments {
    const NAME: &'static str = "pactum_moments";

    fn test(&self, values: &ArrayRef) -> Result<BooleanArray> {
        of_texts(values, &|text| Ok(self.is_good(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(logical: LogicalType, open: bool, format: Option<&str>) -> Moments {
        let format = format.map(|f| DateFormat::parse(f).unwrap());
        Moments { logical, open, format, zone: None, within: None }
    }

    #[test]
    fn a_text_is_a_date_by_its_format_or_by_iso_8601() {
        let date = moments(LogicalType::Date, false, None);
        assert!(date.is_good("2026-01-31"));
        assert!(!date.is_good("2026-02-30") && !date.is_good("2026-01-31 10:00:00"));
        assert!(moments(LogicalType::Date, true, None).is_good("2026-01-31 10:00:00"));
        let german = moments(LogicalType::Date, false, Some("dd.MM.yyyy"));
        assert!(german.is_good("31.01.2026") && !german.is_good("2026-01-31"));
        assert!(moments(LogicalType::Time, false, None).is_good("23:59:59"));
    }

    #[test]
    fn a_text_beyond_a_bound_fails_and_one_that_is_no_date_fails_its_type_alone() {
        let date = moments(LogicalType::Date, false, None);
        let from = date.within(Edge::Low { strict: false }, "2026-01-01").unwrap();
        assert!(from.is_good("2026-01-01") && !from.is_good("2025-12-31") && from.is_good("soon"));
        let after = moments(LogicalType::Date, false, None);
        let after = after.within(Edge::Low { strict: true }, "2026-01-01").unwrap();
        assert!(!after.is_good("2026-01-01") && after.is_good("2026-01-02"));
    }
}
