//! A value that knows its place.

use crate::diagnostic::Span;

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place in the contract's document.
    pub span: Span,
}
