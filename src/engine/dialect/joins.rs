//! Joins as they are written.

use datafusion::sql::sqlparser::ast::{Expr, JoinConstraint, JoinOperator};

/// What tells the rows that a join puts beside each other; `None` for a cross join, and for joins that
/// PostgreSQL does not have.
pub(super) fn constraint(operator: &JoinOperator) -> Option<&JoinConstraint> {
    use JoinOperator::{FullOuter, Inner, Join, Left, LeftOuter, Right, RightOuter};
    match operator {
        Join(constraint)
        | Inner(constraint)
        | Left(constraint)
        | LeftOuter(constraint)
        | Right(constraint)
        | RightOuter(constraint)
        | FullOuter(constraint) => Some(constraint),
        _ => None,
    }
}

/// The condition of a join that has ON.
pub(in crate::engine) fn condition(operator: &JoinOperator) -> Option<&Expr> {
    match constraint(operator) {
        Some(JoinConstraint::On(condition)) => Some(condition),
        _ => None,
    }
}
