//! What a caller can do about a failure: correct the call, mend the input, or try again. Causes
//! keep their path and source.

mod engine;
mod sayings;
mod sqlstate;
mod syntax;
mod type_words;

use std::error::Error as StdError;
use std::fmt;
use std::path::Path;

use crate::diagnostic::{Diagnostic, veiled};

pub use engine::{plain_message, raised};
pub use sqlstate::SqlState;
pub(crate) use type_words::in_sql;

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Replaces words that may quote a classified value.
pub const UNTOLD: &str =
    "it could not be evaluated; the reason is withheld because the columns are classified";

/// A line and a column of a text, from one; columns count characters.
pub type Position = (usize, usize);

/// Where something begins and ends in a text.
pub type Positions = (Position, Position);

/// What a query's error is about, as its text names it: where the engine does not say where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A call of this function.
    Call(String),
    /// An operation with this sign or word.
    Operator(String),
    /// A quoted text.
    Text(String),
    /// A name, or another word.
    Word(String),
    /// A condition.
    Condition,
    /// What should follow its end.
    End,
}

/// What the caller can do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// The documents or data are faulty: mend them (exit code 1).
    Mend,
    /// The call or its configuration is wrong: correct it (exit code 2).
    Correct,
    /// It could not be finished now: try again (exit code 3).
    TryAgain,
}

impl Remedy {
    /// The process exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Mend => 1,
            Self::Correct => 2,
            Self::TryAgain => 3,
        }
    }
}

/// An error with what happened, where, and what to do.
#[derive(Debug)]
pub struct Error(Box<Body>);

