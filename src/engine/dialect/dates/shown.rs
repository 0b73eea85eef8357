//! `to_char` of dates, timestamps and intervals.

use std::fmt::Write;

use datafusion::common::exec_err;
use datafusion::error::Result;

use super::super::intervals::span::Span;
use super::calendar::{HOUR, JULIAN, MINUTE, Moment, SECOND, iso};
use super::picture::{Node, Part, nodes};
use super::text::shown_year;
use super::words::{DAYS, MONTHS};

/// What is shown: a reading of a clock, or an interval.
#[derive(Debug, Clone, Copy)]
struct Shown {
    at: Moment,
    is_interval: bool,
    /// `UTC` for what has a zone.
    zone: &'static str,
}

const ROMAN: [&str; 12] =
    ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];

/// A timestamp by a template; `None` of an empty template.
///
/// # Errors
/// When the template has a pattern that is not answered here.
pub(in super::super) fn timestamp(
    micros: i64,
    is_zoned: bool,
    template: &str,
) -> Result<Option<String>> {
    let zone = if is_zoned { "UTC" } else { "" };
    shown(Shown { at: Moment::of(micros), is_interval: false, zone }, template)
}

/// An interval by a template.
///
/// # Errors
/// When the template has a pattern that intervals do not have.
pub(in super::super) fn interval(span: Span, template: &str) -> Result<Option<String>> {
    let at = Moment {
        year: i64::from(span.months / 12),
        month: i64::from(span.months % 12),
        day: span.days.into(),
        hour: span.micros / HOUR,
        minute: span.micros % HOUR / MINUTE,
        second: span.micros % MINUTE / SECOND,
        micro: span.micros % SECOND,
    };
    shown(Shown { at, is_interval: true, zone: "" }, template)
}

fn shown(value: Shown, template: &str) -> Result<Option<String>> {
    if template.is_empty() {
        return Ok(None);
    }
    let mut text = String::new();
    for node in nodes(template) {
        match node {
            Node::Part(part) => value.push(&part, &mut text)?,
            Node::Separator(c) | Node::Space(c) | Node::Text(c) => text.push(c),
        }
    }
    Ok(Some(text))
}

impl Shown {
    fn push(&self, part: &Part, text: &mut String) -> Result<()> {
        if self.is_interval && !is_of_intervals(&part.key()) {
            return exec_err!(
                "invalid format specification for an interval value: '{}' is not of intervals",
                part.word
            );
        }
        if let Some(number) = self.number(part) {
            text.push_str(&number);
            if let Some(ending) = part.ordinal {
                text.push_str(ordinal(&number, ending));
            }
            return Ok(());
        }
        self.push_name(part, text);
        Ok(())
    }

    /// A number, padded with zeros; `None` of what is not one.
    fn number(&self, part: &Part) -> Option<String> {
        let at = &self.at;
        let padded = |value: i64, width: usize| pad(value, width, part.is_filled);
        let day = || at.day_number();
        Some(match part.key().as_str() {
            "HH" | "HH12" => {
                let hour = if at.hour % 12 == 0 { 12 } else { at.hour % 12 };
                // The sign is that of the hours, though twelve of them show none.
                let width = if at.hour < 0 { 3 } else { 2 };
                pad_to(hour, width, part.is_filled)
            }
            "HH24" => padded(at.hour, 2),
            "MI" => padded(at.minute, 2),
            "SS" => padded(at.second, 2),
            "FF1" => format!("{:01}", at.micro / 100_000),
            "FF2" => format!("{:02}", at.micro / 10_000),
            "FF3" | "MS" => format!("{:03}", at.micro / 1_000),
            "FF4" => format!("{:04}", at.micro / 100),
            "FF5" => format!("{:05}", at.micro / 10),
            "FF6" | "US" => format!("{:06}", at.micro),
            "SSSS" | "SSSSS" => (at.hour * 3_600 + at.minute * 60 + at.second).to_string(),
            "MM" => padded(at.month, 2),
            "DDD" if self.is_interval => {
                let days = (at.year * 12 + at.month) * 30 + at.day;
                pad_to(days, 3, part.is_filled)
            }
            "DDD" => padded(at.day_of_year(), 3),
            "IDDD" => padded(iso(day()).2, 3),
            "DD" => pad_to(at.day, 2, part.is_filled),
            "D" => (super::calendar::weekday(day()) + 1).to_string(),
            "ID" => super::calendar::iso_weekday(day()).to_string(),
            "WW" if self.is_interval => {
                let days = (at.year * 12 + at.month) * 30 + at.day;
                pad_to((days - 1) / 7 + 1, 2, part.is_filled)
            }
            "WW" => padded((at.day_of_year() - 1) / 7 + 1, 2),
            "IW" => padded(iso(day()).1, 2),
            "Q" if at.month == 0 => String::new(),
            "Q" => ((at.month - 1) / 3 + 1).to_string(),
            "CC" => self.century(part),
            "W" => ((at.day - 1) / 7 + 1).to_string(),
            "J" => (day() + JULIAN).to_string(),
            _ => return self.year(part),
        })
    }

