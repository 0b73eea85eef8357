//! The fields behind an interval's literal or type: `interval '5' day`, `interval hour to minute`.

use super::span::Span;

/// From the largest to the smallest that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Fields {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    YearToMonth,
    DayToHour,
    DayToMinute,
    DayToSecond,
    HourToMinute,
    HourToSecond,
    MinuteToSecond,
}

impl Fields {
    /// The fields by their names, `day to second`.
    pub fn named(text: &str) -> Option<Self> {
        Some(match text.to_ascii_lowercase().as_str() {
            "year" => Self::Year,
            "month" => Self::Month,
            "day" => Self::Day,
            "hour" => Self::Hour,
            "minute" => Self::Minute,
            "second" => Self::Second,
            "year to month" => Self::YearToMonth,
            "day to hour" => Self::DayToHour,
            "day to minute" => Self::DayToMinute,
            "day to second" => Self::DayToSecond,
            "hour to minute" => Self::HourToMinute,
            "hour to second" => Self::HourToSecond,
            "minute to second" => Self::MinuteToSecond,
            _ => return None,
        })
    }

    /// The unit of a number that has none.
    pub fn last(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month | Self::YearToMonth => "month",
            Self::Day => "day",
            Self::Hour | Self::DayToHour => "hour",
            Self::Minute | Self::DayToMinute | Self::HourToMinute => "minute",
            Self::Second | Self::DayToSecond | Self::HourToSecond | Self::MinuteToSecond => {
                "second"
            }
        }
    }

    /// The interval without what is smaller than its last field.
    pub fn cut(self, span: Span) -> Span {
        let to = |unit: i64| Span { micros: span.micros / unit * unit, ..span };
        match self.last() {
            "year" => Span { months: span.months / 12 * 12, days: 0, micros: 0 },
            "month" => Span { days: 0, micros: 0, ..span },
            "day" => Span { micros: 0, ..span },
            "hour" => to(3_600_000_000),
            "minute" => to(60_000_000),
            _ => span,
        }
    }
}

/// Microseconds rounded to so many places of a second, half away from zero.
pub(in super::super) fn to_places(micros: i64, places: i64) -> i64 {
    let places = u32::try_from(places.clamp(0, 6)).unwrap_or(6);
    let unit = 10_i64.pow(6 - places);
    let half = unit / 2;
    let shifted =
        if micros >= 0 { micros.saturating_add(half) } else { micros.saturating_sub(half) };
    shifted / unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_smaller_than_the_field_is_cut() {
        let span = Span { months: 14, days: 3, micros: 5_430_500_000 };
        let cut = |name| Fields::named(name).unwrap().cut(span);
        assert_eq!(cut("year"), Span { months: 12, days: 0, micros: 0 });
        assert_eq!(cut("day"), Span { micros: 0, ..span });
        assert_eq!(cut("day to minute").micros, 5_400_000_000);
        assert_eq!(cut("second"), span);
        assert_eq!(to_places(1_500_000, 0), 2_000_000);
        assert_eq!(to_places(-1_500_000, 0), -2_000_000);
        assert_eq!(to_places(1_234_567, 3), 1_235_000);
    }
}
