//! Reads intervals from texts: PostgreSQL's own (`1 year -2 days 03:04:05 ago`), SQL's (`1-2`, `1 02:03:04`)
//! and ISO 8601's with letters (`P1Y2M3DT4H5M6S`).

use super::super::dates::reading::{Fault, clock};
use super::super::dates::tokens::{Look, fields};
use super::super::dates::words::unit;
use super::fields::Fields;
use super::span::Span;

const DAY: i64 = 86_400_000_000;

/// Parts as they are added up, before they are fitted.
#[derive(Default)]
struct Sum {
    months: i64,
    days: i64,
    micros: i64,
}

/// Reads an interval; `named` is the field behind the literal, which a number without unit is of.
///
/// # Errors
/// Why it cannot be read.
pub(in super::super) fn read(text: &str, named: Option<Fields>) -> Result<Span, Fault> {
    match traditional(text, named) {
        Err(Fault::Syntax) => iso_8601(text.trim()),
        read => read,
    }
}

/// Units that have been named, a bit for each.
fn bit(unit: &str) -> u16 {
    let units = [
        "microsecond",
        "millisecond",
        "second",
        "minute",
        "hour",
        "day",
        "week",
        "month",
        "year",
        "decade",
        "century",
        "millennium",
    ];
    units.iter().position(|known| *known == unit).map_or(0, |at| 1 << at)
}

const SECONDS: u16 = 0b111;
const CLOCK: u16 = 0b11111;

fn traditional(text: &str, named: Option<Fields>) -> Result<Span, Fault> {
    let is_word = |word: &str| unit(word).is_some() || word == "ago";
    let all = fields(text, is_word).ok_or(Fault::Syntax)?;
    let mut sum = Sum::default();
    let (mut found, mut is_ago) = (0, false);
    // The unit of the number that is read next: fields are read from the last to the first.
    let mut pending: Option<&'static str> = None;
    for (look, text) in all.iter().rev() {
        let taken = match look {
            Look::Word | Look::SignedWord if text == "ago" => {
                // A number in front of it needs a unit.
                pending = Some("ago");
                is_ago = true;
                continue;
            }
            Look::Word | Look::SignedWord => {
                pending = Some(unit(text).ok_or(Fault::Syntax)?);
                continue;
            }
            Look::Time => {
                pending = Some("day");
                sum.add_clock(text, false, named)?
            }
            Look::Signed if text.get(1..).is_some_and(|rest| rest.contains(':')) => {
                pending = Some("day");
                sum.add_clock(text.get(1..).unwrap_or_default(), text.starts_with('-'), named)?
            }
            Look::Signed | Look::Number | Look::Date => {
                let unit = pending.unwrap_or_else(|| named.map_or("second", Fields::last));
                let taken = sum.add_number(text, unit)?;
                if unit == "hour" {
                    pending = Some("day");
                }
                taken
            }
        };
        if found & taken != 0 {
            return Err(Fault::Syntax);
        }
        found |= taken;
    }
    if found == 0 {
        return Err(Fault::Syntax);
    }
    let span = sum.fit()?;
    if is_ago { span.negated().map_err(|_| Fault::Range) } else { Ok(span) }
}

impl Sum {
    fn fit(self) -> Result<Span, Fault> {
        Span::checked(self.months, self.days, self.micros).map_err(|_| Fault::Range)
    }

    fn add(&mut self, months: i64, days: i64, micros: i64) -> Result<(), Fault> {
        let plus = |a: i64, b: i64| a.checked_add(b).ok_or(Fault::Range);
        self.months = plus(self.months, months)?;
        self.days = plus(self.days, days)?;
        self.micros = plus(self.micros, micros)?;
        Ok(())
    }

