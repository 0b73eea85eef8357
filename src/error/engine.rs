//! The engine's errors as ours: what the caller can do, their SQLSTATE, and words that readers know.

use std::error::Error as StdError;

use datafusion::common::{Column, Location, SchemaError, Span};
use datafusion::error::DataFusionError as D;

use crate::diagnostic::nearest;

use super::sayings::{Said, bare, plain, said};
use super::syntax::{placed, syntax_error, uncapitalized};
use super::type_words::in_sql;
use super::{Error, Position, Positions, SqlState, Subject};

/// An error of a function of ours, for the engine to hand on.
pub fn raised(state: SqlState, message: impl Into<String>) -> D {
    D::External(Box::new(Error::usage("execution", message).state(state)))
}

/// Our own error, wrapped by libraries: its message is what happened.
fn wrapped(error: &(dyn StdError + 'static)) -> Option<Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(ours) = error.downcast_ref::<Error>() {
            return Some(ours.again());
        }
        // The source of an input error is that of the wrapped error.
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

impl From<D> for Error {
    fn from(error: D) -> Self {
        if let Some(ours) = wrapped(&error) {
            return ours.caused_by(error);
        }
        if let Some(panicked) = of_task(&error) {
            return Self::panicked(&panicked).caused_by(error);
        }
        let told = told(&error);
        let span = error.diagnostic().and_then(|diagnostic| positions(diagnostic.span?));
        match span {
            Some((start, end)) => told.marked(start, end),
            None => told,
        }
        .caused_by(error)
    }
}

/// Start and end of what the engine marks.
fn positions(span: Span) -> Option<Positions> {
    let place = |at: Location| -> Option<Position> {
        Some((usize::try_from(at.line).ok()?, usize::try_from(at.column).ok()?))
    };
    let found = (place(span.start)?, place(span.end)?);
    Some(found).filter(|((line, _), _)| *line > 0)
}

/// The error in words of SQL, without its place.
fn told(error: &D) -> Error {
    let root = error.find_root();
    let words = engine_words(error);
    if is_about_offsets(&words) {
        return Error::too_large();
    }
    match root {
        D::SchemaError(schema, _) => return of_schema(schema),
        D::SQL(parser, _) => return of_parser(parser),
        D::ResourcesExhausted(_) => {
            return Error::try_again("memory-limit", uncapitalized(&words))
                .hint("raise --memory-limit, or free space for spilling");
        }
        D::IoError(cause) => return unstored(cause, uncapitalized(&words)),
        D::ObjectStore(_) => return Error::try_again("store", uncapitalized(&words)),
        D::ArrowError(cause, _) => {
            if let arrow::error::ArrowError::IoError(_, cause) = &**cause {
                return unstored(cause, uncapitalized(&words));
            }
        }
        _ => {}
    }
    // `table 'pactum.public.t' not found`: every name is looked up in the session's one catalog.
    if let Some((_, rest)) = words.split_once("table 'pactum.") {
        let name = rest.split('\'').next().unwrap_or_default();
        let name = name.trim_start_matches("public.");
        return Error::usage("unknown-table", format!("there is no table '{name}'"))
            .about(Subject::Word(name.to_owned()));
    }
    let (words, place) = placed(&words);
    let told = match said(words) {
        Some(said) => of_said(word_of(root), said),
        None => {
            let message = uncapitalized(&plain(words));
            match word_of(root) {
                "engine" => Error::try_again("engine", message),
                word => Error::usage(word, message),
            }
            .state(state_of(root))
        }
    };
    match place {
        Some(place) => told.marked(place, place),
        None => told,
    }
}

fn of_said(word: &'static str, said: Said) -> Error {
    // What the engine calls its own fault is the query's where it is known.
    let word = if word == "engine" { "sql" } else { word };
    let Said { state, message, hint, subject } = said;
    let told = Error::usage(word, message).state(state);
    let told = match hint {
        Some(hint) => told.hint(hint),
        None => told,
    };
    match subject {
        Some(subject) => told.about(subject),
        None => told,
    }
}

fn word_of(root: &D) -> &'static str {
    match root {
        D::SQL(..) | D::Plan(_) | D::SchemaError(..) | D::NotImplemented(_) => "sql",
        D::ArrowError(..) | D::External(_) | D::Execution(_) => "execution",
        _ => "engine",
    }
}

fn state_of(root: &D) -> SqlState {
    match root {
        D::NotImplemented(_) => SqlState::FeatureNotSupported,
        D::Plan(_) => SqlState::SyntaxError,
        D::ArrowError(..) | D::Execution(_) | D::External(_) => SqlState::DataException,
        _ => SqlState::InternalError,
    }
}

fn of_parser(parser: &datafusion::sql::sqlparser::parser::ParserError) -> Error {
    use datafusion::sql::sqlparser::parser::ParserError as P;
    match parser {
        P::TokenizerError(words) | P::ParserError(words) => match said(placed(words).0) {
            Some(known) => of_said("sql", known),
            None => syntax_error(words),
        },
        P::RecursionLimitExceeded => Error::usage("sql", "the statement is nested too deeply")
            .state(SqlState::StatementTooComplex)
            .hint("split it into steps with WITH"),
    }
}

