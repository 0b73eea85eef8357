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
    Millisecond,
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
    /// The length of time that an entry states: a number with a unit, both in one text (`24h`),
    /// a duration of ISO 8601 (`PT24H`), or a word (`daily`).
    ///
    /// # Errors
    /// In words: what cannot be read.
    pub fn of(sla: &Sla) -> Result<Self, String> {
        let text = sla.value.as_deref().unwrap_or_default().trim();
        let unit = sla.unit.as_deref().unwrap_or_default().trim();
        if let Ok(amount) = text.parse::<f64>() {
            return Self::new(text, amount, Unit::written(unit)?);
        }
        if let Some(found) = iso_8601(text) {
            return found;
        }
        if let Some(period) = word(text) {
            return Ok(period);
        }
        let rest = text.strip_prefix("every ").unwrap_or(text).trim_start();
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (amount, own_unit) = rest.split_at(digits);
        let amount: f64 =
            amount.parse().map_err(|_| format!("'{text}' is not a length of time"))?;
        Self::new(text, amount, Unit::written(own_unit.trim())?)
    }

    fn new(text: &str, amount: f64, unit: Unit) -> Result<Self, String> {
        if !amount.is_finite() || amount < 0.0 {
            return Err(format!("'{text}' is not a length of time"));
        }
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

/// A word for how often something happens.
fn word(text: &str) -> Option<Period> {
    let (amount, unit) = match text.to_lowercase().as_str() {
        "hourly" | "every hour" => (1.0, Unit::Hour),
        "daily" | "every day" => (1.0, Unit::Day),
        "weekly" | "every week" => (1.0, Unit::Week),
        "monthly" | "every month" => (1.0, Unit::Month),
        "quarterly" | "every quarter" => (3.0, Unit::Month),
        "yearly" | "annually" | "every year" => (1.0, Unit::Year),
        _ => return None,
    };
    Some(Period { amount, unit })
}

/// A duration such as `P1Y`, `PT24H` or `P1DT12H`, in the smallest unit that it names; `None` for a
/// text of another form.
fn iso_8601(text: &str) -> Option<Result<Period, String>> {
    let upper = text.to_uppercase();
    let (date, time) = match upper.strip_prefix('P')?.split_once('T') {
        Some((date, time)) if !time.is_empty() => (date, time),
        Some(_) => return None,
        None => (upper.strip_prefix('P')?, ""),
    };
    let mut parts = components(
        date,
        &[('Y', Unit::Year), ('M', Unit::Month), ('W', Unit::Week), ('D', Unit::Day)],
    )?;
    parts.extend(components(time, &[('H', Unit::Hour), ('M', Unit::Minute), ('S', Unit::Second)])?);
    let smallest = parts.last()?.1;
    let by_calendar = |unit: Unit| matches!(unit, Unit::Month | Unit::Year);
    if parts.iter().any(|(_, unit)| by_calendar(*unit) != by_calendar(smallest)) {
        return Some(Err(format!("'{text}' mixes months with days: write one of the two")));
    }
    let in_smallest = |(amount, unit): &(f64, Unit)| match (unit, smallest) {
        (Unit::Year, Unit::Month) => amount * 12.0,
        _ => amount * unit.seconds() / smallest.seconds(),
    };
    Some(Period::new(text, parts.iter().map(in_smallest).sum(), smallest))
}

/// Numbers with their letters, each letter at most once and in the order of the list.
fn components(text: &str, letters: &[(char, Unit)]) -> Option<Vec<(f64, Unit)>> {
    let mut found = Vec::new();
    let (mut rest, mut letters) = (text, letters.iter());
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')?;
        let (amount, tail) = rest.split_at(end);
        let letter = tail.chars().next()?;
        let (_, unit) = letters.find(|(known, _)| *known == letter)?;
        found.push((amount.replace(',', ".").parse().ok()?, *unit));
        rest = tail.get(letter.len_utf8()..)?;
    }
    Some(found)
}

impl Unit {
    /// # Errors
    /// In words: it is none, or may be one of two.
    fn written(unit: &str) -> Result<Self, String> {
        Self::parse(unit).ok_or_else(|| match unit {
            "" => "it has no unit: d, h, min, s, ms, w, month, y".to_owned(),
            "m" | "M" => format!("'{unit}' may be minutes or months: write min or month"),
            _ => format!("'{unit}' is not a unit of time: d, h, min, s, ms, w, month, y"),
        })
    }

    fn parse(text: &str) -> Option<Self> {
        Some(match text.to_lowercase().as_str() {
            "ms" | "msec" | "millisecond" | "milliseconds" => Self::Millisecond,
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
            Self::Millisecond => "millisecond",
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
            Self::Millisecond => 0.001,
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
    fn a_length_of_time_has_one_meaning_in_every_form() {
        let whole = |value: &str| {
            let period = Period::of(&Sla { unit: None, ..sla(value, "") }).unwrap();
            (period.words(), period.seconds())
        };
        for (text, value, unit) in [
            ("P1Y", "1", "y"),
            ("p18m", "18", "month"),
            ("P1Y6M", "18", "months"),
            ("PT24H", "24", "h"),
            ("PT0.5S", "0.5", "s"),
            ("P1DT12H", "36", "hours"),
            ("P2W", "2", "weeks"),
            ("24h", "24", "h"),
            ("24 hours", "24", "h"),
            ("500 ms", "500", "ms"),
            ("every 15 minutes", "15", "min"),
            ("daily", "1", "d"),
            ("Quarterly", "3", "month"),
        ] {
            let period = Period::of(&sla(value, unit)).unwrap();
            assert_eq!(whole(text), (period.words(), period.seconds()), "{text}");
        }
        for text in ["P", "PT", "P1", "PT1D", "P1M1D", "best effort", "5m", "-1h", "24"] {
            assert!(Period::of(&Sla { unit: None, ..sla(text, "") }).is_err(), "{text}");
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