    fn add_clock(
        &mut self,
        text: &str,
        is_negative: bool,
        named: Option<Fields>,
    ) -> Result<u16, Fault> {
        // Two parts are minutes and seconds where the field says so.
        let is_short = named == Some(Fields::MinuteToSecond) && text.matches(':').count() == 1;
        let padded = if is_short { format!("0:{text}") } else { text.to_owned() };
        let at = clock(&padded)?;
        let time =
            at.hour.checked_mul(3_600_000_000).and_then(|t| t.checked_add(at.time_of_hour()));
        let time = time.ok_or(Fault::Range)?;
        self.add(0, 0, if is_negative { -time } else { time })?;
        Ok(CLOCK)
    }

    fn add_number(&mut self, text: &str, unit: &str) -> Result<u16, Fault> {
        let is_negative = text.starts_with('-');
        let unsigned = text.trim_start_matches(['-', '+']);
        if let Some((years, months)) = unsigned.split_once('-') {
            let (years, months) = (whole(years)?, whole(months)?);
            if months >= 12 {
                return Err(Fault::Range);
            }
            let total = years.checked_mul(12).and_then(|y| y.checked_add(months));
            let total = total.ok_or(Fault::Range)?;
            self.add(if is_negative { -total } else { total }, 0, 0)?;
            return Ok(bit("month"));
        }
        let (value, fraction) = match unsigned.split_once('.') {
            Some((value, digits)) => {
                let is_number = digits.bytes().all(|b| b.is_ascii_digit());
                if !is_number || (value.is_empty() && digits.is_empty()) {
                    return Err(Fault::Syntax);
                }
                let value = if value.is_empty() { 0 } else { whole(value)? };
                (value, format!("0.{digits}0").parse::<f64>().map_err(|_| Fault::Syntax)?)
            }
            None => (whole(unsigned)?, 0.0),
        };
        let sign = if is_negative { -1 } else { 1 };
        self.add_units(sign * value, sign as f64 * fraction, unit)
    }

    /// Adds so many of a unit; a part of a unit goes to smaller ones.
    fn add_units(&mut self, value: i64, fraction: f64, unit: &str) -> Result<u16, Fault> {
        let times = |factor: i64| value.checked_mul(factor).ok_or(Fault::Range);
        let of_time = |unit: i64| Ok(times(unit)?.checked_add(micros(fraction, unit)));
        let fits = |time: Option<i64>| time.ok_or(Fault::Range);
        match unit {
            "microsecond" => self.add(0, 0, fits(of_time(1)?)?)?,
            "millisecond" => self.add(0, 0, fits(of_time(1_000)?)?)?,
            "second" => {
                self.add(0, 0, fits(of_time(1_000_000)?)?)?;
                return Ok(if fraction == 0.0 { bit("second") } else { SECONDS });
            }
            "minute" => self.add(0, 0, fits(of_time(60_000_000)?)?)?,
            "hour" => self.add(0, 0, fits(of_time(3_600_000_000)?)?)?,
            "day" => self.add(0, value, micros(fraction, DAY))?,
            "week" => {
                self.add(0, times(7)?, 0)?;
                self.add_days(fraction * 7.0)?;
            }
            "month" => {
                self.add(value, 0, 0)?;
                self.add_days(fraction * 30.0)?;
            }
            years => {
                let factor = match years {
                    "year" => 12,
                    "decade" => 120,
                    "century" => 1_200,
                    "millennium" => 12_000,
                    _ => return Err(Fault::Syntax),
                };
                let months = (fraction * factor as f64).round_ties_even() as i64;
                self.add(times(factor)?, 0, 0)?;
                self.add(months, 0, 0)?;
            }
        }
        Ok(bit(unit))
    }

    /// Days, the fraction of which are hours.
    fn add_days(&mut self, days: f64) -> Result<(), Fault> {
        self.add(0, days.trunc() as i64, micros(days - days.trunc(), DAY))
    }
}

/// A fraction of a unit, in microseconds.
fn micros(fraction: f64, unit: i64) -> i64 {
    let exact = fraction * unit as f64;
    let whole = exact.trunc();
    let rest = exact - whole;
    let step = if rest > 0.5 { 1 } else { -i64::from(rest < -0.5) };
    whole as i64 + step
}

