//! What a caller can do about a failure: correct the call, mend the input, or try again. Causes
//! keep their path and source.

use std::error::Error as StdError;
use std::fmt;
use std::path::Path;

use crate::diagnostic::{Diagnostic, veiled};

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Replaces words that may quote a classified value.
pub const UNTOLD: &str =
    "it could not be evaluated; the reason is withheld because the columns are classified";

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
    message: String,
    place: Option<String>,
    hint: Option<String>,
    diagnostics: Vec<Diagnostic>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    fn new(remedy: Remedy, code: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Body {
            remedy,
            code,
            message: veiled(&message.into()).into_owned(),
            place: None,
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
        match is_about_offsets(message) {
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
        let Body { remedy, code, message, place, hint, diagnostics, source: _ } = &*self.0;
        Self(Box::new(Body {
            remedy: *remedy,
            code,
            message: message.clone(),
            place: place.clone(),
            hint: hint.clone(),
            diagnostics: diagnostics.clone(),
            source: None,
        }))
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
        let kept = Self::new(self.remedy(), self.code(), UNTOLD);
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

/// Our own error, wrapped by libraries: its message is what happened.
fn wrapped(error: &(dyn StdError + 'static)) -> Option<Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(ours) = error.downcast_ref::<Error>() {
            let Body { remedy, code, message, .. } = ours.0.as_ref();
            let mut again = Error::new(*remedy, code, message.clone());
            again.0.place = ours.0.place.clone();
            again.0.hint = ours.0.hint.clone();
            return Some(again);
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

impl From<datafusion::error::DataFusionError> for Error {
    fn from(error: datafusion::error::DataFusionError) -> Self {
        use datafusion::error::DataFusionError as D;
        if let Some(ours) = wrapped(&error) {
            return ours.caused_by(error);
        }
        let message = plain_message(&error);
        if let Some(panicked) = of_task(&error) {
            return Self::panicked(&panicked).caused_by(error);
        }
        match error.find_root() {
            _ if is_about_offsets(&message) => Self::too_large(),
            D::ResourcesExhausted(_) => Self::try_again("memory-limit", message)
                .hint("raise --memory-limit, or free space for spilling"),
            D::SQL(..) | D::Plan(_) | D::SchemaError(..) | D::NotImplemented(_) => {
                Self::usage("sql", message)
            }
            D::IoError(cause) => unstored(cause, message),
            D::ObjectStore(_) => Self::try_again("store", message),
            D::ArrowError(cause, _) => match &**cause {
                arrow::error::ArrowError::IoError(_, cause) => unstored(cause, message),
                _ => Self::usage("execution", message),
            },
            D::External(cause) => match cause.downcast_ref::<Self>() {
                // Our own words, on their way back through the engine.
                Some(own) => own.again(),
                None => Self::usage("execution", message),
            },
            D::Execution(_) => Self::usage("execution", message),
            _ => Self::try_again("engine", message),
        }
        .caused_by(error)
    }
}

/// The words of a task's panic that an operator passed on as an error.
fn of_task(error: &datafusion::error::DataFusionError) -> Option<String> {
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
fn is_about_offsets(message: &str) -> bool {
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

/// DataFusion's words without its wrapping and back traces.
pub fn plain_message(error: &datafusion::error::DataFusionError) -> String {
    let text = error.find_root().message().to_string();
    let text = text.split("\n\nbacktrace:").next().unwrap_or_default();
    let text = inner(text.trim()).trim_end_matches('.');
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        // A sentence starts in lower case here; an acronym stays.
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().collect::<String>() + &text[first.len_utf8()..]
        }
        _ => text.to_owned(),
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
        if is_about_offsets(&error.to_string()) {
            return Self::too_large().caused_by(error);
        }
        Self::mend("data", error.to_string()).caused_by(error)
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

#[cfg(test)]
mod tests {
    use super::*;

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