    fn century(&self, part: &Part) -> String {
        let year = self.at.year;
        let century = match year {
            year if self.is_interval => year / 100,
            year if year > 0 => (year - 1) / 100 + 1,
            year => year / 100 - 1,
        };
        match century.abs() <= 99 {
            true => pad(century, 2, part.is_filled),
            false => century.to_string(),
        }
    }

    fn year(&self, part: &Part) -> Option<String> {
        let key = part.key();
        let year = match (key.starts_with('I'), self.is_interval) {
            (true, _) => shown_year(iso(self.at.day_number()).0),
            (false, true) => self.at.year,
            (false, false) => shown_year(self.at.year),
        };
        // The width follows from the sign of the whole year.
        let last = |count: usize, modulus: i64| {
            let width = if year < 0 { count + 1 } else { count };
            pad_to(year % modulus, width, part.is_filled)
        };
        Some(match key.as_str() {
            "Y,YYY" => format!("{},{:03}", year / 1_000, year % 1_000),
            "YYYY" | "IYYY" => pad(year, 4, part.is_filled),
            "YYY" | "IYY" => last(3, 1_000),
            "YY" | "IY" => last(2, 100),
            "Y" | "I" => (year % 10).to_string(),
            _ => return None,
        })
    }

    fn push_name(&self, part: &Part, text: &mut String) {
        let at = &self.at;
        let is_afternoon = at.hour % 24 >= 12;
        let is_before = at.year <= 0;
        let name = match part.key().as_str() {
            "AM" | "PM" => if is_afternoon { "PM" } else { "AM" }.to_owned(),
            "A.M." | "P.M." => if is_afternoon { "P.M." } else { "A.M." }.to_owned(),
            "AD" | "BC" => if is_before { "BC" } else { "AD" }.to_owned(),
            "A.D." | "B.C." => if is_before { "B.C." } else { "A.D." }.to_owned(),
            "TZ" => self.zone.to_owned(),
            "TZH" => "+00".to_owned(),
            "TZM" => "00".to_owned(),
            "OF" => if part.is_filled { "+0" } else { "+00" }.to_owned(),
            "RM" => self.roman(part),
            key => self.calendar_name(key, part),
        };
        text.push_str(&cased(part.word, &name));
    }

    /// The name of a month or of a day.
    fn calendar_name(&self, key: &str, part: &Part) -> String {
        let month = usize::try_from(self.at.month - 1).ok().and_then(|at| MONTHS.get(at));
        let weekday = usize::try_from(super::calendar::weekday(self.at.day_number())).ok();
        let day = weekday.and_then(|at| DAYS.get(at));
        let full = |name: &str| match part.is_filled || part.is_translated {
            true => name.to_owned(),
            false => format!("{name:<9}"),
        };
        let name = match key {
            "MONTH" => month.map(|name| full(name)),
            "MON" => month.and_then(|name| name.get(..3)).map(str::to_owned),
            "DAY" => day.map(|name| full(name)),
            "DY" => day.and_then(|name| name.get(..3)).map(str::to_owned),
            _ => None,
        };
        name.unwrap_or_default()
    }

    /// The month in Roman numerals. Of intervals, none is XII where there are years.
    fn roman(&self, part: &Part) -> String {
        let at = &self.at;
        if at.month == 0 && at.year == 0 {
            return String::new();
        }
        let place = match at.month {
            0 if at.year >= 0 => 11,
            0 => 0,
            month if month < 0 => 12 + month,
            month => month - 1,
        };
        let name = usize::try_from(place).ok().and_then(|at| ROMAN.get(at)).copied();
        let name = name.unwrap_or_default();
        if part.is_filled { name.to_owned() } else { format!("{name:<4}") }
    }
}

