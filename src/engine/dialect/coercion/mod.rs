//! PostgreSQL's coercion: what an expression means by the types of its parts. It comes before the engine's,
//! which compares numbers with texts and knows times to the nanosecond only.
//!
//! Literals are cast here and now where they can be: a bare column beside a literal stays bare, so that
//! files and row groups are still left out by their statistics.

mod arguments;
mod arrays;
mod branches;
mod casts;
mod columns;
mod days;
mod dimensions;
mod expressions;
mod json;
mod operands;
mod overloaded;
mod plans;
mod recursion;
mod sides;
mod subqueries;
mod typed;

pub(super) use casts::converted;
pub(super) use expressions::settled;
pub(super) use plans::Coercion;
pub(super) use subqueries::is_unwanted;