fn of_schema(error: &SchemaError) -> Error {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => missing_column(field, valid_fields),
        SchemaError::AmbiguousReference { field } => {
            let message = format!("column '{}' is in several tables", field.name);
            Error::usage("sql", message)
                .state(SqlState::AmbiguousColumn)
                .hint(format!("write the table before it: t.{}", field.name))
                .about(Subject::Word(field.name.clone()))
        }
        SchemaError::DuplicateQualifiedField { qualifier, name: _ } => {
            let name = qualifier.table();
            Error::usage("sql", format!("two tables are called '{name}'"))
                .state(SqlState::DuplicateAlias)
                .hint("give one of them an alias")
                .about(Subject::Word(name.to_owned()))
        }
        SchemaError::DuplicateUnqualifiedField { name } => {
            Error::usage("sql", format!("two columns are called '{name}'"))
                .state(SqlState::DuplicateColumn)
                .hint("give one of them an alias")
                .about(Subject::Word(name.clone()))
        }
    }
}

/// A column that is not there, with those that are.
fn missing_column(field: &Column, valid: &[Column]) -> Error {
    let name = &field.name;
    let error = Error::usage("unknown-column", format!("there is no column '{name}'"))
        .about(Subject::Word(name.clone()));
    let of_table = |column: &&Column| {
        field.relation.as_ref().is_none_or(|wanted| {
            column
                .relation
                .as_ref()
                .is_some_and(|found| found.resolved_eq(wanted) || found.table() == wanted.table())
        })
    };
    let own: Vec<&Column> = valid.iter().filter(of_table).collect();
    if let (Some(relation), true) = (&field.relation, own.is_empty()) {
        let error = Error::usage(
            "unknown-column",
            format!("nothing is called '{}' here", relation.table()),
        )
        .state(SqlState::UndefinedTable)
        .about(Subject::Word(relation.table().to_owned()));
        return match valid.iter().find(|column| column.name == *name) {
            Some(same) => error.hint(format!("did you mean {}?", same.flat_name())),
            None => error,
        };
    }
    let own: Vec<&Column> = if own.is_empty() { valid.iter().collect() } else { own };
    let mut fields: Vec<String> = own.iter().map(|column| bare(&column.name)).collect();
    fields.sort();
    fields.dedup();
    match nearest(name, fields.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean '{near}'?")),
        None if fields.is_empty() => error,
        None => error.hint(format!("columns: {}", fields.join(", "))),
    }
}

/// The words of a task's panic that an operator passed on as an error.
fn of_task(error: &D) -> Option<String> {
    use tokio::task::JoinError;
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(one) = cause {
        let shared = one.downcast_ref::<std::sync::Arc<JoinError>>().map(AsRef::as_ref);
        if let Some(joined) = shared.or_else(|| one.downcast_ref::<JoinError>()) {
            return Some(joined.to_string());
        }
        cause = one.source();
    }
    None
}

/// Whether the engine's words are about where texts or lists end within a batch: in 32 bits.
pub(super) fn is_about_offsets(message: &str) -> bool {
    let words = message.to_lowercase();
    words.contains("offset overflow") || words.contains("offsets must be monotonically increasing")
}

/// Spill files that could not be written or read.
fn unstored(cause: &std::io::Error, message: String) -> Error {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    match cause.kind() {
        StorageFull | QuotaExceeded | FileTooLarge => Error::try_again("disk-full", message)
            .hint("make room, or name another folder with --temp-dir or TMPDIR"),
        _ => Error::try_again("store", message),
    }
}

/// The engine's words without its wrapping and back traces.
fn engine_words(error: &D) -> String {
    let text = error.find_root().message().to_string();
    let text = text.split("\n\nbacktrace:").next().unwrap_or_default();
    inner(text.trim()).trim_end_matches('.').to_owned()
}

/// The error's message, in words of SQL.
pub fn plain_message(error: &D) -> String {
    match wrapped(error) {
        Some(ours) => ours.message().to_owned(),
        None => told(error).message().to_owned(),
    }
}

/// The words inside `…ParserError("…")` and `…CastError("…")`.
fn inner(text: &str) -> &str {
    for mark in ["arserError(\"", "ParserError(\"", "CastError(\""] {
        if let Some((_, rest)) = text.split_once(mark) {
            return rest.split("\")").next().unwrap_or(rest);
        }
    }
    text
}

impl From<arrow::error::ArrowError> for Error {
    fn from(error: arrow::error::ArrowError) -> Self {
        if let Some(ours) = wrapped(&error) {
            return ours.caused_by(error);
        }
        if let arrow::error::ArrowError::IoError(message, _) = &error {
            return Self::try_again("output", message.clone()).caused_by(error);
        }
        let words = error.to_string();
        if is_about_offsets(&words) {
            return Self::too_large().caused_by(error);
        }
        let (state, words) = match said(&words) {
            Some(said) => (said.state, said.message),
            None => (SqlState::DataException, in_sql(&words)),
        };
        Self::mend("data", words).state(state).caused_by(error)
    }
}

impl From<parquet::errors::ParquetError> for Error {
    fn from(error: parquet::errors::ParquetError) -> Self {
        if let Some(ours) = wrapped(&error) {
            return ours.caused_by(error);
        }
        Self::mend("parquet", error.to_string()).caused_by(error)
    }
}
