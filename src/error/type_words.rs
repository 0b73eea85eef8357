//! The engine's words for types and literals, as SQL writes them.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// A text with types and literals as SQL writes them: `bigint` for `Int64`, `'a'` for `Utf8("a")`.
pub(crate) fn in_sql(text: &str) -> String {
    static LITERALS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let numbers = r"\b(?:U?Int(?:8|16|32|64)|Float(?:16|32|64)|Boolean)\(([^()]*)\)";
        let texts = r#"\b(?:Large)?Utf8(?:View)?\("([^"]*)"\)"#;
        let nothing = r"\b(?:Large)?Utf8(?:View)?\((NULL)\)";
        Regex::new(&format!("{numbers}|{texts}|{nothing}")).ok()
    });
    static TYPES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(concat!(
            r"\b(?:Timestamp(?:\([^()]*(?:\([^()]*\))?[^()]*\))?",
            r"|Decimal(?:32|64|128|256)?\(([^()]*)\)",
            r"|(?:Large)?Utf8(?:View)?|U?Int(?:8|16|32|64)|Float(?:16|32|64)|Boolean|Date(?:32|64)",
            r"|Time(?:32|64)(?:\([^()]*\))?|(?:Interval|Duration)\([^()]*\)",
            r"|(?:Large|FixedSize)?Binary(?:View)?(?:\(\d+\))?)",
        ))
        .ok()
    });
    static LISTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"\b(?:Large)?List\((?:(?:non-null )?)((?:[^()]|\([^()]*\))*)\)").ok()
    });
    let (Some(literals), Some(types), Some(lists)) =
        (LITERALS.as_ref(), TYPES.as_ref(), LISTS.as_ref())
    else {
        return text.to_owned();
    };
    let text = literals.replace_all(text, |found: &Captures<'_>| match found.get(2) {
        Some(quoted) => format!("'{}'", quoted.as_str()),
        None => found.get(1).or(found.get(3)).map_or("", |m| m.as_str()).to_owned(),
    });
    let mut text = types
        .replace_all(&text, |found: &Captures<'_>| {
            word(&found[0], found.get(1).map(|m| m.as_str()))
        })
        .into_owned();
    // Lists of lists, from the inside.
    while lists.is_match(&text) {
        text = lists.replace_all(&text, "$1[]").into_owned();
    }
    text
}

fn word(data_type: &str, digits: Option<&str>) -> String {
    match data_type {
        // `Timestamp(Microsecond, None)`, `Timestamp(µs)`, `Timestamp(µs, "UTC")`.
        t if t.starts_with("Timestamp") && t.contains(',') && !t.contains("None") => "timestamptz",
        t if t.starts_with("Timestamp") => "timestamp",
        t if t.starts_with("Decimal") => {
            return format!("numeric({})", digits.unwrap_or_default().replace(' ', ""));
        }
        t if t.contains("Utf8") => "text",
        "Int8" | "Int16" | "UInt8" => "smallint",
        "Int32" | "UInt16" => "integer",
        "Int64" | "UInt32" | "UInt64" => "bigint",
        "Float16" | "Float32" => "real",
        "Float64" => "double precision",
        "Boolean" => "boolean",
        t if t.starts_with("Date") => "date",
        t if t.starts_with("Time") => "time",
        t if t.starts_with("Interval") || t.starts_with("Duration") => "interval",
        _ => "bytea",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_as_sql_names_them() {
        for (engine, sql) in [
            ("got List(Int64) of Decimal128(10, 2)", "got bigint[] of numeric(10,2)"),
            ("List(List(Utf8))", "text[][]"),
            ("Timestamp(Microsecond, None)", "timestamp"),
            ("Timestamp(µs)", "timestamp"),
            ("Timestamp(Nanosecond, Some(\"UTC\"))", "timestamptz"),
            ("Timestamp(µs, \"+00:00\")", "timestamptz"),
            ("Interval(MonthDayNano) * Float64", "interval * double precision"),
            ("a = Int64(1) AND b = Utf8(\"x\")", "a = 1 AND b = 'x'"),
            ("Utf8(NULL)", "NULL"),
            ("Intervals of Points", "Intervals of Points"),
        ] {
            assert_eq!(in_sql(engine), sql, "{engine}");
        }
    }
}
