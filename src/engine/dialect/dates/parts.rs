//! `extract(part from value)`, a numeric, and `date_part('part', value)`, a float.

use datafusion::common::exec_err;
use datafusion::error::Result;

use super::super::intervals::span::Span;
use super::super::values::Value;
use super::calendar::{DAY, HOUR, JULIAN, MINUTE, Moment, SECOND, iso, iso_weekday, weekday};
use super::words;

/// What a part is taken of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) enum Of {
    Date(i64),
    Time(i64),
    Timestamp(i64),
    Instant(i64),
    Interval(Span),
}

impl Of {
    /// The type's name, and the value.
    pub fn read(value: &Value<'_>) -> Option<Self> {
        Some(match value {
            Value::Date(days) => Self::Date((*days).into()),
            Value::Time(micros) => Self::Time(*micros),
            Value::Timestamp(micros) => Self::Timestamp(*micros),
            Value::Instant(micros) => Self::Instant(*micros),
            Value::Interval(span) => Self::Interval(*span),
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Date(_) => "date",
            Self::Time(_) => "time without time zone",
            Self::Timestamp(_) => "timestamp without time zone",
            Self::Instant(_) => "timestamp with time zone",
            Self::Interval(_) => "interval",
        }
    }
}

/// The places behind the point that a part has: seconds have microseconds.
pub(in super::super) fn places(part: &str, is_date: bool) -> i8 {
    match words::part(&part.to_ascii_lowercase()) {
        Some("second") => 6,
        Some("epoch") if !is_date => 6,
        Some("millisecond") => 3,
        Some("julian") if !is_date => JULIAN_PLACES,
        _ => 0,
    }
}

/// Places of a Julian day: those of a division by the microseconds of a day.
const JULIAN_PLACES: i8 = 20;

/// A part, in units of its places.
///
/// # Errors
/// When the part is unknown, or the value has none.
pub(in super::super) fn part(name: &str, of: Of) -> Result<i128> {
    let lower = name.to_ascii_lowercase();
    let Some(known) = words::part(&lower) else {
        return exec_err!("unit \"{name}\" not recognized for type {}", of.name());
    };
    let found = match of {
        Of::Date(day) => of_date(known, &Moment::of_day(day), true).map(i128::from),
        Of::Time(time) => match known {
            "epoch" => Some(time.into()),
            _ => of_time(known, time).map(i128::from),
        },
        Of::Timestamp(micros) | Of::Instant(micros) => {
            let zone = ["timezone", "timezone_hour", "timezone_minute"];
            let is_zoned = matches!(of, Of::Instant(_));
            match known {
                "epoch" => Some(micros.into()),
                "julian" => Some(julian(micros)),
                known if zone.contains(&known) => is_zoned.then_some(0),
                _ => of_timestamp(known, micros).map(i128::from),
            }
        }
        Of::Interval(span) => of_interval(known, span),
    };
    match found {
        Some(found) => Ok(found),
        None => exec_err!("unit \"{name}\" not supported for type {}", of.name()),
    }
}

fn of_timestamp(part: &str, micros: i64) -> Option<i64> {
    let at = Moment::of(micros);
    of_time(part, at.time()).or_else(|| of_date(part, &at, false))
}

/// A Julian day with its fraction.
fn julian(micros: i64) -> i128 {
    let at = Moment::of(micros);
    let unit = 10_i128.pow(JULIAN_PLACES.unsigned_abs().into());
    let fraction = i128::from(at.time()) * unit;
    let day = i128::from(DAY);
    i128::from(at.day_number() + JULIAN) * unit + (fraction + day / 2) / day
}

fn of_time(part: &str, time: i64) -> Option<i64> {
    Some(match part {
        "microsecond" | "millisecond" | "second" => time % MINUTE,
        "minute" => time % HOUR / MINUTE,
        "hour" => time / HOUR,
        _ => return None,
    })
}

fn of_date(part: &str, at: &Moment, has_epoch: bool) -> Option<i64> {
    let day = at.day_number();
    // There is no year 0.
    let told = |year: i64| if year > 0 { year } else { year - 1 };
    Some(match part {
        "epoch" if has_epoch => day * (DAY / SECOND),
        "day" => at.day,
        "month" => at.month,
        "quarter" => (at.month - 1) / 3 + 1,
        "week" => iso(day).1,
        "year" => told(at.year),
        "isoyear" => told(iso(day).0),
        "decade" if at.year >= 0 => at.year / 10,
        "decade" => -((8 - (at.year - 1)) / 10),
        "century" => whole_years(at.year, 100),
        "millennium" => whole_years(at.year, 1_000),
        "julian" => day + JULIAN,
        "dow" => weekday(day),
        "isodow" => iso_weekday(day),
        "doy" => at.day_of_year(),
        _ => return None,
    })
}

/// The century, or the millennium: the first began with the year 1.
fn whole_years(year: i64, count: i64) -> i64 {
    match year > 0 {
        true => (year + count - 1) / count,
        false => -((count - 1 - (year - 1)) / count),
    }
}

fn of_interval(part: &str, span: Span) -> Option<i128> {
    let (months, micros) = (i64::from(span.months), span.micros);
    if part == "epoch" {
        // A year is 365.25 days here, and a month 30.
        let quarters = months / 12 * 1_461 + months % 12 * 120 + i64::from(span.days) * 4;
        return Some(i128::from(quarters) * i128::from(DAY / 4) + i128::from(micros));
    }
    Some(i128::from(match part {
        "microsecond" | "millisecond" | "second" => micros % MINUTE,
        "minute" => micros % HOUR / MINUTE,
        "hour" => micros / HOUR,
        "day" => span.days.into(),
        "month" => months % 12,
        "quarter" => months % 12 / 3 + 1,
        "year" => months / 12,
        "decade" => months / 120,
        "century" => months / 1_200,
        "millennium" => months / 12_000,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::super::calendar::days;
    use super::*;

    #[test]
    fn parts_of_dates_are_postgresqls() {
        let of = |name, y, m, d| part(name, Of::Date(days(y, m, d))).unwrap();
        assert_eq!(of("year", 2020, 2, 29), 2020);
        assert_eq!(of("century", 2000, 12, 31), 20);
        assert_eq!(of("century", 2001, 1, 1), 21);
        assert_eq!(of("millennium", 2001, 1, 1), 3);
        assert_eq!((of("year", 0, 1, 1), of("century", 0, 1, 1)), (-1, -1));
        assert_eq!(of("decade", 1999, 1, 1), 199);
        assert_eq!((of("week", 2021, 1, 3), of("isoyear", 2021, 1, 3)), (53, 2020));
        assert_eq!((of("dow", 2021, 1, 3), of("isodow", 2021, 1, 3)), (0, 7));
        assert_eq!((of("quarter", 2021, 12, 3), of("doy", 2020, 12, 31)), (4, 366));
        assert_eq!(of("julian", 2020, 1, 1), 2_458_850);
        assert!(part("hour", Of::Date(0)).is_err());
        assert!(part("fortnight", Of::Date(0)).is_err());
    }

    #[test]
    fn an_interval_has_a_quarter_and_an_epoch() {
        let span = Span { months: 14, days: 3, micros: 5_430_500_000 };
        let of = |name| part(name, Of::Interval(span)).unwrap();
        assert_eq!((of("month"), of("quarter"), of("year")), (2, 1, 1));
        assert_eq!(
            of("epoch"),
            (31_557_600 + 60 * 86_400 + 3 * 86_400) * 1_000_000 + 5_430_500_000
        );
        assert!(part("week", Of::Interval(span)).is_err());
    }
}
