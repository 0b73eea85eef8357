//! Operators by the types of their sides.

use arrow::datatypes::DataType;
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, cast};

use super::super::intervals::span;
use super::super::kinds::{Kind, type_name};
use super::super::operators;
use super::super::texts;
use super::sides::{missing, shown};
use super::typed::Typed;
use super::{arrays, json};

/// An operator between two values.
///
/// # Errors
/// Where PostgreSQL has no such operator, and where a literal is not of the other side's type.
pub(super) fn operator(op: Operator, left: Typed, right: Typed) -> Result<Expr> {
    if matches!(op, Operator::And | Operator::Or) {
        let name = if op == Operator::And { "AND" } else { "OR" };
        let (left, right) = (boolean(left, name)?, boolean(right, name)?);
        return Ok(plain(op, left, right));
    }
    let is_array = left.kind == Kind::Array || right.kind == Kind::Array;
    if is_array && (is_comparison(op) || op == Operator::StringConcat) {
        return arrays::operator(op, left, right);
    }
    let is_json = |side: &Typed| matches!(side.kind, Kind::Json | Kind::Jsonb);
    if is_json(&left) || is_json(&right) {
        return json::operator(op, left, right);
    }
    if is_comparison(op) {
        let (left, right) = compared(op, left, right)?;
        return Ok(comparison(op, left, right));
    }
    match op {
        _ if op.is_numerical_operators() => calculated(op, left, right),
        Operator::StringConcat => joined(left, right),
        Operator::RegexMatch
        | Operator::RegexIMatch
        | Operator::RegexNotMatch
        | Operator::RegexNotIMatch
        | Operator::LikeMatch
        | Operator::ILikeMatch
        | Operator::NotLikeMatch
        | Operator::NotILikeMatch => {
            let is_text = |side: &Typed| matches!(side.kind, Kind::Text | Kind::Unknown);
            if !is_text(&left) || !is_text(&right) {
                return missing(op, &left, &right);
            }
            Ok(plain(op, left.expression, right.expression))
        }
        Operator::BitwiseAnd
        | Operator::BitwiseOr
        | Operator::BitwiseXor
        | Operator::BitwiseShiftLeft
        | Operator::BitwiseShiftRight => bits(op, left, right),
        _ => Ok(plain(op, left.expression, right.expression)),
    }
}

/// A value where one that is true or false must stand.
pub(super) fn boolean(value: Typed, clause: &str) -> Result<Expr> {
    match value.kind {
        Kind::Boolean => Ok(value.expression),
        Kind::Unknown => Ok(value.cast_to_kind(Kind::Boolean)?.expression),
        _ => plan_err!(
            "argument of {clause} must be type boolean, not type {}",
            type_name(&value.data_type)
        ),
    }
}

pub(super) fn is_comparison(op: Operator) -> bool {
    matches!(
        op,
        Operator::Eq
            | Operator::NotEq
            | Operator::Lt
            | Operator::LtEq
            | Operator::Gt
            | Operator::GtEq
            | Operator::IsDistinctFrom
            | Operator::IsNotDistinctFrom
    )
}

/// Both sides of a comparison in the kind that they are compared in.
pub(super) fn compared(op: Operator, left: Typed, right: Typed) -> Result<(Typed, Typed)> {
    let Some(kind) = left.kind.operand(right.kind) else { return missing(op, &left, &right) };
    match kind {
        Kind::Json | Kind::Jsonb => missing(op, &left, &right),
        // Whole numbers and numerics are compared as they are.
        Kind::Numeric | Kind::SmallInt | Kind::Integer | Kind::BigInt => {
            Ok((known(left, kind)?, known(right, kind)?))
        }
        Kind::Unknown | Kind::Array | Kind::Record | Kind::Other => Ok((left, right)),
        Kind::Timestamp | Kind::Timestamptz
            if left.kind == Kind::Date || right.kind == Kind::Date =>
        {
            super::days::beside(op, left, right, kind)
        }
        _ => match (left.kind == kind, right.kind == kind) {
            (true, false) => {
                let right = as_other(right, &left, kind)?;
                Ok((left, right))
            }
            (false, true) => {
                let left = as_other(left, &right, kind)?;
                Ok((left, right))
            }
            _ => Ok((left.cast_to_kind(kind)?, right.cast_to_kind(kind)?)),
        },
    }
}

/// A value as one of the other side's very type, where that is a type of this kind; so a column in another
/// unit of time, or of longer texts, is not cast.
fn as_other(value: Typed, other: &Typed, kind: Kind) -> Result<Typed> {
    let is_literal = value.kind == Kind::Unknown;
    match kind {
        Kind::Text => value.cast_to_kind(kind),
        _ if is_literal && kind != Kind::Interval => {
            value.cast_to_kind(kind)?.cast_to(&other.data_type)
        }
        _ => value.cast_to_kind(kind),
    }
}

/// A literal of unknown type as one of a kind; every other value as it is.
fn known(value: Typed, kind: Kind) -> Result<Typed> {
    match value.kind {
        Kind::Unknown => value.cast_to_kind(kind),
        _ => Ok(value),
    }
}

/// A comparison of values of one kind.
pub(super) fn comparison(op: Operator, left: Typed, right: Typed) -> Expr {
    match (left.kind, right.kind) {
        (Kind::Interval, Kind::Interval) => {
            plain(op, span(left.expression), span(right.expression))
        }
        _ => plain(op, left.expression, right.expression),
    }
}

