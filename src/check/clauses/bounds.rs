//! `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`.
//!
//! A bound is read as a value of the column's own type and compared there; no value is cast.
//! NaN and infinities fail every bound, unless `allowNaN: true` sets NaN outside; `-0.0` is `0.0`.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::logical_expr::Expr;
use datafusion::prelude::lit;

use crate::check::expr::function::tested;
use crate::check::expr::moments::{Edge, Moments};
use crate::check::expr::ranges::outside;
use crate::check::plan::clause::{Clause, Limit, Proof, RowTest, Test};
use crate::contract::decimal::Decimal;
use crate::contract::model::{Column, LogicalType};
use crate::contract::types::{Kept, instead, kept, plain};
use crate::contract::yaml::Node;
use crate::engine::literal::{Number, number, scalar, scale_of};

use super::floats::{counted_apart, float};
use super::planning::Planning;

/// Why NaN fails.
const NAN: &str = "NaN is outside every bound, unless custom property allowNaN: true admits it";
/// Why infinities fail.
const INFINITE: &str = "infinite values are outside every bound, whatever their sign";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Low,
    High,
}

const BOUNDS: &[(&str, Side, bool, &str)] = &[
    ("minimum", Side::Low, false, "≥"),
    ("maximum", Side::High, false, "≤"),
    ("exclusiveMinimum", Side::Low, true, ">"),
    ("exclusiveMaximum", Side::High, true, "<"),
];

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    let ordered = matches!(
        column.logical_type.as_ref().map(|t| t.value),
        Some(
            LogicalType::Integer
                | LogicalType::Number
                | LogicalType::Date
                | LogicalType::Timestamp
                | LogicalType::Time
        )
    );
    if !ordered {
        return;
    }
    for (kind, side, strict, sign) in BOUNDS {
        let Some(node) = column.options.get(kind) else { continue };
        let expected = format!("{sign} {}", node.scalar_text().unwrap_or_default());
        let test = test(column, node.clone(), *side, *strict);
        out.push(Clause::new(
            planning.table,
            Some(column),
            kind,
            node.span,
            expected,
            Test::Rows(test),
        ));
    }
}

fn test(column: &Column, node: Node, side: Side, strict: bool) -> RowTest {
    if kept(column) == Some(Kept::Text) {
        return of_texts(column, node, side, strict);
    }
    let owned = column.clone();
    let proof = proof(column, node.clone(), side, strict);
    let allow_nan = column.allow_nan;
    let test =
        RowTest::new(column, move |value, data_type| match number(&node, &owned, data_type)? {
            Number::Float(text) => {
                Ok(float_fails(value, data_type, &text, side, strict, allow_nan))
            }
            Number::Exact(bound) => Ok(exact_fails(value, &plain(data_type), bound, side, strict)),
        });
    counted_apart(test.proven_by(proof), (!allow_nan).then_some(NAN), INFINITE)
}

/// The bound of points in time that files keep as text. A text that is none has failed its type.
fn of_texts(column: &Column, node: Node, side: Side, strict: bool) -> RowTest {
    let owned = column.clone();
    RowTest::new(column, move |value, data_type| {
        let edge = match side {
            Side::Low => Edge::Low { strict },
            Side::High => Edge::High { strict },
        };
        let text = node.scalar_text().unwrap_or_default();
        let test = Moments::of(&owned)?.within(edge, &text)?;
        match plain(data_type) {
            DataType::Utf8 => Ok(!tested(test, value)),
            other => Err(instead(&other, "text")),
        }
    })
}

/// What a footer must say for every row to pass.
fn proof(column: &Column, node: Node, side: Side, strict: bool) -> Proof {
    let owned = column.clone();
    let limit: Limit = Arc::new(move |data_type| {
        let Ok(Number::Exact(bound)) = number(&node, &owned, data_type) else { return None };
        scalar(limit_of(bound, scale_of(data_type)?, side, strict)?, data_type)
    });
    match side {
        Side::Low => Proof::AtLeast(limit),
        Side::High => Proof::AtMost(limit),
    }
}

/// The least good value (or the greatest) in units of a type.
fn limit_of(bound: Decimal, scale: i32, side: Side, strict: bool) -> Option<i128> {
    match (side, strict) {
        (Side::Low, false) => bound.ceil_at(scale),
        (Side::Low, true) => bound.floor_at(scale).map(|units| units.saturating_add(1)),
        (Side::High, false) => bound.floor_at(scale),
        (Side::High, true) => bound.ceil_at(scale).map(|units| units.saturating_sub(1)),
    }
}

/// Moves the bound to whole units of the type, so that every comparison is exact.
fn exact_fails(
    value: &Expr,
    data_type: &DataType,
    bound: Decimal,
    side: Side,
    strict: bool,
) -> Expr {
    let Some(scale) = scale_of(data_type) else { return lit(false) };
    let limit = limit_of(bound, scale, side, strict);
    // A limit beyond the type's range fails every value, or none.
    let beyond = match limit {
        None => !bound.is_negative(),
        Some(units) => units > 0,
    };
    match limit.and_then(|units| scalar(units, data_type)) {
        Some(limit) => outside(value, limit, side == Side::Low, false, false),
        None if beyond == (side == Side::Low) => value.clone().is_not_null(),
        None => lit(false),
    }
}

fn float_fails(
    value: &Expr,
    data_type: &DataType,
    bound: &str,
    side: Side,
    strict: bool,
    allow_nan: bool,
) -> Expr {
    outside(value, float(bound, data_type), side == Side::Low, strict, allow_nan)
}
