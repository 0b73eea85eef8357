//! Which functions a query calls. What is not in the table does not exist here, whatever the engine
//! has: some of its functions tell where files lie, others abort the process.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArguments, ObjectName, Query, Spanned, TableFactor, Visit, Visitor,
};
use datafusion::sql::sqlparser::tokenizer::Location;

use crate::diagnostic::nearest;
use crate::error::{Error, Result, SqlState};

use super::elsewhere;
use super::function_table::{self, FUNCTIONS};

/// Refuses a query that calls a function which is not in the table.
pub(super) fn refuse_unknown(query: &Query) -> Result<()> {
    match query.visit(&mut Calls) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(*error),
    }
}

struct Calls;

impl Visitor for Calls {
    type Break = Box<Error>;

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<Self::Break> {
        match expression {
            // `array(select …)`.
            Expr::Function(Function { args: FunctionArguments::Subquery(_), name, .. })
                if name.to_string().eq_ignore_ascii_case("array") =>
            {
                ControlFlow::Continue(())
            }
            Expr::Function(Function { name, .. }) => admitted(name),
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> ControlFlow<Self::Break> {
        match table {
            TableFactor::Function { name, .. } | TableFactor::Table { name, args: Some(_), .. } => {
                admitted(name)
            }
            _ => ControlFlow::Continue(()),
        }
    }
}

fn admitted(name: &ObjectName) -> ControlFlow<Box<Error>> {
    let written = name.to_string().to_ascii_lowercase();
    let bare = written.strip_prefix("pg_catalog.").unwrap_or(&written);
    match function_table::admitted(bare) {
        Some(_) => ControlFlow::Continue(()),
        None => ControlFlow::Break(Box::new(unknown(bare, name.span().start))),
    }
}

fn unknown(name: &str, at: Location) -> Error {
    if elsewhere::is_absent(name) {
        let error = Error::usage("sql", format!("function '{name}' is not supported"));
        return placed(error.state(SqlState::FeatureNotSupported), at);
    }
    let error = Error::usage("sql", format!("there is no function '{name}'"));
    let error = placed(error.state(SqlState::UndefinedFunction), at);
    if let Some(advice) = elsewhere::advice(name) {
        return error.hint(advice);
    }
    match meant(name) {
        Some(near) => error.hint(format!("did you mean '{near}'?")),
        None => error,
    }
}

/// The function of a slip: another word of a few letters has another meaning, not a slip.
fn meant(name: &str) -> Option<&'static str> {
    let letters = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    let near = nearest(name, FUNCTIONS.iter().map(|row| row.name).chain(elsewhere::absent()))?;
    let is_slip = near.len() > SHORT || near.len() != name.len() || letters(near) == letters(name);
    FUNCTIONS.iter().map(|row| row.name).find(|known| *known == near && is_slip)
}

/// Letters of names that differ from others in one letter.
const SHORT: usize = 4;

/// Whether two names mean one function.
pub(in crate::engine) fn is_same(one: &str, other: &str) -> bool {
    const SAME: &[&[&str]] = &[
        &["pow", "power"],
        &["btrim", "trim"],
        &["ceil", "ceiling"],
        &["char_length", "character_length", "length"],
        &["position", "strpos"],
        &["substr", "substring"],
        &["stddev", "stddev_samp"],
        &["var", "var_samp", "variance"],
        &["date_part", "extract"],
        &["to_timestamp", "to_timestamp_seconds"],
    ];
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    SAME.iter().any(|names| names.contains(&one.as_str()) && names.contains(&other.as_str()))
}

/// As the engine writes places, which diagnostics read.
pub(super) fn place(at: Location) -> String {
    match at.line {
        0 => String::new(),
        line => format!(" at Line: {line}, Column: {}", at.column),
    }
}

/// The error at its place in the text.
pub(super) fn placed(error: Error, at: Location) -> Error {
    match (usize::try_from(at.line), usize::try_from(at.column)) {
        (Ok(line), Ok(column)) if line > 0 => error.marked((line, column), (line, column)),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_apart_from_another_word() {
        for (written, near) in [
            ("lengh", Some("length")),
            ("coutn", Some("count")),
            ("maxx", Some("max")),
            ("mid", None),
            ("sim", None),
            ("frobnicate", None),
        ] {
            assert_eq!(meant(written), near, "{written}");
        }
    }
}
