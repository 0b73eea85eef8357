//! Intervals as texts, in PostgreSQL's own style: `1 year 2 mons -3 days +04:05:06.7`.

use std::fmt::Write;

use super::span::Span;

/// The text of an interval.
pub(in super::super) fn interval(span: Span) -> String {
    let mut text = String::new();
    let mut is_behind_negative = false;
    let years = (i64::from(span.months / 12), "year");
    let months = (i64::from(span.months % 12), "mon");
    for (count, unit) in [years, months, (i64::from(span.days), "day")] {
        if count == 0 {
            continue;
        }
        let space = if text.is_empty() { "" } else { " " };
        // A part without a sign would be taken to be negative like the one before.
        let plus = if is_behind_negative && count > 0 { "+" } else { "" };
        let plural = if count == 1 { "" } else { "s" };
        let _ = write!(text, "{space}{plus}{count} {unit}{plural}");
        is_behind_negative = count < 0;
    }
    if span.micros == 0 && !text.is_empty() {
        return text;
    }
    let space = if text.is_empty() { "" } else { " " };
    let sign = match (span.micros < 0, is_behind_negative) {
        (true, _) => "-",
        (false, true) => "+",
        (false, false) => "",
    };
    let micros = span.micros.unsigned_abs();
    let seconds = micros / 1_000_000;
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    let _ = write!(text, "{space}{sign}{hours:02}:{minutes:02}:{:02}", seconds % 60);
    if !micros.is_multiple_of(1_000_000) {
        let fraction = format!("{:06}", micros % 1_000_000);
        text.push('.');
        text.push_str(fraction.trim_end_matches('0'));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_with_their_units_and_signs() {
        let told = |months, days, micros| interval(Span { months, days, micros });
        assert_eq!(told(0, 0, 0), "00:00:00");
        assert_eq!(told(14, 3, 4 * 3_600_000_000), "1 year 2 mons 3 days 04:00:00");
        assert_eq!(told(-14, 3, 1), "-1 years -2 mons +3 days 00:00:00.000001");
        assert_eq!(told(0, -1, 500_000), "-1 days +00:00:00.5");
        assert_eq!(told(1, 1, -90_000_000), "1 mon 1 day -00:01:30");
        assert_eq!(told(-1, 0, 0), "-1 mons");
    }
}
