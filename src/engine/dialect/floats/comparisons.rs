//! Comparisons of floats in the total order of their bits, with PostgreSQL's answer.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};

use super::canonical::canonical;

/// A comparison; what is none stays.
pub(super) fn exact(both: BinaryExpr) -> Expr {
    use Operator::{Eq, Gt, GtEq, IsDistinctFrom, IsNotDistinctFrom, Lt, LtEq, NotEq};
    let BinaryExpr { left, op, right } = both;
    match op {
        Eq | NotEq | Lt | LtEq | Gt | GtEq => {}
        IsDistinctFrom | IsNotDistinctFrom => {
            return compare(canonical(*left), op, canonical(*right));
        }
        _ => return compare(*left, op, *right),
    }
    match (finite(&left), finite(&right), op.swap()) {
        (None, Some(bound), _) => ordered(*left, op, &bound),
        (Some(bound), None, Some(op)) => ordered(*right, op, &bound),
        _ => compare(canonical(*left), op, canonical(*right)),
    }
}

fn compare(left: Expr, op: Operator, right: Expr) -> Expr {
    Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right)))
}

/// A literal that is a number.
fn finite(expression: &Expr) -> Option<ScalarValue> {
    match expression {
        Expr::Literal(value @ ScalarValue::Float64(Some(found)), _) if found.is_finite() => {
            Some(value.clone())
        }
        Expr::Literal(value @ ScalarValue::Float32(Some(found)), _) if found.is_finite() => {
            Some(value.clone())
        }
        _ => None,
    }
}

/// The zeros of a literal that is one: that with a sign, and that without.
fn zeros(value: &ScalarValue) -> Option<(ScalarValue, ScalarValue)> {
    match value {
        ScalarValue::Float64(Some(0.0)) => {
            Some((ScalarValue::from(-0.0_f64), ScalarValue::from(0.0_f64)))
        }
        ScalarValue::Float32(Some(0.0)) => {
            Some((ScalarValue::from(-0.0_f32), ScalarValue::from(0.0_f32)))
        }
        _ => None,
    }
}

/// What only NaN with a sign is less than.
fn least(like: &ScalarValue) -> Expr {
    let value = match like {
        ScalarValue::Float32(_) => ScalarValue::from(f32::NEG_INFINITY),
        _ => ScalarValue::from(f64::NEG_INFINITY),
    };
    Expr::Literal(value, None)
}

/// A value beside a number, in the order of bits.
fn ordered(value: Expr, op: Operator, bound: &ScalarValue) -> Expr {
    let literal = |value: ScalarValue| Expr::Literal(value, None);
    let (low, high) = match zeros(bound) {
        Some((low, high)) => (literal(low), literal(high)),
        None => (literal(bound.clone()), literal(bound.clone())),
    };
    let is_one = low == high;
    let twin = value.clone();
    match op {
        Operator::Lt => compare(value, op, low).and(compare(twin, Operator::GtEq, least(bound))),
        Operator::LtEq => compare(value, op, high).and(compare(twin, Operator::GtEq, least(bound))),
        Operator::Gt => compare(value, op, high).or(compare(twin, Operator::Lt, least(bound))),
        Operator::GtEq => compare(value, op, low).or(compare(twin, Operator::Lt, least(bound))),
        _ if is_one => compare(value, op, high),
        Operator::NotEq => compare(value, Operator::Lt, low).or(compare(twin, Operator::Gt, high)),
        _ => compare(value, Operator::GtEq, low).and(compare(twin, Operator::LtEq, high)),
    }
}

/// A list of numbers leaves its column bare.
pub(super) fn in_list(list: InList) -> Expr {
    let InList { expr, list, negated } = list;
    if list.iter().any(|item| finite(item).is_none()) {
        let list = list.into_iter().map(canonical).collect();
        return Expr::InList(InList::new(Box::new(canonical(*expr)), list, negated));
    }
    let both = |item: Expr| match finite(&item).as_ref().and_then(zeros) {
        Some((low, high)) => vec![Expr::Literal(low, None), Expr::Literal(high, None)],
        None => vec![item],
    };
    let list = list.into_iter().flat_map(both).collect();
    Expr::InList(InList::new(expr, list, negated))
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::logical_expr::{col, lit};

    fn shown(left: Expr, op: Operator, right: Expr) -> String {
        exact(BinaryExpr::new(Box::new(left), op, Box::new(right))).to_string()
    }

    #[test]
    fn a_column_beside_a_number_stays_bare() {
        assert_eq!(
            shown(col("x"), Operator::Lt, lit(1.5)),
            "x < Float64(1.5) AND x >= Float64(-inf)"
        );
        assert_eq!(
            shown(lit(1.5), Operator::Lt, col("x")),
            "x > Float64(1.5) OR x < Float64(-inf)"
        );
        assert_eq!(shown(col("x"), Operator::Eq, lit(1.5)), "x = Float64(1.5)");
        assert_eq!(
            shown(col("x"), Operator::Eq, lit(-0.0)),
            "x >= Float64(-0) AND x <= Float64(0)"
        );
        assert_eq!(
            shown(col("x"), Operator::GtEq, lit(0.0)),
            "x >= Float64(-0) OR x < Float64(-inf)"
        );
    }

    #[test]
    fn everything_else_is_canonical() {
        assert_eq!(shown(col("x"), Operator::Eq, col("y")), "canonical(x) = canonical(y)");
        assert_eq!(shown(col("x"), Operator::Gt, lit(f64::NAN)), "canonical(x) > Float64(NaN)");
    }
}
