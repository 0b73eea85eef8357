//! Foreign keys.

use crate::diagnostic::Span;

use super::spanned::Spanned;

/// A foreign key.
#[derive(Debug, Clone)]
pub struct Relationship {
    /// `id`.
    pub id: Option<String>,
    /// References of the child's columns; empty at column level.
    pub from: Vec<Spanned<String>>,
    /// References of the parent's columns.
    pub to: Vec<Spanned<String>>,
    /// What tells its clause from another of its element that would have the same id.
    pub twin: Option<String>,
    /// The place of the relationship.
    pub span: Span,
}
