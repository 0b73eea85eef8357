//! The engine's and Arrow's words about values that cannot be computed.

use super::super::type_words::in_sql;
use super::super::{SqlState as S, Subject};
use super::{Said, Say};

pub(super) const VALUES: &[(&str, Say)] = &[
    (r"(?i)divide by zero|division by zero", |_| Said::new(S::DivisionByZero, "division by zero")),
    (r"(?s)(?i)Cannot cast (?:string|value) '(.*)' to value of (.+?) type", |c| {
        not_a(&c[1], &in_sql(&c[2]))
    }),
    (r"(?s)(?i)Error parsing timestamp from '(.*?)': ", |c| not_a(&c[1], "timestamp")),
    (r#"(?s)(?i)invalid input syntax for type ([\w ]+): ["'](.*)["']"#, |c| {
        not_a(&c[2], &in_sql(&c[1]))
    }),
    (r"(?i)Can't cast value (\S+) to type (.+)$", |c| {
        Said::new(S::NumericValueOutOfRange, format!("{} out of range", in_sql(&c[2])))
    }),
    (r"(?i)is too (?:large|small) to store in a Decimal\d* of precision (\d+)", |c| {
        Said::new(S::NumericValueOutOfRange, format!("numeric of {} digits out of range", &c[1]))
    }),
    (r"(?i)decimal\(precision = (\d+), scale = (-?\d+)\) should satisfy", |c| {
        let message =
            format!("numeric({},{}) is not a type: at most 38 digits are stored", &c[1], &c[2]);
        Said::new(S::InvalidParameterValue, message).about(Subject::Word("numeric".to_owned()))
    }),
    (r"(?s)(?i)regex parse error:.*error: (.+?)(?:\n|~|$)", |c| {
        Said::new(
            S::InvalidRegularExpression,
            format!("invalid regular expression: {}", c[1].trim()),
        )
    }),
    (r"(?s)(?i)(?:invalid|illegal) regular expression|Regular expression did not compile", |_| {
        Said::new(S::InvalidRegularExpression, "invalid regular expression")
    }),
    (r#"(?i)time zone "(.+)" not recognized|invalid timezone "(.+)":"#, |c| {
        let zone = c.get(1).or(c.get(2)).map_or("", |m| m.as_str());
        Said::new(S::InvalidParameterValue, format!("time zone \"{zone}\" not recognized"))
            .hint("such as 'Europe/Brussels'")
            .about(Subject::Text(zone.to_owned()))
    }),
];

pub(super) const ARGUMENTS: &[(&str, Say)] = &[
    (r"(?i)date part '(.+)' not supported", |c| {
        Said::new(S::InvalidParameterValue, format!("there is no unit '{}'", &c[1]))
            .hint("such as year, month, day, hour, dow, epoch")
            .about(Subject::Word(c[1].to_owned()))
    }),
    (r"(?i)unsupported date_trunc granularity: '(.+?)'", |c| {
        Said::new(S::InvalidParameterValue, format!("there is no unit '{}'", &c[1]))
            .hint("such as year, quarter, month, week, day, hour, minute, second")
            .about(Subject::Text(c[1].to_owned()))
    }),
    (r"(?i)cannot take square root of a negative", |_| {
        Said::new(S::InvalidArgumentForPower, "cannot take square root of a negative number")
    }),
    (r"(?i)cannot take logarithm of (.+)$", |c| {
        Said::new(S::InvalidArgumentForLogarithm, format!("cannot take logarithm of {}", &c[1]))
    }),
    (r"(?i)zero raised to a negative power", |_| {
        Said::new(S::InvalidArgumentForPower, "zero raised to a negative power is undefined")
    }),
    (r"(?i)negative number raised to a non-integer power", |_| {
        let message = "a negative number raised to a non-integer power yields a complex result";
        Said::new(S::InvalidArgumentForPower, message)
    }),
    (r"(?i)negative (?:count|substring length) not allowed", |_| {
        Said::new(S::SubstringError, "negative substring length not allowed")
    }),
    (r"(?i)^NTILE requires a positive", |_| {
        Said::new(S::InvalidArgumentForNtile, "argument of ntile must be greater than zero")
    }),
    (r"(?i)percentile value must be between", |_| {
        Said::new(S::NumericValueOutOfRange, "percentile value is not between 0 and 1")
    }),
    (r"(?i)^(month|day|year|hour|minute|second)s? value '?(.+?)'? is out of range", |c| {
        Said::new(
            S::DatetimeFieldOverflow,
            format!("date/time field value out of range: {} {}", &c[1], &c[2]),
        )
    }),
    (r"(?i)failed to decode value using (\w+)", |c| {
        Said::new(S::InvalidParameterValue, format!("the text is not {}", &c[1]))
    }),
    (r"(?i)there is no built-in encoding named '(.+?)'", |c| {
        Said::new(S::InvalidParameterValue, format!("there is no encoding '{}'", &c[1]))
            .hint("there are base64 and hex")
            .about(Subject::Text(c[1].to_owned()))
    }),
    (r"(?i)invalid Unicode scalar value: -", |_| {
        Said::new(S::InvalidParameterValue, "character number must be positive")
    }),
    (r"(?i)field position must not be zero", |_| {
        Said::new(S::InvalidParameterValue, "field position must not be zero")
    }),
];