/// Whether intervals have a pattern. Weeks of ISO 8601 are of dates.
fn is_of_intervals(key: &str) -> bool {
    const NOT: &[&str] = &[
        "A.D.", "AD", "B.C.", "BC", "D", "DAY", "DY", "I", "ID", "IDDD", "IW", "IY", "IYY", "IYYY",
        "J", "MON", "MONTH", "OF", "TZ", "TZH", "TZM",
    ];
    NOT.binary_search(&key).is_err()
}

/// A number with zeros in front; a negative one is a place wider.
fn pad(value: i64, width: usize, is_filled: bool) -> String {
    pad_to(value, if value < 0 { width + 1 } else { width }, is_filled)
}

fn pad_to(value: i64, width: usize, is_filled: bool) -> String {
    let mut text = String::new();
    let width = if is_filled { 0 } else { width };
    let _ = write!(text, "{value:0width$}");
    text
}

/// A name in the letters of its pattern.
fn cased(word: &str, name: &str) -> String {
    let is_small = word.chars().next().is_some_and(|c| c.is_ascii_lowercase());
    let is_capital = word.chars().all(|c| !c.is_ascii_lowercase());
    match (is_small, is_capital) {
        (true, _) => name.to_ascii_lowercase(),
        (_, true) => name.to_ascii_uppercase(),
        _ => name.to_owned(),
    }
}

/// The ending of an ordinal, as it is written.
fn ordinal(number: &str, written: &str) -> &'static str {
    let mut digits = number.bytes().rev();
    let (last, before) = (digits.next(), digits.next());
    let is_small = written == "th";
    match (last, before) {
        (None, _) => "",
        (Some(b'1'), before) if before != Some(b'1') => {
            if is_small {
                "st"
            } else {
                "ST"
            }
        }
        (Some(b'2'), before) if before != Some(b'1') => {
            if is_small {
                "nd"
            } else {
                "ND"
            }
        }
        (Some(b'3'), before) if before != Some(b'1') => {
            if is_small {
                "rd"
            } else {
                "RD"
            }
        }
        _ => {
            if is_small {
                "th"
            } else {
                "TH"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::reading::read;
    use super::*;

    fn at(text: &str, template: &str) -> String {
        let micros = read(text).unwrap().moment.micros().unwrap();
        timestamp(micros, true, template).unwrap().unwrap()
    }

    #[test]
    fn templates_are_filled_as_postgresql_fills_them() {
        let when = "2020-02-03 16:05:06.789012";
        for (template, expected) in [
            ("YYYY-MM-DD HH24:MI:SS.US", "2020-02-03 16:05:06.789012"),
            ("Day, DD Mon YYYY", "Monday   , 03 Feb 2020"),
            ("FMDay, FMDDth FMMonth", "Monday, 3rd February"),
            ("HH:MI AM p.m.", "04:05 PM p.m."),
            ("Q WW IW CC J W D ID DDD", "1 05 06 21 2458883 1 2 1 034"),
            ("RM rm", "II   ii  "),
            ("TZ tz OF TZH:TZM", "UTC utc +00 +00:00"),
            ("\"Q\"Q MS FF1 SSSS", "Q1 789 7 57906"),
            ("YY YYY Y Y,YYY", "20 020 0 2,020"),
            ("MONTH month", "FEBRUARY  february "),
            ("IYYY-IW-ID IDDD", "2020-06-1 036"),
            ("BC AD", "AD AD"),
        ] {
            assert_eq!(at(when, template), expected, "{template}");
        }
        assert_eq!(at("0044-03-15 BC", "YYYY BC CC"), "0044 BC -01");
    }

    #[test]
    fn intervals_have_their_own_parts() {
        let span = Span { months: 14, days: 3, micros: 5 * HOUR + 1 };
        let told = |template| interval(span, template).unwrap().unwrap();
        assert_eq!(told("YYYY MM DD HH24:MI:SS.US"), "0001 02 03 05:00:00.000001");
        assert_eq!(interval(span, "").unwrap(), None);
        assert!(interval(span, "Day").is_err());
    }
}
