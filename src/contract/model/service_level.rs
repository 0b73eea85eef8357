//! Service levels.

use crate::diagnostic::Span;

use super::spanned::Spanned;

/// An entry of `slaProperties`.
#[derive(Debug, Clone)]
pub struct Sla {
    /// `id`.
    pub id: Option<String>,
    /// `property` as written.
    pub property: String,
    /// `value`, as text.
    pub value: Option<String>,
    /// `unit`.
    pub unit: Option<String>,
    /// `element`.
    pub element: Option<Spanned<String>>,
    /// `driver`.
    pub driver: Option<String>,
    /// The place of the entry.
    pub span: Span,
}