/// Words that already are PostgreSQL's, or need no others: only their state is told.
pub(super) const STATES: &[(&str, Say)] = &[
    (r"(?s)^(?:.*: )?(.*\b(?:out of range|factorial of a negative).*)$", |c| {
        let words = in_sql(&c[1]);
        let is_time =
            ["timestamp", "date", "interval", "time"].iter().any(|t| words.starts_with(t));
        let state = if is_time { S::DatetimeFieldOverflow } else { S::NumericValueOutOfRange };
        Said::new(state, words)
    }),
    (r"(?s)(?i)^(?:.*overflow.*)$", |c| Said::new(S::NumericValueOutOfRange, overflow(&c[0]))),
];

/// `Overflow happened on: 1 + 2`, `Cannot cast to …. Overflowing on …` in PostgreSQL's words.
fn overflow(message: &str) -> String {
    let words = in_sql(message);
    let types = ["interval", "timestamp", "date", "numeric", "bigint", "integer", "smallint"];
    match types.iter().find(|t| words.contains(*t)) {
        Some(found) => format!("{found} out of range"),
        None => "value out of range".to_owned(),
    }
}

/// A text that is not a value of a type.
pub(super) fn not_a(text: &str, data_type: &str) -> Said {
    let is_time = ["date", "time", "interval"].iter().any(|word| data_type.starts_with(word));
    let has_digits = text.chars().any(|c| c.is_ascii_digit());
    let only_time = text.chars().all(|c| c.is_ascii_digit() || "-:+. TZ/".contains(c));
    let is_number = !text.trim().is_empty() && text.trim().parse::<f64>().is_ok();
    let is_whole = text.trim().trim_start_matches(['-', '+']).bytes().all(|b| b.is_ascii_digit());
    let told = match data_type {
        _ if is_time && has_digits && only_time && data_type != "interval" => Said::new(
            S::DatetimeFieldOverflow,
            format!("date/time field value out of range: '{text}'"),
        ),
        _ if is_time => Said::new(
            S::InvalidDatetimeFormat,
            format!("invalid input syntax for type {data_type}: '{text}'"),
        ),
        "smallint" | "integer" | "bigint" if is_number && is_whole => Said::new(
            S::NumericValueOutOfRange,
            format!("value '{text}' is out of range for type {data_type}"),
        ),
        _ => Said::new(
            S::InvalidTextRepresentation,
            format!("invalid input syntax for type {data_type}: '{text}'"),
        ),
    };
    told.about(Subject::Text(text.to_owned()))
}
