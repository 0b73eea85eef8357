//! The words of the table of keys: what a mapping is, what its keys hold, and since when.

use crate::diagnostic::Severity;

/// A minor version of the standard, `(major, minor)`.
pub type Since = (u64, u64);

pub(super) const V3_0: Since = (3, 0);
pub(super) const V3_1: Since = (3, 1);
pub(super) const V3_2: Since = (3, 2);

/// No version refuses other keys.
pub(super) const OPEN: Since = (u64::MAX, 0);

/// What a key may hold.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A string.
    Text,
    /// A string that names an element, of the characters of [`super::is_of_id`].
    Id,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A string, number or boolean.
    Scalar,
    /// Anything.
    Any,
    /// One of a closed set of words.
    Word(&'static [&'static str]),
    /// A list of one kind.
    List(&'static Kind),
    /// Two numbers, the smaller first.
    Pair,
    /// A mapping with known keys.
    Object(&'static Object),
    /// Whatever one of the two accepts; the first is tried on mappings.
    Either(&'static Kind, &'static Kind),
    /// A mapping of any keys.
    Mapping,
    /// What the standard wants there, though nothing is lost where a document holds something else.
    Soft(&'static Kind),
}

/// One key of a mapping.
#[derive(Debug)]
pub struct Field {
    /// The key.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: Required,
    /// First version of the standard that has it.
    pub since: Since,
}

/// Whether the standard requires a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Required {
    /// It may be absent.
    Never,
    /// Nothing can be said about the element without it.
    Always,
    /// From a version on.
    From(Since),
    /// Before a version; Pactum does without it, other tools refuse the document.
    Before(Since, Severity),
}

impl Required {
    /// How much its absence weighs in a document of a version.
    pub fn absent(self, declared: Since) -> Option<Severity> {
        match self {
            Self::Always => Some(Severity::Error),
            Self::From(since) if declared >= since => Some(Severity::Error),
            Self::Before(until, severity) if declared < until => Some(severity),
            _ => None,
        }
    }
}

/// A mapping and the keys that the standard gives it.
#[derive(Debug)]
pub struct Object {
    /// What a user would call it, such as `a column`.
    pub title: &'static str,
    /// First version of the standard that refuses other keys.
    pub closed: Since,
    /// Its keys.
    pub fields: &'static [Field],
}

impl Object {
    /// The field of a name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// The first version of the standard that has a key.
    pub fn since(&self, name: &str) -> Option<Since> {
        self.field(name).map(|field| field.since)
    }

    /// Whether it is a table, a column, or something inside one.
    pub fn is_of_data(&self) -> bool {
        self.field("physicalType").is_some()
    }
}

/// A key that may be absent, since 3.0.
pub(super) const fn f(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: Required::Never, since: V3_0 }
}

/// A key that must be there, since 3.0.
pub(super) const fn must(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: Required::Always, since: V3_0 }
}

/// A key that some versions require, since 3.0.
pub(super) const fn requires(name: &'static str, kind: Kind, required: Required) -> Field {
    Field { name, kind, required, since: V3_0 }
}

/// A key that may be absent, since 3.1.
pub(super) const fn v31(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: Required::Never, since: V3_1 }
}

/// A key that may be absent, since 3.2.
pub(super) const fn v32(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: Required::Never, since: V3_2 }
}
