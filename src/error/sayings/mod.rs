//! The engine's words about a query in SQL's words, with their SQLSTATE. Here alone are the engine's and
//! Arrow's texts recognised; errors of Pactum's own functions carry their state themselves.

mod names;
mod postgres;
mod stated;
mod types;
mod values;

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::type_words::in_sql;
use super::{SqlState as S, Subject};

use names::{FORMS, GROUPING, NAMES, SHAPES, UNSUPPORTED};
use postgres::POSTGRES;
use types::TYPES;
use values::{ARGUMENTS, STATES, VALUES};

/// What is said instead of the engine's words.
#[derive(Debug)]
pub(super) struct Said {
    pub state: S,
    pub message: String,
    pub hint: Option<String>,
    pub subject: Option<Subject>,
}

impl Said {
    pub fn new(state: S, message: impl Into<String>) -> Self {
        Self { state, message: message.into(), hint: None, subject: None }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn about(mut self, subject: Subject) -> Self {
        self.subject = Some(subject);
        self
    }
}

/// The replacement for a matched message.
type Say = fn(&Captures<'_>) -> Said;

const ALL: [&[(&str, Say)]; 9] =
    [POSTGRES, NAMES, GROUPING, TYPES, SHAPES, UNSUPPORTED, VALUES, ARGUMENTS, STATES];

/// SQL's words for a message of the engine; `None` for one that is not known.
pub(super) fn said(message: &str) -> Option<Said> {
    static FIRST: LazyLock<Vec<(Regex, Say)>> = LazyLock::new(|| compiled([FORMS]));
    static STATES: LazyLock<Vec<(Regex, S)>> = LazyLock::new(|| {
        let all = stated::STATED.iter();
        all.filter_map(|(text, state)| Some((Regex::new(text).ok()?, *state))).collect()
    });
    static THEN: LazyLock<Vec<(Regex, Say)>> = LazyLock::new(|| compiled(ALL));
    let say = |list: &[(Regex, Say)]| {
        list.iter().find_map(|(pattern, say)| Some(say(&pattern.captures(message)?)))
    };
    say(&FIRST)
        .or_else(|| {
            let (_, state) = STATES.iter().find(|(pattern, _)| pattern.is_match(message))?;
            Some(Said::new(*state, plain(message)))
        })
        .or_else(|| say(&THEN))
}

/// The patterns of lists. An invalid one would be a fault of the lists; a test reads them.
fn compiled<const N: usize>(lists: [&[(&str, Say)]; N]) -> Vec<(Regex, Say)> {
    let all = lists.into_iter().flatten();
    all.filter_map(|(text, say)| Some((Regex::new(text).ok()?, *say))).collect()
}

/// A message that is not known: on one line, without the engine's advice and structures.
pub(super) fn plain(message: &str) -> String {
    let own = message.split("\n\n").next().unwrap_or(message);
    let own = own.split("\nThis issue was likely caused").next().unwrap_or(own);
    let lines: Vec<&str> = own.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    let line = in_sql(lines.join(" ").trim_end_matches('.'));
    // `… Pivot { table: …`: what the engine's structures hold says nothing to readers.
    match line.find(" { ") {
        Some(at) if at > 0 => line[..at].trim_end().to_owned(),
        _ => line,
    }
}

/// The last part of a qualified name.
pub(super) fn bare(name: &str) -> String {
    let name = name.trim().trim_end_matches('.');
    if name.starts_with('\'') {
        return name.to_owned();
    }
    name.rsplit('.').next().unwrap_or(name).trim_matches(['"', '\'', ' ']).to_owned()
}

/// `GroupingSets` as `grouping sets`.
fn spaced(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() && words.chars().next_back().is_some_and(char::is_lowercase) {
            words.push(' ');
        }
        words.push(c);
    }
    words.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn says(engine: &str, state: &str, message: &str) {
        let told = said(engine).unwrap_or_else(|| panic!("{engine} is not known"));
        assert_eq!((told.state.code(), told.message.as_str()), (state, message), "{engine}");
    }

    #[test]
    fn every_pattern_is_one() {
        let stated = stated::STATED.iter().map(|(pattern, _)| *pattern);
        let said = ALL.concat().into_iter().chain(FORMS.iter().copied());
        for pattern in said.map(|(pattern, _)| pattern).chain(stated) {
            Regex::new(pattern).unwrap();
        }
    }

    #[test]
    fn the_engines_words_become_sqls() {
        says(
            r#"cannot infer common argument type for comparison operation Timestamp(µs, "UTC") >= Int64"#,
            "42883",
            "timestamptz cannot be compared with bigint",
        );
        says(
            "cannot coerce arithmetic expression Utf8 + Date32 to valid types",
            "42883",
            "text + date is not defined",
        );
        says(
            "This feature is not implemented: Conflicting ordering requirements in aggregate functions is not supported",
            "0A000",
            "aggregates of one SELECT in different orders are not supported",
        );
        says(
            "unsupported ast node Pivot { table: Table { name: ObjectName([]) } }",
            "0A000",
            "pivot is not supported",
        );
        says(
            "Unsupported ast node in sqltorel: Collate { expr: 1 }",
            "0A000",
            "collate is not supported",
        );
        says(
            "physical plan does not support logical expression OuterReferenceColumn(Field { name: \"a\" })",
            "0A000",
            "this subquery over columns of the outer query is not supported",
        );
        says("cast error: Can't cast value 99999 to type Int16", "22003", "smallint out of range");
        says("Overflow happened on: 1 + 2", "22003", "value out of range");
        says("compute error: bigint out of range", "22003", "bigint out of range");
        says("unsupported SQL type UUID", "0A000", "type uuid is not supported");
        says("unsupported SQL type inte", "42704", "there is no type 'inte'");
    }

    #[test]
    fn a_text_that_is_not_a_value_has_the_state_of_its_type() {
        for (text, data_type, state) in [
            ("a", "integer", "22P02"),
            ("", "bigint", "22P02"),
            ("12345678901", "integer", "22003"),
            ("1.5", "integer", "22P02"),
            ("x", "date", "22007"),
            ("2024-13-01", "date", "22008"),
            ("25:00", "time", "22008"),
            ("1 foo", "interval", "22007"),
            ("maybe", "boolean", "22P02"),
        ] {
            assert_eq!(values::not_a(text, data_type).state.code(), state, "{text} as {data_type}");
        }
    }

    #[test]
    fn a_function_of_other_types_is_told_with_those_that_exist() {
        let told = said(
            "internal error. No function matches the given name and argument types 'sum(Utf8)'. You might \
             need to add explicit type casts.\n\tCandidate functions:\n\tsum(Decimal)\n\tsum(Int64)",
        )
        .unwrap();
        assert_eq!(told.message, "sum(text) is not defined");
        assert_eq!(told.hint.as_deref(), Some("there is sum(numeric), sum(bigint)"));
        assert_eq!(told.subject, Some(Subject::Call("sum".to_owned())));
    }

    #[test]
    fn structures_of_the_engine_are_not_told() {
        assert_eq!(plain("cannot do Thing { a: Field { b } }"), "cannot do Thing");
        assert_eq!(plain("first line\n second.\n\nadvice"), "first line second");
    }
}
