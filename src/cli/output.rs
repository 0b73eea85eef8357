//! Standard output: colour only on a terminal, and a closed pipe is no error.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use crate::error::{Error, Result};

/// Standard output of one run.
#[derive(Debug)]
pub(super) struct Out {
    colour: bool,
    closed: AtomicBool,
    begun: AtomicBool,
}

impl Out {
    /// Looks at what standard output is.
    pub fn new() -> Self {
        let colour = std::io::stdout().is_terminal() && !no_colour();
        Self { colour, closed: AtomicBool::new(false), begun: AtomicBool::new(false) }
    }

    /// How to colour what goes to standard output.
    pub fn paint(&self) -> Paint {
        Paint { on: self.colour }
    }

    /// Whether standard error takes colour.
    pub fn err_colour(&self) -> bool {
        std::io::stderr().is_terminal() && !no_colour()
    }

    /// Notes that part of a result was written: an error can no longer be a document of its own.
    pub fn begin(&self) {
        self.begun.store(true, Ordering::Relaxed);
    }

    /// Whether part of a result was written.
    pub fn is_begun(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
    }

    /// Whether the reader has gone.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Writes a line.
    pub fn line(&self, text: impl AsRef<str>) -> Result<()> {
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "{}", text.as_ref()).map_err(|e| self.failed(e))
    }

    /// Writes a JSON document.
    pub fn json(&self, document: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string_pretty(document)
            .map_err(|e| Error::try_again("output", e.to_string()))?;
        self.line(text)
    }

    /// Notes why output ended.
    pub fn failed(&self, error: std::io::Error) -> Error {
        self.closed.store(error.kind() == std::io::ErrorKind::BrokenPipe, Ordering::Relaxed);
        Error::try_again("output", error.to_string()).caused_by(error)
    }

    /// Notes whether an encoder's error is a closed pipe.
    pub fn note(&self, error: Error) -> Error {
        use std::error::Error as _;
        let cause = error.source().and_then(|e| e.downcast_ref::<std::io::Error>());
        let broken = cause.is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe);
        self.closed.store(broken || error.message().contains("Broken pipe"), Ordering::Relaxed);
        if self.is_closed() { Error::try_again("output", "the reader has gone") } else { error }
    }
}

fn no_colour() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty())
}

/// Colours by meaning; plain text where colour is off.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    /// Whether to colour.
    pub on: bool,
}

impl Paint {
    fn wrap(self, code: &str, text: &str) -> String {
        if self.on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// Something failed.
    pub fn bad(self, text: &str) -> String {
        self.wrap("1;31", text)
    }

    /// Something to look at.
    pub fn warn(self, text: &str) -> String {
        self.wrap("33", text)
    }

    /// Something holds.
    pub fn good(self, text: &str) -> String {
        self.wrap("32", text)
    }

    /// A heading.
    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// Less important.
    pub fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }
}

/// `1 row`, `2 rows`.
pub(super) fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n), if n == 1 { one } else { many })
}

/// `1234567` as `1,234,567`.
pub(super) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
