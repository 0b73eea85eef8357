//! Service levels that can be judged by a file: how old, how far apart, how long kept.

use chrono::{DateTime, Duration, Months, Utc};

use super::model::Sla;

/// A service level that is judged by a timestamp element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Property {
    /// The newest row is no older.
    Latency,
    /// Rows that follow each other are no further apart.
    Frequency,
    /// No row is older.
    Retention,
}

/// A length of time as a contract writes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Period {
    amount: f64,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl Property {
    /// The property that an entry states, under any of its names.
    pub fn of(sla: &Sla) -> Option<Self> {
        Some(match sla.property.to_lowercase().as_str() {
            "latency" | "ly" | "freshness" => Self::Latency,
            "frequency" | "fy" => Self::Frequency,
            "retention" | "re" => Self::Retention,
            _ => return None,
        })
    }
}

impl Period {
    /// The value and unit of an entry.
    ///
    /// # Errors
    /// In words: what cannot be read.
    pub fn of(sla: &Sla) -> Result<Self, String> {
        let text = sla.value.as_deref().unwrap_or_default();
        let amount: f64 = text.parse().map_err(|_| format!("'{text}' is not a number"))?;
        if !amount.is_finite() || amount < 0.0 {
            return Err(format!("'{text}' is not a length of time"));
        }
        let unit = sla.unit.as_deref().unwrap_or_default();
        let unit = Unit::parse(unit).ok_or_else(|| match unit {
            "" => "it has no unit: d, h, min, s, w, month, y".to_owned(),
            "m" => "'m' may be minutes or months: write min or month".to_owned(),
            _ => format!("'{unit}' is not a unit of time: d, h, min, s, w, month, y"),
        })?;
        Ok(Self { amount, unit })
    }

    /// The instant that lies this long before another; by the calendar for whole months and years.
    pub fn before(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let months = match self.unit {
            Unit::Month => Some(self.amount),
            Unit::Year => Some(self.amount * 12.0),
            _ => None,
        };
        match months {
            // A whole number of months that fits is exact.
            Some(months) if months.fract() == 0.0 && months <= f64::from(u32::MAX) => {
                now.checked_sub_months(Months::new(months as u32))
            }
            _ => now.checked_sub_signed(Duration::try_milliseconds(
                (self.seconds() * 1000.0).round() as i64,
            )?),
        }
    }

    /// Its length in seconds; a month counts 31 days and a year 366.
    pub fn seconds(self) -> f64 {
        self.amount * self.unit.seconds()
    }

    /// Its length in months, where it is counted in months or years.
    pub fn months(self) -> Option<f64> {
        match self.unit {
            Unit::Month => Some(self.amount),
            Unit::Year => Some(self.amount * 12.0),
            _ => None,
        }
    }

    /// Seconds of its unit.
    pub fn unit_seconds(self) -> f64 {
        self.unit.seconds()
    }

    /// Seconds converted to its unit.
    pub fn in_unit(self, seconds: f64) -> f64 {
        seconds / self.unit.seconds()
    }

    /// In words: `2 days`.
    pub fn words(self) -> String {
        let plural = if (self.amount - 1.0).abs() < f64::EPSILON { "" } else { "s" };
        format!("{} {}{plural}", self.amount, self.unit.word())
    }
}

impl Unit {
    fn parse(text: &str) -> Option<Self> {
        Some(match text.to_lowercase().as_str() {
            "s" | "sec" | "second" | "seconds" => Self::Second,
            "min" | "minute" | "minutes" => Self::Minute,
            "h" | "hr" | "hrs" | "hour" | "hours" => Self::Hour,
            "d" | "day" | "days" => Self::Day,
            "w" | "wk" | "week" | "weeks" => Self::Week,
            "mo" | "mon" | "month" | "months" => Self::Month,
            "y" | "yr" | "yrs" | "year" | "years" => Self::Year,
            _ => return None,
        })
    }

    fn word(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    fn seconds(self) -> f64 {
        match self {
            Self::Second => 1.0,
            Self::Minute => 60.0,
            Self::Hour => 3_600.0,
            Self::Day => 86_400.0,
            Self::Week => 604_800.0,
            Self::Month => 31.0 * 86_400.0,
            Self::Year => 366.0 * 86_400.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Span;

    fn sla(value: &str, unit: &str) -> Sla {
        Sla {
            id: None,
            property: "ly".to_owned(),
            value: Some(value.to_owned()),
            unit: Some(unit.to_owned()),
            element: None,
            driver: None,
            span: Span::START,
        }
    }

    #[test]
    fn periods_count_back_by_the_calendar() {
        let now: DateTime<Utc> = "2026-03-31T12:00:00Z".parse().unwrap();
        let before = |value, unit| Period::of(&sla(value, unit)).unwrap().before(now);
        assert_eq!(before("1", "month").unwrap().to_rfc3339(), "2026-02-28T12:00:00+00:00");
        assert_eq!(before("2", "y").unwrap().to_rfc3339(), "2024-03-31T12:00:00+00:00");
        assert_eq!(before("36", "h").unwrap().to_rfc3339(), "2026-03-30T00:00:00+00:00");
        assert!(Period::of(&sla("1", "m")).unwrap_err().contains("minutes or months"));
        assert!(Period::of(&sla("soon", "d")).is_err());
        assert_eq!(Property::of(&sla("1", "d")), Some(Property::Latency));
    }
}
