//! Comparisons of types that have nothing in common: the engine would turn one into text.

use std::collections::HashMap;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, Operator};

use crate::contract::types::sql_type;
use crate::error::Positions;

use super::words::positions;

/// Two sides that cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incomparable {
    /// The one side: its words and its type in SQL.
    pub left: (String, String),
    /// The other side.
    pub right: (String, String),
    /// The column that is compared, for its place in the text.
    pub column: Option<String>,
    /// Where the text compares it, as far as the engine knows.
    pub place: Option<Positions>,
}

impl Incomparable {
    /// The fault.
    pub fn message(&self) -> String {
        let ((left, a), (right, b)) = (&self.left, &self.right);
        format!("{left} ({a}) cannot be compared with {right} ({b})")
    }
}

/// What to do about it.
pub const HINT: &str = "compare with a value of the column's type, or cast one side";

/// Every comparison of a plan whose sides are of different kinds.
pub fn incomparable(
    plan: &LogicalPlan,
    parameters: &HashMap<String, DataType>,
) -> Vec<Incomparable> {
    let mut found = Vec::new();
    // The walk itself cannot fail: the visitor never does.
    let _ = plan.apply_with_subqueries(|node| {
        let mut schema = DFSchema::empty();
        for input in node.inputs() {
            schema.merge(input.schema());
        }
        if let LogicalPlan::Join(join) = node {
            // USING and NATURAL compare too.
            for (left, right) in &join.on {
                found.extend(judge(left, right, &schema, parameters));
            }
        }
        for expression in node.expressions() {
            let _ = expression.apply(|e| {
                for (left, right) in comparisons(e) {
                    found.extend(judge(left, right, &schema, parameters));
                }
                Ok(TreeNodeRecursion::Continue)
            });
        }
        Ok(TreeNodeRecursion::Continue)
    });
    found.dedup();
    found
}

fn comparisons(expression: &Expr) -> Vec<(&Expr, &Expr)> {
    match expression {
        Expr::InList(list) => list.list.iter().map(|item| (list.expr.as_ref(), item)).collect(),
        Expr::Between(between) => {
            vec![(&between.expr, &between.low), (&between.expr, &between.high)]
        }
        Expr::Case(case) => match &case.expr {
            Some(of) => {
                case.when_then_expr.iter().map(|(when, _)| (of.as_ref(), when.as_ref())).collect()
            }
            None => Vec::new(),
        },
        Expr::BinaryExpr(binary) if compares(binary.op) => vec![(&binary.left, &binary.right)],
        _ => Vec::new(),
    }
}

fn compares(operator: Operator) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::Eq
            | O::NotEq
            | O::Lt
            | O::LtEq
            | O::Gt
            | O::GtEq
            | O::IsDistinctFrom
            | O::IsNotDistinctFrom
    )
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Text,
    Truth,
    Moment,
    TimeOfDay,
    Bytes,
    Nested,
}

fn kind(data_type: &DataType) -> Option<Kind> {
    use DataType as D;
    Some(match data_type {
        t if t.is_numeric() => Kind::Number,
        D::Utf8 | D::LargeUtf8 | D::Utf8View => Kind::Text,
        D::Boolean => Kind::Truth,
        D::Date32 | D::Date64 | D::Timestamp(..) => Kind::Moment,
        D::Time32(_) | D::Time64(_) => Kind::TimeOfDay,
        D::Binary | D::LargeBinary | D::BinaryView | D::FixedSizeBinary(_) => Kind::Bytes,
        D::List(_) | D::LargeList(_) | D::Struct(_) | D::Map(..) => Kind::Nested,
        D::Dictionary(_, value) => return kind(value),
        _ => return None,
    })
}

fn judge(
    left: &Expr,
    right: &Expr,
    schema: &DFSchema,
    parameters: &HashMap<String, DataType>,
) -> Option<Incomparable> {
    let of = |e: &Expr| match e {
        Expr::Placeholder(p) => parameters.get(p.id.trim_start_matches('$')).cloned(),
        other => other.get_type(schema).ok(),
    };
    let types = (of(left)?, of(right)?);
    let kinds = (kind(&types.0)?, kind(&types.1)?);
    if kinds.0 == kinds.1 || reads_as(left, &types.1) || reads_as(right, &types.0) {
        return None;
    }
    let compared = column(left).or_else(|| column(right));
    let side = |e: &Expr, t: &DataType| (words(e), sql_type(t));
    Some(Incomparable {
        left: side(left, &types.0),
        right: side(right, &types.1),
        column: compared.map(|c| c.name.clone()),
        place: compared.and_then(|c| positions(c.spans.first()?)),
    })
}

/// Whether a text in quotes is a value of the other side's type: `date >= '2026-01-01'`.
fn reads_as(expression: &Expr, data_type: &DataType) -> bool {
    let Expr::Literal(value, _) = expression else { return false };
    match value.try_as_str() {
        Some(Some(_)) => value.cast_to(data_type).is_ok_and(|cast| !cast.is_null()),
        _ => value.is_null(),
    }
}

fn column(expression: &Expr) -> Option<&Column> {
    match expression {
        Expr::Column(column) => Some(column),
        Expr::Cast(cast) => column(&cast.expr),
        _ => None,
    }
}

fn words(expression: &Expr) -> String {
    match expression {
        Expr::Column(column) => column.name.clone(),
        Expr::Placeholder(placeholder) => placeholder.id.clone(),
        Expr::Literal(value, _) => match value.try_as_str() {
            Some(Some(text)) => format!("'{text}'"),
            _ => value.to_string(),
        },
        other => other.human_display().to_string(),
    }
}
