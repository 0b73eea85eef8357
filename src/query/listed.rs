//! Where a query lists the values of a column: CASE without ELSE, conditions with IN.

use std::collections::BTreeSet;

use datafusion::common::{Column, ScalarValue};
use datafusion::logical_expr::{Expr, Operator};

/// A list of a column's values in a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listing {
    /// CASE without ELSE: any other value becomes NULL.
    Case(BTreeSet<String>),
    /// IN: any other value is skipped.
    In(BTreeSet<String>),
}

/// A column, or a field inside it, whose values a query lists.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Listed<'a> {
    /// The column.
    pub column: &'a Column,
    /// Whether it belongs to the enclosing query.
    pub is_outer: bool,
    /// The fields inside it that lead to the values, outermost first; none for the column itself.
    pub path: Vec<&'a str>,
}

/// What a CASE without ELSE lists: conditions on values of one column and nothing else.
pub(super) fn listed_by_case(expression: &Expr) -> Option<(Listed<'_>, BTreeSet<String>)> {
    let Expr::Case(case) = expression else { return None };
    if case.else_expr.as_ref().is_some_and(|e| !is_null(e)) {
        return None;
    }
    let mut when = case.when_then_expr.iter().map(|(when, _)| when.as_ref());
    if let Some(of) = &case.expr {
        return Some((listed(of)?, when.map(literal).collect::<Option<_>>()?));
    }
    let (of, mut all) = asked(when.next()?)?;
    for condition in when {
        // Other conditions mean more than the values.
        let (other, values) = asked(condition)?;
        (other == of).then(|| all.extend(values))?;
    }
    Some((of, all))
}

/// What a condition on rows lists: IN, or equalities joined by OR.
pub(super) fn listed_by_condition(condition: &Expr) -> Option<(Listed<'_>, BTreeSet<String>)> {
    // Asking for one value is a choice.
    asked(condition).filter(|(_, values)| values.len() > 1)
}

/// `c = 'x'`, `c in ('x', 'y')`, and one or the other of them, of one column.
fn asked(expression: &Expr) -> Option<(Listed<'_>, BTreeSet<String>)> {
    match expression {
        Expr::InList(list) if !list.negated => {
            Some((listed(&list.expr)?, list.list.iter().map(literal).collect::<Option<_>>()?))
        }
        Expr::BinaryExpr(binary) if binary.op == Operator::Or => {
            let (of, mut values) = asked(&binary.left)?;
            let (other, more) = asked(&binary.right)?;
            values.extend(more);
            (of == other).then_some((of, values))
        }
        Expr::BinaryExpr(binary) if binary.op == Operator::Eq => {
            let (left, right) = (binary.left.as_ref(), binary.right.as_ref());
            match (listed(left), literal(right), listed(right), literal(left)) {
                (Some(of), Some(value), ..) | (.., Some(of), Some(value)) => {
                    Some((of, BTreeSet::from([value])))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn is_null(expression: &Expr) -> bool {
    match expression {
        Expr::Literal(value, _) => value.is_null(),
        Expr::Cast(cast) => is_null(&cast.expr),
        _ => false,
    }
}

fn listed(expression: &Expr) -> Option<Listed<'_>> {
    let plain = |column, is_outer| Some(Listed { column, is_outer, path: Vec::new() });
    match expression {
        Expr::Column(column) => plain(column, false),
        Expr::OuterReferenceColumn(_, column) => plain(column, true),
        Expr::Cast(cast) => listed(&cast.expr),
        Expr::Alias(alias) => listed(&alias.expr),
        Expr::ScalarFunction(call) if call.name() == "get_field" => {
            let (of, fields) = call.args.split_first()?;
            let mut found = listed(of)?;
            for field in fields {
                let Expr::Literal(value, _) = field else { return None };
                found.path.push(value.try_as_str()??);
            }
            Some(found)
        }
        _ => None,
    }
}

/// A literal in JSON form, in which contracts' values are compared.
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
