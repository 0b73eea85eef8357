//! Dates and times that are written in the column's own format, or in a form of ISO 8601 that is
//! less usual, put into the usual one: bounds, and the values that a column may hold.
//!
//! Everything after this reads one form: lint, check, diff.

use chrono::{NaiveDate, NaiveTime};

use crate::contract::date_format::DateFormat;
use crate::contract::temporal::{self, Timestamp};
use crate::contract::types::{Physical, is_number, parse_physical};
use crate::contract::yaml::{Node, Value};

use super::changed::{with, within};

/// A date, timestamp or time column with its bounds, zone and values in ISO 8601; what no form reads
/// stays as it is written.
pub(super) fn in_iso(column: Node) -> Node {
    let format = column.get("logicalTypeOptions").and_then(|options| options.get("format"));
    let format = format.and_then(Node::as_str);
    let forms = Forms {
        format: format.and_then(|format| DateFormat::parse(format).ok()),
        is_day: column.get("logicalType").and_then(Node::as_str) == Some("date"),
        is_time: column.get("logicalType").and_then(Node::as_str) == Some("time"),
    };
    let in_files = column.get("physicalType").and_then(Node::as_str).and_then(parse_physical);
    let column = with(column, "logicalTypeOptions", &mut |options| forms.bounds(options));
    // Files that keep texts or numbers are compared with those.
    if in_files.is_some_and(|physical| physical == Physical::String || is_number(physical)) {
        return column;
    }
    let column =
        within(column, "enum", &mut |item| with(item, "value", &mut |value| forms.value(value)));
    within(column, "quality", &mut |rule| {
        with(rule, "arguments", &mut |arguments| {
            within(arguments, "validValues", &mut |value| forms.value(value))
        })
    })
}

/// The forms that a column's dates and times may have.
struct Forms {
    format: Option<DateFormat>,
    is_day: bool,
    is_time: bool,
}

impl Forms {
    fn bounds(&self, options: Node) -> Node {
        let bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
        let options = bounds
            .into_iter()
            .fold(options, |options, key| with(options, key, &mut |bound| self.value(bound)));
        with(options, "defaultTimezone", &mut |zone| match zone.as_str().and_then(usual_zone) {
            Some(usual) => Node { value: Value::String(usual), span: zone.span },
            None => zone,
        })
    }

    fn value(&self, node: Node) -> Node {
        match self.read(&node) {
            Some(iso) => Node { value: Value::String(iso), span: node.span },
            None => node,
        }
    }

    /// What only the column's format or a less usual form reads.
    fn read(&self, node: &Node) -> Option<String> {
        if !matches!(node.value, Value::String(_) | Value::Number(_)) {
            return None;
        }
        let text = node.scalar_text()?;
        if temporal::timestamp(&text).is_some() || temporal::time(&text).is_some() {
            return None;
        }
        if let Some(read) = self.format.as_ref().and_then(|format| by_format(format, &text)) {
            return Some(read);
        }
        if self.is_time {
            return None;
        }
        // A number beside a timestamp may count from an epoch.
        let is_text = node.as_str().is_some();
        temporal::basic_date(&text)
            .filter(|_| is_text || self.is_day)
            .map(of_day)
            .or_else(|| temporal::to_the_minute(&text).map(of_instant))
    }
}

fn by_format(format: &DateFormat, text: &str) -> Option<String> {
    let content = format.content();
    match (content.whole_date, content.time) {
        (true, true) => format.timestamp(text).map(of_instant),
        (true, false) => format.date(text).map(of_day),
        (false, true) => format.time(text).map(of_time),
        (false, false) => None,
    }
}

fn of_day(date: NaiveDate) -> String {
    date.to_string()
}

fn of_time(time: NaiveTime) -> String {
    time.format("%H:%M:%S%.f").to_string()
}

fn of_instant(read: Timestamp) -> String {
    match read {
        Timestamp::Instant(instant) => instant.to_rfc3339(),
        Timestamp::Local(local) => local.format("%Y-%m-%dT%H:%M:%S%.f").to_string(),
    }
}

/// A zone that is written as ISO 8601 writes UTC, or as hours from it: `Z`, `GMT+2`, `UTC-03:30`.
fn usual_zone(text: &str) -> Option<String> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("z") {
        return Some("UTC".to_owned());
    }
    let offset = text.strip_prefix("UTC").or_else(|| text.strip_prefix("GMT"))?;
    let sign = offset.chars().next().filter(|sign| matches!(sign, '+' | '-'))?;
    let (hours, minutes) = offset[1..].split_once(':').unwrap_or((&offset[1..], "0"));
    let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 15 && minutes < 60).then(|| format!("{sign}{hours:02}:{minutes:02}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::contract::parse;
    use crate::diagnostic::Source;

    fn bound(column: &str) -> Option<String> {
        let text = format!(
            "version: 1.0.0\napiVersion: v3.1.0\nkind: DataContract\nid: t\nstatus: active\n\
             schema: [{{name: t, properties: [{{name: c, {column}}}]}}]"
        );
        let parsed = parse(&Arc::new(Source::new("t", text)));
        parsed.contract?.tables[0].columns[0].options.text("minimum")
    }

    #[test]
    fn zones_are_read_as_hours_from_utc() {
        use super::usual_zone;
        for (text, expected) in [
            ("Z", Some("UTC")),
            ("GMT+2", Some("+02:00")),
            ("UTC-03:30", Some("-03:30")),
            ("GMT", None),
            ("Europe/Berlin", None),
            ("GMT+99", None),
            ("UTC+", None),
        ] {
            assert_eq!(usual_zone(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn bounds_are_read_in_iso_8601_and_in_the_format_of_their_column() {
        for (column, expected) in [
            (
                "logicalType: date, logicalTypeOptions: {format: MM/dd/yyyy, minimum: 01/31/2020}",
                "2020-01-31",
            ),
            (
                "logicalType: date, logicalTypeOptions: {format: yyyyMMdd, minimum: 20200131}",
                "2020-01-31",
            ),
            (
                "logicalType: date, logicalTypeOptions: {format: dd.MM.yyyy, minimum: '2020-01-31'}",
                "2020-01-31",
            ),
            (
                "logicalType: timestamp, logicalTypeOptions: \
                 {format: dd.MM.yyyy HH:mm, minimum: 31.01.2020 10:30}",
                "2020-01-31T10:30:00",
            ),
            ("logicalType: date, logicalTypeOptions: {minimum: '20200131'}", "2020-01-31"),
            ("logicalType: date, logicalTypeOptions: {minimum: 20200131}", "2020-01-31"),
            ("logicalType: timestamp, logicalTypeOptions: {minimum: 20200131}", "20200131"),
            (
                "logicalType: timestamp, logicalTypeOptions: {minimum: '2020-01-31 10:30'}",
                "2020-01-31T10:30:00",
            ),
            (
                "logicalType: timestamp, logicalTypeOptions: {minimum: '2020-01-31T10:30Z'}",
                "2020-01-31T10:30:00+00:00",
            ),
            ("logicalType: timestamp, logicalTypeOptions: {minimum: now}", "now"),
            (
                "logicalType: date, logicalTypeOptions: {format: MM/dd/yyyy, minimum: 31/01/2020}",
                "31/01/2020",
            ),
        ] {
            assert_eq!(bound(column).as_deref(), Some(expected), "{column}");
        }
    }
}
