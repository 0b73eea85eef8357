//! Signs that the parser binds otherwise than PostgreSQL, and those that are functions.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CastKind, DataType, Expr, UnaryOperator, Value,
};

use super::quoted::call;

/// An expression with PostgreSQL's meaning of its first sign, before what is below it is looked at.
pub(super) fn rewritten(expression: &Expr) -> Option<Expr> {
    if let Some(found) = denied(expression) {
        return Some(found);
    }
    match expression {
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => minus(expr),
        Expr::UnaryOp { op: UnaryOperator::BitwiseNot, expr } => {
            let all = Expr::value(Value::Number("-1".to_owned(), false));
            let (left, right) = (expr.clone(), Box::new(all));
            Some(Expr::Nested(Box::new(Expr::BinaryOp {
                left,
                op: BinaryOperator::PGBitwiseXor,
                right,
            })))
        }
        Expr::UnaryOp { op: UnaryOperator::PGSquareRoot, expr } => {
            Some(call("sqrt", vec![double(expr)]))
        }
        Expr::UnaryOp { op: UnaryOperator::PGCubeRoot, expr } => {
            Some(call("cbrt", vec![double(expr)]))
        }
        Expr::Value(value) => match &value.value {
            Value::UnicodeStringLiteral(text) => {
                Some(Expr::value(Value::SingleQuotedString(text.clone())))
            }
            _ => None,
        },
        _ => None,
    }
}

/// NOT binds less closely than what stands behind EXISTS: `not exists (…) is null` is `not (exists (…) is null)`.
fn denied(expression: &Expr) -> Option<Expr> {
    let mut inner = expression.clone();
    let first = match &mut inner {
        Expr::IsNull(first)
        | Expr::IsNotNull(first)
        | Expr::IsTrue(first)
        | Expr::IsNotTrue(first)
        | Expr::IsFalse(first)
        | Expr::IsNotFalse(first)
        | Expr::IsUnknown(first)
        | Expr::IsNotUnknown(first)
        | Expr::IsDistinctFrom(first, _)
        | Expr::IsNotDistinctFrom(first, _) => first,
        Expr::Between { expr, .. } | Expr::InList { expr, .. } | Expr::InSubquery { expr, .. } => {
            expr
        }
        Expr::Cast { kind: CastKind::DoubleColon, expr, .. } => expr,
        Expr::BinaryOp { left, op, .. }
            if !matches!(op, BinaryOperator::And | BinaryOperator::Or) =>
        {
            left
        }
        _ => return None,
    };
    match first.as_mut() {
        Expr::Exists { negated, .. } if *negated => *negated = false,
        _ => return None,
    }
    Some(Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(inner) })
}

fn double(value: &Expr) -> Expr {
    let expr = Box::new(value.clone());
    let data_type = DataType::DoublePrecision;
    Expr::Cast { kind: CastKind::Cast, expr, data_type, array: false, format: None }
}

/// A minus binds closer than `^`: `-2 ^ 2` is 4.
fn minus(operand: &Expr) -> Option<Expr> {
    match operand {
        Expr::BinaryOp { left, op: BinaryOperator::PGExp, right } => {
            let left =
                Box::new(minus(left).unwrap_or_else(|| Expr::UnaryOp {
                    op: UnaryOperator::Minus,
                    expr: left.clone(),
                }));
            Some(Expr::BinaryOp { left, op: BinaryOperator::PGExp, right: right.clone() })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
    use datafusion::sql::sqlparser::parser::Parser;

    #[test]
    fn a_minus_binds_closer_than_a_power() {
        let parser = Parser::new(&PostgreSqlDialect {});
        let parsed = parser.try_with_sql("- x ^ 2 ^ 3").unwrap().parse_expr().unwrap();
        assert_eq!(rewritten(&parsed).unwrap().to_string(), "-x ^ 2 ^ 3");
        let Some(Expr::BinaryOp { left, .. }) = rewritten(&parsed) else { panic!("{parsed}") };
        assert!(matches!(*left, Expr::BinaryOp { .. }), "{left}");
        let nested = parser_of("-(x ^ 2)");
        assert!(rewritten(&nested).is_none());
    }

    fn parser_of(text: &str) -> Expr {
        Parser::new(&PostgreSqlDialect {}).try_with_sql(text).unwrap().parse_expr().unwrap()
    }
}