fn calculated(op: Operator, left: Typed, right: Typed) -> Result<Expr> {
    let (left, right) = sides(op, left, right)?;
    if left.kind.is_number() && right.kind.is_number() {
        let Some(kind) = left.kind.operand(right.kind) else { return missing(op, &left, &right) };
        if op == Operator::Modulo && kind.is_float() {
            return missing(op, &left, &right);
        }
        let (left, right) = match kind.is_float() {
            true => (left.cast_to_kind(kind)?, right.cast_to_kind(kind)?),
            false => (usual(left)?, usual(right)?),
        };
        return Ok(settled(op, left, right));
    }
    use Kind::{Date, Integer, Interval, SmallInt, Time, Timestamp, Timestamptz};
    let exists = match (op, left.kind, right.kind) {
        (Operator::Plus | Operator::Minus, Date, SmallInt | Integer)
        | (Operator::Plus, SmallInt | Integer, Date) => true,
        (
            Operator::Plus | Operator::Minus,
            Date | Timestamp | Timestamptz | Time | Interval,
            Interval,
        )
        | (Operator::Plus, Interval, Date | Timestamp | Timestamptz | Time) => true,
        (Operator::Minus, Time, Time) => true,
        (Operator::Plus, Date, Time) | (Operator::Plus, Time, Date) => true,
        (Operator::Minus, Date | Timestamp | Timestamptz, Date | Timestamp | Timestamptz) => true,
        (Operator::Multiply | Operator::Divide, Interval, number)
        | (Operator::Multiply, number, Interval) => number.is_number(),
        _ => false,
    };
    let is_count = op == Operator::Minus && left.kind == Date && right.kind == Date;
    match exists {
        true if is_count => Ok(cast(settled(op, left, right), DataType::Int32)),
        true => Ok(settled(op, left, right)),
        false => missing(op, &left, &right),
    }
}

fn settled(op: Operator, left: Typed, right: Typed) -> Expr {
    let (left_type, right_type) = (left.data_type, right.data_type);
    operators::settled(op, (left.expression, &left_type), (right.expression, &right_type))
}

/// A number in one of PostgreSQL's types: there are none without a sign.
fn usual(number: Typed) -> Result<Typed> {
    match number.kind.data_type() {
        Some(wanted) => number.cast_to(&wanted),
        None => Ok(number),
    }
}

/// Both sides of a calculation, a literal of unknown type as one of the other's.
fn sides(op: Operator, left: Typed, right: Typed) -> Result<(Typed, Typed)> {
    use Kind::{Date, Double, Interval, Time, Timestamp, Timestamptz, Unknown};
    let of = |other: Kind| match (op, other) {
        (Operator::Plus, Timestamp | Timestamptz) => Some(Interval),
        (Operator::Multiply | Operator::Divide, Interval) => Some(Double),
        (Operator::Plus | Operator::Minus, Interval) => Some(Interval),
        (Operator::Minus, Date | Timestamp | Timestamptz) => Some(other),
        (_, Time) => None,
        (_, number) if number.is_number() => Some(number),
        _ => None,
    };
    let found = match (left.kind, right.kind) {
        (Unknown, Unknown) => None,
        (Unknown, other) => of(other),
        (other, Unknown) => of(other),
        _ => return Ok((left, right)),
    };
    let Some(kind) = found else {
        return plan_err!("operator is not unique: {}", shown(op, &left, &right));
    };
    match left.kind {
        Unknown => Ok((left.cast_to_kind(kind)?, right)),
        _ => Ok((left, right.cast_to_kind(kind)?)),
    }
}

/// `||`: one side at least is a text.
fn joined(left: Typed, right: Typed) -> Result<Expr> {
    let op = Operator::StringConcat;
    let is_plain = |side: &Typed| matches!(side.kind, Kind::Text | Kind::Unknown);
    match (left.kind, right.kind) {
        (Kind::Array | Kind::Record | Kind::Other | Kind::Bytea, _)
        | (_, Kind::Array | Kind::Record | Kind::Other | Kind::Bytea) => {
            Ok(plain(op, left.expression, right.expression))
        }
        _ if !is_plain(&left) && !is_plain(&right) => missing(op, &left, &right),
        _ => {
            let spelled = |side: Typed| match is_plain(&side) {
                true => side.expression,
                false => texts::text(side.expression),
            };
            Ok(plain(op, spelled(left), spelled(right)))
        }
    }
}

fn bits(op: Operator, left: Typed, right: Typed) -> Result<Expr> {
    let is_open = |side: &Typed| side.kind.is_whole() || side.kind == Kind::Unknown;
    let both_unknown = left.kind == Kind::Unknown && right.kind == Kind::Unknown;
    if !is_open(&left) || !is_open(&right) || both_unknown {
        return missing(op, &left, &right);
    }
    let kind = match (left.kind, right.kind) {
        (Kind::Unknown, kind) | (kind, Kind::Unknown) => kind,
        (left, right) => left.max(right),
    };
    let is_shift = matches!(op, Operator::BitwiseShiftLeft | Operator::BitwiseShiftRight);
    let right_kind = if is_shift { left.kind.max(Kind::SmallInt) } else { kind };
    let left_kind = if is_shift { left.kind.max(Kind::SmallInt) } else { kind };
    let (left, right) = (left.cast_to_kind(left_kind)?, right.cast_to_kind(right_kind)?);
    Ok(plain(op, left.expression, right.expression))
}

fn plain(op: Operator, left: Expr, right: Expr) -> Expr {
    Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right)))
}
