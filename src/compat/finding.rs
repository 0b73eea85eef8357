//! A finding: one change of a contract, whom it breaks, and the step of version that it needs.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::diagnostic::{Meta, Severity, Source, Span};

/// What a change does to one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Nothing has to be done.
    Safe,
    /// It still works, but its meaning may change.
    Dangerous,
    /// It no longer works.
    Breaking,
}

impl Effect {
    /// The word of reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Dangerous => "dangerous",
            Self::Breaking => "breaking",
        }
    }
}

/// A step of a semantic version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bump {
    /// The version may stay.
    None,
    /// `1.2.3` to `1.2.4`.
    Patch,
    /// `1.2.3` to `1.3.0`.
    Minor,
    /// `1.2.3` to `2.0.0`.
    Major,
}

impl Bump {
    /// The word of reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

/// A place in one of the two documents.
#[derive(Debug, Clone)]
pub struct Place {
    /// The document.
    pub source: Arc<Source>,
    /// Where in it.
    pub span: Span,
}

impl Place {
    /// `file:line:column`, counted from one.
    pub fn position(&self) -> String {
        format!("{}:{}:{}", self.source.name, self.span.line, self.span.column)
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.position())
    }
}

/// What a consumer must read to be affected, by the names of the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touches {
    /// No reading consumer is affected.
    Nothing,
    /// Consumers that read anything of the contract.
    Contract,
    /// Consumers that read the table.
    Table(String),
    /// Consumers that read the column: table and column.
    Column(String, String),
}

/// Values that a column, or a field inside it, may hold now but not before.
#[derive(Debug, Clone)]
pub struct AddedValues {
    /// `table.column.field` by the names of the base.
    pub base: String,
    /// The same by the names of the head.
    pub head: String,
    /// The old ones.
    pub old: Vec<String>,
    /// The new ones.
    pub added: Vec<String>,
}

/// One change.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule.
    pub meta: &'static Meta,
    /// The contract's id.
    pub contract: String,
    /// What changed: `table`, `table.column`, or a key of the contract.
    pub element: String,
    /// What happened, lower case and without a full stop.
    pub message: String,
    /// The old value, as the base writes it.
    pub old: Option<String>,
    /// The new value, as the head writes it.
    pub new: Option<String>,
    /// What it does to readers: consumers' SQL.
    pub reader: Effect,
    /// What it does to the writer: the producer's code and existing files.
    pub writer: Effect,
    /// The least step of version that it needs, before mode and policy.
    pub bump: Bump,
    /// Where the base says it, or would.
    pub base: Option<Place>,
    /// Where the head says it, or would.
    pub head: Option<Place>,
    /// What a consumer must read to be affected.
    pub touches: Touches,
    /// The id of the clause that data can be checked against again.
    pub clause: Option<String>,
    /// Where allowed values were added: which, and to what.
    pub allowed: Option<AddedValues>,
    /// What to do next.
    pub hint: Option<String>,
}

impl Finding {
    /// Severity by what it needs: major fails a run unless the version allows it, minor is worth a
    /// look.
    pub fn severity(&self) -> Severity {
        match (self.reader.max(self.writer), self.bump) {
            (_, Bump::Major) => Severity::Error,
            (Effect::Breaking | Effect::Dangerous, _) => Severity::Warning,
            _ => Severity::Note,
        }
    }

    /// The old value and its place in the base.
    #[must_use]
    pub fn was(mut self, old: impl Into<Option<String>>, span: Span) -> Self {
        self.old = old.into();
        if let Some(place) = &mut self.base {
            place.span = span;
        }
        self
    }

    /// The new value and its place in the head.
    #[must_use]
    pub fn is(mut self, new: impl Into<Option<String>>, span: Span) -> Self {
        self.new = new.into();
        if let Some(place) = &mut self.head {
            place.span = span;
        }
        self
    }

    /// What it does to readers and to the writer, and the step that it needs.
    #[must_use]
    pub fn effect(mut self, reader: Effect, writer: Effect, bump: Bump) -> Self {
        (self.reader, self.writer, self.bump) = (reader, writer, bump);
        self
    }

    /// What a consumer must read to be affected.
    #[must_use]
    pub fn touching(mut self, touches: Touches) -> Self {
        self.touches = touches;
        self
    }

    /// The clause that data can be checked against again.
    #[must_use]
    pub fn of_clause(mut self, clause: impl Into<String>) -> Self {
        self.clause = Some(clause.into());
        self
    }

    /// What to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
