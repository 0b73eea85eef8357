//! What the sides of an operator, or the values of a list, have in common.

use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::Operator;

use super::super::kinds::{Kind, type_name};
use super::typed::Typed;

/// Both sides as values of a kind.
pub(super) fn both(left: Typed, right: Typed, kind: Kind) -> Result<(Typed, Typed)> {
    Ok((left.cast_to_kind(kind)?, right.cast_to_kind(kind)?))
}

/// There is no such operator.
pub(super) fn missing<T>(op: Operator, left: &Typed, right: &Typed) -> Result<T> {
    plan_err!("operator does not exist: {}", shown(op, left, right))
}

pub(super) fn shown(op: Operator, left: &Typed, right: &Typed) -> String {
    let name = |side: &Typed| match side.kind {
        Kind::Unknown => Kind::Unknown.name().to_owned(),
        _ => type_name(&side.data_type),
    };
    let sign = match op {
        Operator::NotEq => "<>".to_owned(),
        // Both are comparisons for equality.
        Operator::IsDistinctFrom | Operator::IsNotDistinctFrom => "=".to_owned(),
        other => other.to_string(),
    };
    format!("{} {sign} {}", name(left), name(right))
}

/// The kind that all values have in common, as PostgreSQL's rules of UNION and CASE have it.
pub(super) fn common(what: &str, values: &[Typed]) -> Result<Kind> {
    let mut found = Kind::Unknown;
    let mut first = None;
    for value in values {
        match found.common(value.kind) {
            Some(kind) => found = kind,
            None => {
                let before = first.unwrap_or(value);
                return plan_err!(
                    "{what} types {} and {} cannot be matched",
                    type_of(before),
                    type_of(value)
                );
            }
        }
        if value.kind != Kind::Unknown && value.kind == found {
            first = Some(value);
        }
    }
    Ok(found)
}

pub(super) fn type_of(value: &Typed) -> String {
    type_name(&value.data_type)
}