fn whole(digits: &str) -> Result<i64, Fault> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Fault::Syntax);
    }
    digits.parse().map_err(|_| Fault::Range)
}

fn iso_8601(text: &str) -> Result<Span, Fault> {
    let mut rest = text.strip_prefix('P').filter(|rest| !rest.is_empty()).ok_or(Fault::Syntax)?;
    let mut sum = Sum::default();
    let mut is_time = false;
    while let Some(first) = rest.chars().next() {
        if first == 'T' {
            if is_time {
                return Err(Fault::Syntax);
            }
            is_time = true;
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_digit() && !"+-.".contains(c));
        let (number, behind) = rest.split_at(end.ok_or(Fault::Syntax)?);
        let unit = match (behind.chars().next(), is_time) {
            (Some('Y'), false) => "year",
            (Some('M'), false) => "month",
            (Some('W'), false) => "week",
            (Some('D'), false) => "day",
            (Some('H'), true) => "hour",
            (Some('M'), true) => "minute",
            (Some('S'), true) => "second",
            _ => return Err(Fault::Syntax),
        };
        // A sign inside would make it years and months.
        let is_signed = number.starts_with('+');
        if is_signed || number.get(1..).is_none_or(|rest| rest.contains(['-', '+'])) {
            return Err(Fault::Syntax);
        }
        sum.add_number(number, unit)?;
        rest = behind.get(1..).unwrap_or_default();
    }
    sum.fit()
}

#[cfg(test)]
mod tests {
    use super::super::text::interval;
    use super::*;

    fn told(text: &str) -> Result<String, Fault> {
        read(text, None).map(interval)
    }

    #[test]
    fn every_style_is_read() {
        for (text, expected) in [
            ("1 year 2 mons", "1 year 2 mons"),
            ("P1Y2M3DT4H5M6.5S", "1 year 2 mons 3 days 04:05:06.5"),
            ("PT36H", "36:00:00"),
            ("P2W", "14 days"),
            ("P-1D", "-1 days"),
            ("1-2", "1 year 2 mons"),
            ("-1-2", "-1 years -2 mons"),
            ("@ 1 hour ago", "-01:00:00"),
            ("1:30", "01:30:00"),
            ("1 02:03:04", "1 day 02:03:04"),
            ("-1 02:03:04", "-1 days +02:03:04"),
            ("1 day -00:00:01.5", "1 day -00:00:01.5"),
            ("1.5 days", "1 day 12:00:00"),
            ("1.5 months", "1 mon 15 days"),
            ("1.5 years", "1 year 6 mons"),
            ("1.5 weeks", "10 days 12:00:00"),
            ("0.5 hours", "00:30:00"),
            (".5 s", "00:00:00.5"),
            ("30", "00:00:30"),
            ("2 h 3 min", "02:03:00"),
            ("1d2h", "1 day 02:00:00"),
            ("100 hours", "100:00:00"),
            ("1 century 1 ms", "100 years 00:00:00.001"),
            ("0", "00:00:00"),
        ] {
            assert_eq!(told(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_an_interval_is_not_read() {
        for text in [
            "",
            "x",
            "1 fortnight",
            "day",
            "1 day 2 days",
            "P",
            "P1H",
            "1-2-3",
            "ago",
            "5 ago",
            "P+1D",
        ] {
            assert_eq!(told(text), Err(Fault::Syntax), "{text}");
        }
        for text in ["1-13", "3000000000 days", "99999999999999999999 s"] {
            assert_eq!(told(text), Err(Fault::Range), "{text}");
        }
    }

    #[test]
    fn a_number_is_of_the_named_field() {
        let of = |text, named| interval(read(text, Some(named)).unwrap());
        assert_eq!(of("5", Fields::Day), "5 days");
        assert_eq!(of("5", Fields::YearToMonth), "5 mons");
        assert_eq!(of("1:30", Fields::MinuteToSecond), "00:01:30");
    }
}
