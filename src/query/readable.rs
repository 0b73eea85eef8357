//! The engine's words about a query, in the terms of its author: names as in the query, types as in
//! SQL, and what to do next.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::diagnostic::nearest;
use crate::error::Error;

/// Rephrases an error of planning for readers; unknown messages stay, except for their types.
pub(super) fn readable(error: Error) -> Error {
    let message = error.message().to_owned();
    if let Some((_, rest)) = message.split_once("no field named ") {
        return missing_column(rest).caused_by(error);
    }
    let said = SAYINGS.iter().find_map(|(pattern, say)| Some(say(&pattern.captures(&message)?)));
    let (message, hint) = match said {
        Some((message, hint)) => (message, hint),
        None => (rest(&message), None),
    };
    if message == error.message() {
        return error;
    }
    let hint = hint.or_else(|| error.next_step().map(str::to_owned));
    let told = Error::usage("sql", message);
    let told = if let Some(hint) = hint { told.hint(hint) } else { told };
    told.caused_by(error)
}

type Said = (String, Option<String>);

/// The replacement for a matched message.
type Say = fn(&Captures<'_>) -> Said;

/// Patterns of the engine's words, and their replacements.
static SAYINGS: LazyLock<Vec<(Regex, Say)>> = LazyLock::new(|| {
    let all: [(&str, Say); 13] = [
        (
            r"(?i)cannot infer common argument type for comparison operation (.+?) (?:=|!=|<>|<=?|>=?|IS (?:NOT )?DISTINCT FROM) (.+)$",
            |c| incomparable(&c[1], &c[2]),
        ),
        (r"(?i)failed to coerce types (.+) and (.+?) in BETWEEN", |c| incomparable(&c[1], &c[2])),
        (r"(?i)cannot coerce arithmetic expression (.+?) ([-+*/%]) (.+?) to valid types", |c| {
            let message = format!("{} {} {} is not defined", sql(&c[1]), &c[2], sql(&c[3]));
            (message, Some("cast one side".to_owned()))
        }),
        (r"(?i)cannot automatically convert (.+) to (.+)$", |c| {
            let message = format!("{} does not become {} by itself", sql(&c[1]), sql(&c[2]));
            (message, Some("cast it".to_owned()))
        }),
        (r"(?i)'NOT' requires a boolean expression, got (.+)$", |c| {
            (format!("NOT takes a boolean, and this is {}", sql(&c[1])), None)
        }),
        (r"(?i)non-boolean predicate '(.+)' returning (.+)$", |c| {
            let message =
                format!("a condition is a boolean, and {} is {}", bare(&c[1]), sql(&c[2]));
            (message, Some("compare it with a value".to_owned()))
        }),
        (r"(?s)(?i)invalid function '(.+?)'.*?(?:Did you mean '(.+?)'|$)", |c| {
            let hint = c.get(2).map(|near| format!("did you mean '{}'?", near.as_str()));
            (format!("there is no function '{}'", &c[1]), hint)
        }),
        (r"(?s)No function matches the given name and argument types '(.+?)'\.(.*)$", |c| {
            (format!("{} is not defined", sql(&c[1])), candidates(&c[2]))
        }),
        (r#"(?i)column in SELECT must be in GROUP BY.*?column "(.+?)" must appear"#, |c| {
            let message = format!("column '{}' is neither grouped by nor aggregated", bare(&c[1]));
            (message, Some("add it to GROUP BY, or aggregate it".to_owned()))
        }),
        (r"(?i)cannot access field at argument \d+: type (.+) is not Struct", |c| {
            (format!("a value of type {} has no fields", sql(&c[1])), None)
        }),
        (r"(?i)field (.+) not found in struct", |c| {
            (format!("there is no field '{}'", &c[1]), None)
        }),
        (r"(?i)^(.*) at Line: \d+, Column: \d+$", |c| (c[1].to_owned(), None)),
        (r"(?i)ambiguous reference to unqualified field (.+)$", |c| {
            let name = bare(&c[1]);
            let hint = format!("write the table before it: t.{name}");
            (format!("column '{name}' is in several tables"), Some(hint))
        }),
    ];
    // An invalid pattern would be a fault of this list; a test reads it.
    all.into_iter().filter_map(|(text, say)| Some((Regex::new(text).ok()?, say))).collect()
});

fn incomparable(left: &str, right: &str) -> Said {
    let message = format!("{} cannot be compared with {}", sql(left), sql(right));
    (message, Some("compare with a value of the column's type, or cast one side".to_owned()))
}

/// `Candidate functions: sum(Decimal) sum(Int64) …` on one line.
fn candidates(rest: &str) -> Option<String> {
    let (_, listed) = rest.split_once("Candidate functions:")?;
    let sql = |line: &str| sql(line).replace("Decimal", "numeric").replace("String", "varchar");
    let mut all: Vec<String> =
        listed.lines().map(|l| sql(l.trim())).filter(|l| !l.is_empty()).collect();
    // A function that chooses its types itself lists none.
    all.retain(|l| !l.contains("UserDefined"));
    all.dedup();
    (!all.is_empty()).then(|| format!("there is {}", all.join(", ")))
}

/// Other messages: without the engine's own advice, on one line.
fn rest(message: &str) -> String {
    let own = message.split("\n\n").next().unwrap_or(message);
    let own = own.split("\nThis issue was likely caused").next().unwrap_or(own);
    let lines: Vec<&str> = own.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    sql(lines.join(" ").trim_end_matches('.'))
}

