//! Standard output: colour only on a terminal, and a closed pipe is not an error.

use std::borrow::Cow;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use serde::Serialize;

use crate::error::{Error, Result};

/// Standard output of one run.
#[derive(Debug)]
pub(super) struct Out {
    colour: bool,
    closed: AtomicBool,
    begun: AtomicBool,
    verdict: AtomicU8,
}

impl Out {
    /// Inspects standard output.
    pub fn new() -> Self {
        let colour = std::io::stdout().is_terminal() && !no_colour();
        Self {
            colour,
            closed: AtomicBool::new(false),
            begun: AtomicBool::new(false),
            verdict: AtomicU8::new(0),
        }
    }

    /// How to colour standard output.
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

    /// Notes the exit code of the work before output begins: it holds even if the reader leaves
    /// half-way.
    pub fn decide(&self, code: u8) -> u8 {
        self.verdict.store(code, Ordering::Relaxed);
        code
    }

    /// The exit code of the work.
    pub fn verdict(&self) -> u8 {
        self.verdict.load(Ordering::Relaxed)
    }

    /// Writes a line for people.
    pub fn line(&self, text: impl AsRef<str>) -> Result<()> {
        self.document(without_controls(text.as_ref(), self.colour))
    }

    /// Writes one line for people: characters that would begin another are escaped.
    pub fn row(&self, text: impl AsRef<str>) -> Result<()> {
        self.line(text.as_ref().replace('\n', "\\n"))
    }

    /// Writes a document for programs, as it is.
    pub fn document(&self, text: impl AsRef<str>) -> Result<()> {
        self.begin();
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "{}", text.as_ref()).map_err(|e| self.failed(e))
    }

    /// Writes a JSON document.
    pub fn json(&self, document: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string_pretty(document)
            .map_err(|e| Error::try_again("output", e.to_string()))?;
        self.document(text)
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

/// A text that cannot move the cursor or hide anything: documents and data are shown, not obeyed.
/// Our own colours pass.
fn without_controls(text: &str, colours: bool) -> Cow<'_, str> {
    let passes = |c: char| c == '\n' || c == '\t' || !is_hidden(c);
    if text.chars().all(passes) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let many = colour(rest).filter(|_| colours).unwrap_or_default();
        match many {
            0 if !passes(c) => plain.extend(c.escape_default()),
            0 => plain.push(c),
            many => plain.push_str(&rest[..many]),
        }
        rest = &rest[many.max(c.len_utf8())..];
    }
    Cow::Owned(plain)
}

/// The bytes of the colour that a text begins with.
fn colour(text: &str) -> Option<usize> {
    let codes = text.strip_prefix("\x1b[")?;
    let end = codes.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    // Colours and weights; nothing that conceals, blinks or reverses.
    let shows = |code: &str| matches!(code, "" | "0" | "1" | "2" | "22" | "39") || is_colour(code);
    (codes[end..].starts_with('m') && codes[..end].split(';').all(shows)).then_some(end + 3)
}

fn is_colour(code: &str) -> bool {
    code.parse().is_ok_and(|code: u8| matches!(code, 30..=37 | 90..=97))
}

/// Whether a character is invisible and changes how others are shown.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}' | '\u{feff}'
        )
}

/// Text of data on one line: characters that hide or move something are escaped.
pub(super) fn printable(text: &str) -> String {
    let shown = |c: char| match is_hidden(c) {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    text.chars().map(shown).collect()
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
