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
            let when = case.when_then_expr.iter().map(|(when, _)| when.as_ref());
            match &case.expr {
                Some(of) => {
                    let values = when.filter_map(literal).collect();
                    Some((column(of)?, Listing::Case(values)))
                }
                // CASE WHEN c = 'x' …: of the first column that is compared.
                None => {
                    let compared: Vec<(&Column, String)> = when.filter_map(equal).collect();
                    let (of, _) = compared.first()?;
                    let of = *of;
                    let same = compared.iter().filter(|(c, _)| *c == of);
                    Some((of, Listing::Case(same.map(|(_, v)| v.clone()).collect())))
                }
            }
        }
        Expr::InList(list) if !list.negated => {
            let values: BTreeSet<String> = list.list.iter().filter_map(literal).collect();
            (!values.is_empty()).then_some(())?;
            Some((column(&list.expr)?, Listing::In(values)))
        }
        _ => None,
    }
}

/// `column = 'x'`, either way round.
fn equal(expression: &Expr) -> Option<(&Column, String)> {
    let Expr::BinaryExpr(binary) = expression else { return None };
    if binary.op != Operator::Eq {
        return None;
    }
    let pair = |a: &'_ Expr, b: &'_ Expr| Some((column(a).is_some(), literal(b)?));
    match (pair(&binary.left, &binary.right), pair(&binary.right, &binary.left)) {
        (Some((true, value)), _) => Some((column(&binary.left)?, value)),
        (_, Some((true, value))) => Some((column(&binary.right)?, value)),
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