/// Types as SQL names them.
fn sql(text: &str) -> String {
    static TYPES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"\b(?:Timestamp\([^)]*\)|Decimal(?:128|256)?\(([^)]*)\)|(?:Large)?Utf8(?:View)?|U?Int(?:8|16|32|64)|Float(?:32|64)|Boolean|Date(?:32|64)|Time(?:32|64)\([^)]*\)|(?:Large)?Binary(?:View)?)"#,
        )
        .ok()
    });
    let Some(types) = TYPES.as_ref() else { return text.to_owned() };
    types
        .replace_all(text, |found: &Captures<'_>| word(&found[0], found.get(1).map(|m| m.as_str())))
        .into()
}

fn word(data_type: &str, digits: Option<&str>) -> String {
    match data_type {
        t if t.starts_with("Timestamp") && t.contains(',') => "timestamptz".to_owned(),
        t if t.starts_with("Timestamp") => "timestamp".to_owned(),
        t if t.starts_with("Decimal") => {
            format!("numeric({})", digits.unwrap_or_default().replace(' ', ""))
        }
        t if t.contains("Utf8") => "varchar".to_owned(),
        "Int8" | "Int16" | "UInt8" => "smallint".to_owned(),
        "Int32" | "UInt16" => "integer".to_owned(),
        "Int64" | "UInt32" | "UInt64" => "bigint".to_owned(),
        "Float32" => "real".to_owned(),
        "Float64" => "double".to_owned(),
        "Boolean" => "boolean".to_owned(),
        t if t.starts_with("Date") => "date".to_owned(),
        t if t.starts_with("Time") => "time".to_owned(),
        _ => "bytea".to_owned(),
    }
}

/// The last part of a qualified name.
fn bare(name: &str) -> String {
    let name = name.trim().trim_end_matches('.');
    name.rsplit('.').next().unwrap_or(name).trim_matches(['"', '\'', ' ']).to_owned()
}

/// `scroe. Did you mean 't.score'? Valid fields are t.score, t.id` in our words.
fn missing_column(rest: &str) -> Error {
    let marks = [". Did you", ". Valid fields", "\n"];
    let end = marks.iter().filter_map(|mark| rest.find(mark)).min();
    let written = rest[..end.unwrap_or(rest.len())].trim().trim_end_matches('.');
    let name = bare(written);
    let error = Error::usage("unknown-column", format!("there is no column '{name}'"));
    let qualifier = written.rsplit_once('.').map(|(qualifier, _)| qualifier);
    let valid = rest.split_once("Valid fields are ").map_or("", |(_, fields)| fields);
    let of_table = |field: &&str| {
        qualifier.is_none_or(|q| field.strip_prefix(q).is_some_and(|rest| rest.starts_with('.')))
    };
    let valid: Vec<&str> = valid.split(", ").filter(|field| !field.is_empty()).collect();
    let own: Vec<&str> = valid.iter().copied().filter(of_table).collect();
    if let (Some(qualifier), true) = (qualifier, own.is_empty())
        && let Some(same) = valid.iter().find(|field| bare(field) == name)
    {
        let message = format!("nothing is called '{}' here", bare(qualifier));
        return Error::usage("unknown-column", message).hint(format!("did you mean {same}?"));
    }
    let mut fields: Vec<String> =
        if own.is_empty() { &valid } else { &own }.iter().map(|field| bare(field)).collect();
    fields.sort();
    fields.dedup();
    match nearest(&name, fields.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean '{near}'?")),
        None if fields.is_empty() => error,
        None => error.hint(format!("columns: {}", fields.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(message: &str) -> (String, Option<String>) {
        let told = readable(Error::usage("sql", message));
        (told.message().to_owned(), told.next_step().map(str::to_owned))
    }

    #[test]
    fn every_pattern_is_one() {
        assert_eq!(SAYINGS.len(), 13);
    }

    #[test]
    fn types_are_named_as_sql_names_them() {
        let (message, _) = said(
            r#"cannot infer common argument type for comparison operation Timestamp(µs, "UTC") >= Int64"#,
        );
        assert_eq!(message, "timestamptz cannot be compared with bigint");
        let (message, _) = said("cannot coerce arithmetic expression Utf8 + Date32 to valid types");
        assert_eq!(message, "varchar + date is not defined");
        assert_eq!(
            said("got List(Int64) of Decimal128(10, 2)").0,
            "got List(bigint) of numeric(10,2)"
        );
    }

    #[test]
    fn the_engines_advice_becomes_a_hint_of_one_line() {
        let (message, hint) = said("invalid function 'avgg'.\nDid you mean 'avg'?");
        assert_eq!(message, "there is no function 'avgg'");
        assert_eq!(hint.as_deref(), Some("did you mean 'avg'?"));
        let (message, hint) = said(
            "internal error. No function matches the given name and argument types 'sum(Utf8)'. You might \
             need to add explicit type casts.\n\tCandidate functions:\n\tsum(Decimal)\n\tsum(Int64)",
        );
        assert_eq!(message, "sum(varchar) is not defined");
        assert_eq!(hint.as_deref(), Some("there is sum(numeric), sum(bigint)"));
    }

    #[test]
    fn an_unknown_qualifier_is_not_taken_for_an_unknown_column() {
        let (message, hint) = said("no field named x.name. Valid fields are u.user_id, u.name");
        assert_eq!(message, "nothing is called 'x' here");
        assert_eq!(hint.as_deref(), Some("did you mean u.name?"));
    }
}
