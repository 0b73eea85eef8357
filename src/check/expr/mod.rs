//! Expressions: from clauses to what runs over the rows of one file.

pub(super) mod compile;
pub(super) mod dictionary;
pub(super) mod function;
pub(super) mod moments;
pub(super) mod nested;
pub(super) mod predicates;
pub(super) mod ranges;
pub(super) mod shown;
