//! Rewrites a query's text, as it was parsed, into what the engine plans with PostgreSQL's meaning.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CastKind, DataType, ExactNumberInfo, Expr, Fetch, Function, FunctionArg,
    FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident, LimitClause, ObjectName,
    Offset, OffsetRows, Query, TimezoneInfo, UnaryOperator, Value, VisitorMut,
};

/// The rewriting.
pub(super) struct Syntax;

impl VisitorMut for Syntax {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        if let Some(fetch) = query.fetch.take() {
            query.limit_clause = Some(limit(fetch, query.limit_clause.take()));
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        let rewritten = match expression {
            Expr::Value(value) => long_number(&value.value),
            Expr::Function(function) => current_time(function),
            Expr::AtTimeZone { timestamp, time_zone } => Some(at_time_zone(timestamp, time_zone)),
            Expr::Between { expr, negated, low, high } => between(expr, *negated, low, high),
            Expr::Case { conditions, else_result, .. } => {
                conditions.iter_mut().for_each(|when| narrow(&mut when.result));
                else_result.iter_mut().for_each(|otherwise| narrow(otherwise));
                None
            }
            _ => None,
        };
        if let Some(rewritten) = rewritten {
            *expression = rewritten;
        }
        ControlFlow::Continue(())
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

/// Digits of which a float holds every one.
const FLOAT_DIGITS: usize = 15;

/// A number with more digits than the engine's floats and integers hold, as a numeric.
fn long_number(value: &Value) -> Option<Expr> {
    let Value::Number(text, _) = value else { return None };
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if !is_plain || digits <= FLOAT_DIGITS || digits > 38 || text.parse::<i64>().is_ok() {
        return None;
    }
    let scale = text.split_once('.').map_or(0, |(_, rest)| rest.len());
    let quoted = Expr::value(Value::SingleQuotedString(text.clone()));
    let exact = ExactNumberInfo::PrecisionAndScale(digits as u64, i64::try_from(scale).ok()?);
    Some(cast(quoted, DataType::Numeric(exact)))
}

/// A result of CASE that an integer holds is one: flags are summed to a bigint, and not to a numeric.
fn narrow(result: &mut Expr) {
    let is_small = |text: &String| text.parse::<i32>().is_ok();
    let is_number = |value: &Value| matches!(value, Value::Number(text, _) if is_small(text));
    if matches!(result, Expr::Value(value) if is_number(&value.value)) {
        *result = cast(result.clone(), DataType::Integer(None));
    }
}

/// The current time has microseconds; the engine's has nanoseconds.
fn current_time(function: &Function) -> Option<Expr> {
    let name = function.name.to_string().to_ascii_lowercase();
    let is_now = ["now", "current_timestamp"].contains(&name.as_str());
    let zoned = DataType::Timestamp(None, TimezoneInfo::Tz);
    is_now.then(|| cast(Expr::Function(function.clone()), zoned))
}

/// `at AT TIME ZONE zone` is `timezone(zone, at)`.
fn at_time_zone(at: &Expr, zone: &Expr) -> Expr {
    let unnamed = |e: &Expr| FunctionArg::Unnamed(FunctionArgExpr::Expr(e.clone()));
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new("timezone")]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: vec![unnamed(zone), unnamed(at)],
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
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
