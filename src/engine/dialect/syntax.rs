//! Rewrites a query's text, as it was parsed, into what the engine plans with PostgreSQL's meaning.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CastKind, CharacterLength, DataType, ExactNumberInfo, Expr, Fetch, LimitClause,
    NamedWindowExpr, Offset, OffsetRows, Query, Select, UnaryOperator, Value, VisitorMut,
    WindowType,
};

use super::dates::syntax as times;
use super::{calls, literals, named_windows, numerics, quoted, signs, texts, words};

/// The rewriting.
pub(super) struct Syntax;

impl VisitorMut for Syntax {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        if let Some(fetch) = query.fetch.take() {
            query.limit_clause = Some(limit(fetch, query.limit_clause.take()));
        }
        quoted::of_recursion(query);
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        if let Some(rewritten) = signs::rewritten(expression) {
            *expression = rewritten;
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        named_windows::expand(query);
        literals::of_query(query);
        quoted::of_query(query);
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        literals::of_select(select);
        for window in &mut select.named_window {
            if let NamedWindowExpr::WindowSpec(window) = &mut window.1 {
                times::of_frame(window);
            }
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        if let Some(rewritten) = times::rewritten(expression) {
            *expression = rewritten;
            return ControlFlow::Continue(());
        }
        let rewritten = match expression {
            Expr::Value(value) => match &value.value {
                Value::Number(text, _) => literals::number(text),
                _ => None,
            },
            Expr::UnaryOp { op, expr } => {
                literals::negated(*op, expr).or_else(|| words::matched(expression))
            }
            Expr::Cast { expr, data_type, .. } => conversion(expr, data_type),
            Expr::TypedString(typed) => {
                let quoted = Expr::Value(typed.value.clone());
                conversion(&quoted, &typed.data_type)
            }
            Expr::Function(function) => {
                function.over.iter_mut().for_each(literals::of_window);
                quoted::of_function(function);
                calls::rewrite(function);
                if let Some(WindowType::WindowSpec(window)) = &mut function.over {
                    times::of_frame(window);
                }
                None
            }
            Expr::Between { expr, negated, low, high } => between(expr, *negated, low, high),
            // The engine plans items apart from the query around them, whose columns and WITH they may name.
            Expr::Array(array) => Some(quoted::call("make_array", array.elem.clone())),
            Expr::Case { conditions, else_result, .. } => {
                quoted::of_case(conditions, else_result.as_deref_mut());
                None
            }
            Expr::Like { .. } | Expr::ILike { .. } | Expr::SimilarTo { .. } => {
                words::matched(expression)
            }
            _ => None,
        };
        if let Some(rewritten) = rewritten {
            *expression = rewritten;
        }
        ControlFlow::Continue(())
    }
}

/// A cast that is a function here: a text has PostgreSQL's spelling of a value, and a numeric the digits of
/// what it is made of.
fn conversion(value: &Expr, data_type: &DataType) -> Option<Expr> {
    match data_type {
        DataType::Text | DataType::String(None) => {
            Some(quoted::call(texts::NAME, vec![value.clone()]))
        }
        DataType::Varchar(length)
        | DataType::CharacterVarying(length)
        | DataType::CharVarying(length) => {
            let text = quoted::call(texts::NAME, vec![value.clone()]);
            Some(match length {
                Some(CharacterLength::IntegerLength { length, .. }) => {
                    let length = literals::number(&length.to_string())?;
                    quoted::call("left", vec![text, length])
                }
                _ => text,
            })
        }
        DataType::Numeric(ExactNumberInfo::None)
        | DataType::Decimal(ExactNumberInfo::None)
        | DataType::Dec(ExactNumberInfo::None) => {
            Some(quoted::call(numerics::NAME, vec![value.clone()]))
        }
        other => literals::float(value, other).map(|quoted| cast(quoted, other.clone())),
    }
}

fn cast(expression: Expr, data_type: DataType) -> Expr {
    let expr = Box::new(expression);
    Expr::Cast { kind: CastKind::Cast, expr, data_type, array: false, format: None }
}

/// `fetch first n rows only` is `limit n`.
fn limit(fetch: Fetch, clause: Option<LimitClause>) -> LimitClause {
    let one = || Expr::value(Value::Number("1".into(), false));
    let offset = match clause {
        Some(LimitClause::LimitOffset { offset, .. }) => offset,
        Some(LimitClause::OffsetCommaLimit { offset, .. }) => {
            Some(Offset { value: offset, rows: OffsetRows::None })
        }
        None => None,
    };
    let limit = Some(fetch.quantity.unwrap_or_else(one));
    LimitClause::LimitOffset { limit, offset, limit_by: Vec::new() }
}

/// BETWEEN is two comparisons, which are planned by the types of their sides. Only of a column: anything
/// else would be computed twice.
fn between(value: &Expr, negated: bool, low: &Expr, high: &Expr) -> Option<Expr> {
    if !matches!(value, Expr::Identifier(_) | Expr::CompoundIdentifier(_)) {
        return None;
    }
    let compare = |op, bound: &Expr| {
        let right = Box::new(Expr::Nested(Box::new(bound.clone())));
        Box::new(Expr::BinaryOp { left: Box::new(value.clone()), op, right })
    };
    let within = Expr::Nested(Box::new(Expr::BinaryOp {
        left: compare(BinaryOperator::GtEq, low),
        op: BinaryOperator::And,
        right: compare(BinaryOperator::LtEq, high),
    }));
    Some(match negated {
        true => Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(within) },
        false => within,
    })
}
