//! Where a query lists the values of a column: CASE without ELSE, IN.

use std::collections::BTreeSet;

use datafusion::common::{Column, ScalarValue};
use datafusion::logical_expr::{Expr, Operator};

/// A list of a column's values in a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listing {
    /// CASE without ELSE: any other value becomes NULL.
    Case(BTreeSet<String>),
    /// IN: any other value is passed over.
    In(BTreeSet<String>),
}

/// The column and the values that an expression lists.
pub(super) fn listing(expression: &Expr) -> Option<(&Column, Listing)> {
    match expression {
        Expr::Case(case) if case.else_expr.is_none() => {
            let mut when = case.when_then_expr.iter().map(|(when, _)| when.as_ref());
            if let Some(of) = &case.expr {
                let values = when.map(literal).collect::<Option<_>>()?;
                return Some((column(of)?, Listing::Case(values)));
            }
            let (of, mut all) = listed(when.next()?)?;
            for condition in when {
                // Whoever asks of anything else has more in mind than the values.
                let (other, values) = listed(condition)?;
                (other == of).then(|| all.extend(values))?;
            }
            Some((of, Listing::Case(all)))
        }
        // Who asks for one value has chosen it.
        other => {
            let (of, values) = listed(other)?;
            (values.len() > 1).then_some((of, Listing::In(values)))
        }
    }
}

/// `c = 'x'`, `c in ('x', 'y')`, and one or the other of them, of one column.
fn listed(expression: &Expr) -> Option<(&Column, BTreeSet<String>)> {
    match expression {
        Expr::InList(list) if !list.negated => {
            Some((column(&list.expr)?, list.list.iter().map(literal).collect::<Option<_>>()?))
        }
        Expr::BinaryExpr(binary) if binary.op == Operator::Or => {
            let (of, mut values) = listed(&binary.left)?;
            let (other, more) = listed(&binary.right)?;
            values.extend(more);
            (of == other).then_some((of, values))
        }
        Expr::BinaryExpr(binary) if binary.op == Operator::Eq => {
            let (left, right) = (binary.left.as_ref(), binary.right.as_ref());
            match (column(left), literal(right), column(right), literal(left)) {
                (Some(of), Some(value), ..) | (.., Some(of), Some(value)) => {
                    Some((of, BTreeSet::from([value])))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn column(expression: &Expr) -> Option<&Column> {
    match expression {
        Expr::Column(column) => Some(column),
        Expr::Cast(cast) => column(&cast.expr),
        Expr::Alias(alias) => column(&alias.expr),
        _ => None,
    }
}

/// A literal as JSON would write it, as contracts' values are compared.
fn literal(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Literal(ScalarValue::Utf8(Some(text)), _)
        | Expr::Literal(ScalarValue::LargeUtf8(Some(text)), _)
        | Expr::Literal(ScalarValue::Utf8View(Some(text)), _) => {
            Some(serde_json::Value::from(text.as_str()).to_string())
        }
        Expr::Literal(value, _) if !value.is_null() => Some(value.to_string()),
        Expr::Cast(cast) => literal(&cast.expr),
        _ => None,
    }
}