#[derive(Debug)]
struct Body {
    remedy: Remedy,
    code: &'static str,
    state: SqlState,
    message: String,
    place: Option<String>,
    mark: Option<Positions>,
    subject: Option<Subject>,
    hint: Option<String>,
    diagnostics: Vec<Diagnostic>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// Bytes of a message; what is longer quotes somebody's text.
const LONGEST: usize = 2_000;

/// A message without the middle of a long quotation: its end says what is wrong.
fn shortened(message: &str) -> String {
    if message.len() <= LONGEST {
        return message.to_owned();
    }
    let head = message.floor_char_boundary(LONGEST * 3 / 4);
    let tail = message.ceil_char_boundary(message.len() - LONGEST / 4);
    format!("{}…{}", &message[..head], &message[tail..])
}

impl Error {
    fn new(remedy: Remedy, code: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Body {
            remedy,
            code,
            state: SqlState::of_word(code),
            message: shortened(&veiled(&message.into())),
            place: None,
            mark: None,
            subject: None,
            hint: None,
            diagnostics: Vec::new(),
            source: None,
        }))
    }

    /// The call or its configuration is wrong.
    pub fn usage(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Remedy::Correct, code, message)
    }

    /// The documents or data are faulty.
    pub fn mend(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Remedy::Mend, code, message)
    }

    /// It could not be finished now.
    pub fn try_again(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Remedy::TryAgain, code, message)
    }

    /// The program itself failed half-way: its output is incomplete.
    pub fn panicked(message: &str) -> Self {
        match engine::is_about_offsets(message) {
            true => Self::too_large(),
            false => {
                let message = format!("Pactum failed, and the result is incomplete: {message}");
                Self::try_again("internal", message)
                    .hint("this is a fault of Pactum: report it with the command and its input")
            }
        }
    }

    /// Texts or lists that the engine cannot count.
    pub(crate) fn too_large() -> Self {
        Self::try_again("too-large", "a text or list, or those of one batch, pass 2 GiB")
            .hint("shorten the texts, or gather fewer of them in one value")
    }

    /// Reading or writing a path failed.
    pub fn io(path: &Path, error: std::io::Error) -> Self {
        let code = match error.kind() {
            std::io::ErrorKind::NotFound => "not-found",
            std::io::ErrorKind::PermissionDenied => "permission-denied",
            std::io::ErrorKind::StorageFull => "disk-full",
            _ => "io",
        };
        let remedy = match code {
            "not-found" => Remedy::Correct,
            _ => Remedy::TryAgain,
        };
        let words = error.to_string();
        let words = words.split(" (os error").next().unwrap_or_default().to_lowercase();
        let failed = Self::new(remedy, code, words).at(path.display().to_string());
        let failed = match code {
            "permission-denied" => failed.hint("check the permissions of this path"),
            "disk-full" => failed.hint("make room, then run again"),
            _ => failed,
        };
        failed.caused_by(error)
    }

    /// Documents with errors.
    pub fn invalid(diagnostics: Vec<Diagnostic>) -> Self {
        let first = diagnostics.iter().find(|d| d.severity == crate::diagnostic::Severity::Error);
        let message = first.map_or_else(|| "invalid document".to_owned(), |d| d.message.clone());
        let place = first.map(Diagnostic::position);
        let hint = first.and_then(|d| d.hint.clone());
        let mut error = Self::new(Remedy::Mend, "invalid-document", message);
        error.0.place = place;
        error.0.hint = hint;
        error.0.diagnostics = diagnostics;
        error
    }

    /// A copy without the cause.
    fn again(&self) -> Self {
        let Body {
            remedy,
            code,
            state,
            message,
            place,
            mark,
            subject,
            hint,
            diagnostics,
            source: _,
        } = &*self.0;
        Self(Box::new(Body {
            remedy: *remedy,
            code,
            state: *state,
            message: message.clone(),
            place: place.clone(),
            mark: *mark,
            subject: subject.clone(),
            hint: hint.clone(),
            diagnostics: diagnostics.clone(),
            source: None,
        }))
    }

    /// Sets the SQLSTATE.
    #[must_use]
    pub fn state(mut self, state: SqlState) -> Self {
        self.0.state = state;
        self
    }

    /// Sets where it is in the text of a query.
    #[must_use]
    pub fn marked(mut self, start: Position, end: Position) -> Self {
        self.0.mark = Some((start, end));
        self
    }

    /// Sets what it is about, for whoever knows the query's text.
    #[must_use]
    pub fn about(mut self, subject: Subject) -> Self {
        self.0.subject = Some(subject);
        self
    }

    /// Sets the place.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.0.place = Some(veiled(&place.into()).into_owned());
        self
    }

    /// Sets what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(veiled(&hint.into()).into_owned());
        self
    }

    /// Keeps the cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The error with the place that its message ends with, `… at Line: 3, Column: 8`, as its mark.
    #[must_use]
    pub fn with_told_place(mut self) -> Self {
        if let (words, Some(place)) = syntax::placed(&self.0.message) {
            self.0.message = words.to_owned();
            self.0.mark.get_or_insert((place, place));
        }
        self
    }

    /// The error with its place in a text of this name, where it has one there and no other.
    #[must_use]
    pub fn in_text(self, name: &str) -> Self {
        match (self.mark(), self.place()) {
            (Some(((line, column), _)), None) => self.at(format!("{name}:{line}:{column}")),
            _ => self,
        }
    }

    /// The error with what it is of before its message: `table 's.t' of release 3: the file is gone`.
    #[must_use]
    pub fn of(mut self, what: &str) -> Self {
        self.0.message = format!("{what}: {}", self.0.message);
        self
    }

    /// The error as it is told to readers who have no access to files: of its places, only one in their
    /// own text.
    #[must_use]
    pub fn for_readers(mut self) -> Self {
        if self.0.mark.is_none() {
            self.0.place = None;
        }
        if matches!(self.0.state, SqlState::DataCorrupted | SqlState::IoError) {
            self.0.hint = Some("tell the people who run the warehouse".to_owned());
        }
        self
    }

    /// Tells in its own words what another error is about, in the same place.
    #[must_use]
    pub fn in_place_of(mut self, other: Self) -> Self {
        self.0.mark = other.mark();
        self.0.subject = other.subject().cloned();
        self.caused_by(other)
    }

    /// Whether its words may quote a value of the data: those of the engine do.
    pub fn may_quote(&self) -> bool {
        matches!(self.code(), "execution" | "engine" | "data" | "parquet")
    }

    /// The error without words that may quote a value of the data: the engine's own do.
    #[must_use]
    pub fn without_values(self) -> Self {
        if !self.may_quote() {
            return self;
        }
        let kept = Self::new(self.remedy(), self.code(), UNTOLD).state(self.sqlstate());
        let kept = match self.place() {
            Some(place) => kept.at(place),
            None => kept,
        };
        kept.hint("--show-classified shows the reason, only to you")
    }

    /// The error with its message, place and hint rewritten, without the cause, which has the old
    /// words.
    #[must_use]
    pub fn reworded(mut self, words: impl Fn(&str) -> String) -> Self {
        let body = &mut self.0;
        let before = (body.message.clone(), body.place.clone(), body.hint.clone());
        body.message = words(&body.message);
        body.place = body.place.as_deref().map(&words);
        body.hint = body.hint.as_deref().map(&words);
        if before != (body.message.clone(), body.place.clone(), body.hint.clone()) {
            body.source = None;
        }
        self
    }

    /// What the caller can do.
    pub fn remedy(&self) -> Remedy {
        self.0.remedy
    }

    /// Stable word for the kind of error.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// The SQLSTATE that clients are told.
    pub fn sqlstate(&self) -> SqlState {
        self.0.state
    }

    /// Where it is in the text of a query, as far as that is known.
    pub fn mark(&self) -> Option<Positions> {
        self.0.mark
    }

    /// What it is about in the text of a query.
    pub fn subject(&self) -> Option<&Subject> {
        self.0.subject.as_ref()
    }

    /// What happened.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where.
    pub fn place(&self) -> Option<&str> {
        self.0.place.as_deref()
    }

    /// What to do next.
    pub fn next_step(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The diagnostics, where documents are at fault.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.0.diagnostics
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        match &self.0.place {
            Some(place) => write!(f, " ({place})"),
            None => Ok(()),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|e| e as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_quotation_loses_its_middle_and_the_message_keeps_its_end() {
        let text = "é".repeat(1_000_000);
        let error = Error::usage("sql", format!("numeric \"{text}\" has too many digits"));
        assert!(error.message().len() < 2 * LONGEST, "{}", error.message().len());
        assert!(error.message().starts_with("numeric \"é"), "{error}");
        assert!(error.message().ends_with("é\" has too many digits"), "{error}");
        let short = "a".repeat(LONGEST);
        assert_eq!(Error::usage("sql", short.clone()).message(), short);
    }

    #[test]
    fn readers_are_told_no_path() {
        let lost = Error::try_again("lost-file", "the file is gone").at("/srv/w/s/v1/t/a.parquet");
        let told = lost.of("table 's.t' of release 3").for_readers();
        assert_eq!(told.message(), "table 's.t' of release 3: the file is gone");
        assert_eq!((told.place(), told.sqlstate().code()), (None, "XX001"));
        let wrong = Error::usage("sql", "no").marked((1, 8), (1, 9)).in_text("query").for_readers();
        assert_eq!(wrong.place(), Some("query:1:8"));
    }

    #[test]
    fn words_of_the_engine_are_withheld_and_ones_own_are_not() {
        let error = || Error::usage("execution", "cannot cast string 'hush'").at("t.a");
        let told = error().caused_by(error()).without_values();
        assert_eq!((told.message(), told.place()), (UNTOLD, Some("t.a")));
        assert_eq!((told.code(), told.remedy()), ("execution", Remedy::Correct));
        assert!(told.source().is_none(), "the cause quotes it, too");
        let own = Error::mend("measure", "there is no value to measure");
        assert_eq!(own.without_values().message(), "there is no value to measure");
    }
}
