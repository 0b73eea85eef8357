//! Times in the syntax tree: what the parser makes of EXTRACT, INTERVAL, precisions and the current time, as
//! calls of functions that are ours.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CastKind, DataType, DateTimeField, Expr, Function, FunctionArg,
    FunctionArgExpr, FunctionArguments, Ident, Interval, IntervalFields, TimezoneInfo, Value,
    WindowFrameBound, WindowFrameUnits, WindowSpec,
};

use super::super::intervals::fields::Fields;
use super::super::quoted::call;
use super::casts::interval_of;
use super::functions::{EXTRACT, FITTED, INTERVAL, takes_quoted};
use super::quoted::QUOTED;

/// Digits after the decimal point of a second, where nothing is said about them.
const PLACES: u64 = 6;

/// An expression of times, rewritten; `None` where it stays as it is.
pub(in super::super) fn rewritten(expression: &mut Expr) -> Option<Expr> {
    match expression {
        Expr::Extract { field, expr, .. } => {
            let part = text(&part_name(field));
            Some(call(EXTRACT, vec![part, marked(expr.as_ref().clone())]))
        }
        Expr::Interval(interval) => {
            let fields = match (&interval.leading_field, &interval.last_field) {
                (Some(first), Some(last)) => format!("{first} to {last}"),
                (Some(first), None) => first.to_string(),
                _ => String::new(),
            };
            let places = interval.fractional_seconds_precision.or(interval.leading_precision);
            literal(&interval.value)?;
            Some(interval_call(interval.value.as_ref().clone(), fields, places))
        }
        Expr::Cast { kind: CastKind::Cast | CastKind::DoubleColon, expr, data_type, .. } => {
            typed(expr.as_ref().clone(), data_type)
        }
        Expr::TypedString(string) => typed(Expr::Value(string.value.clone()), &string.data_type),
        Expr::AtTimeZone { timestamp, time_zone } => {
            let (at, zone) = (timestamp.as_ref().clone(), time_zone.as_ref().clone());
            Some(call("timezone", vec![marked(zone), marked(at)]))
        }
        Expr::Function(function) => called(function),
        _ => None,
    }
}

/// A value of a type of time that has a precision, or fields; and words for the current time.
fn typed(value: Expr, data_type: &DataType) -> Option<Expr> {
    if let Some(moment) = literal(&value).and_then(|word| current(&word)) {
        let bare = match data_type {
            DataType::Date => Some(DataType::Date),
            DataType::Timestamp(_, zone) => Some(DataType::Timestamp(None, *zone)),
            _ => None,
        }?;
        return Some(cast(moment, bare));
    }
    match data_type {
        DataType::Timestamp(Some(places), zone) => {
            Some(fitted(cast(value, DataType::Timestamp(None, *zone)), String::new(), *places))
        }
        DataType::Time(Some(places), zone) => {
            Some(fitted(cast(value, DataType::Time(None, *zone)), String::new(), *places))
        }
        DataType::Interval { fields: None, precision: None } => None,
        DataType::Interval { fields, precision } => {
            let fields = fields.as_ref().map_or_else(String::new, IntervalFields::to_string);
            if literal(&value).is_some() {
                return Some(interval_call(value, fields, *precision));
            }
            let interval = cast(value, DataType::Interval { fields: None, precision: None });
            Some(fitted(interval, fields, precision.unwrap_or(PLACES)))
        }
        _ => None,
    }
}

fn interval_call(value: Expr, fields: String, places: Option<u64>) -> Expr {
    call(INTERVAL, vec![value, text(&fields), number(places.unwrap_or(PLACES))])
}

fn fitted(value: Expr, fields: String, places: u64) -> Expr {
    call(FITTED, vec![value, text(&fields), number(places)])
}

/// What words like `today` mean in a literal.
fn current(word: &str) -> Option<Expr> {
    let today = || function("current_date");
    let moved = |by: i64| {
        let op = if by == 1 { BinaryOperator::Plus } else { BinaryOperator::Minus };
        let (left, right) = (Box::new(today()), Box::new(number(1)));
        Expr::Nested(Box::new(Expr::BinaryOp { left, op, right }))
    };
    Some(match word.trim().to_ascii_lowercase().as_str() {
        "now" => now(),
        "today" => today(),
        "tomorrow" => moved(1),
        "yesterday" => moved(-1),
        _ => return None,
    })
}

fn function(name: &str) -> Expr {
    call(name, Vec::new())
}

/// The instant at which the query began. The engine's has nanoseconds.
fn now() -> Expr {
    cast(function("now"), DataType::Timestamp(None, TimezoneInfo::Tz))
}

fn called(function: &mut Function) -> Option<Expr> {
    let name = function.name.to_string().to_ascii_lowercase();
    let name = name.strip_prefix("pg_catalog.").unwrap_or(&name);
    let wall = || DataType::Timestamp(None, TimezoneInfo::None);
    let places = precision(function);
    let at_precision = |value: Expr| match places {
        Some(places) => fitted(value, String::new(), places),
        None => value,
    };
    match name {
        "now" | "current_timestamp" | "statement_timestamp" | "transaction_timestamp" => {
            Some(at_precision(now()))
        }
        "localtimestamp" => Some(at_precision(cast(now(), wall()))),
        "localtime" => {
            let time = DataType::Time(None, TimezoneInfo::None);
            Some(at_precision(cast(cast(now(), wall()), time)))
        }
        "age" => {
            let values = values(function)?;
            let [birth] = values.as_slice() else { return mark(name, function) };
            Some(call("age", vec![self::function("current_date"), (*birth).clone()]))
        }
        "make_interval" => make_interval(function),
        name => mark(name, function),
    }
}

/// Bounds of a window's frame are literals to the engine: an interval that was made a call becomes one
/// again.
pub(in super::super) fn of_frame(window: &mut WindowSpec) {
    let Some(frame) = window.window_frame.as_mut() else { return };
    if frame.units != WindowFrameUnits::Range {
        return;
    }
    for bound in [Some(&mut frame.start_bound), frame.end_bound.as_mut()].into_iter().flatten() {
        if let WindowFrameBound::Preceding(Some(size)) | WindowFrameBound::Following(Some(size)) =
            bound
            && let Some(written) = distance(size)
        {
            **size = written;
        }
    }
}

/// An interval of a frame in PostgreSQL's own style.
fn distance(size: &Expr) -> Option<Expr> {
    let Expr::Function(call) = size else { return None };
    if call.name.to_string() != INTERVAL {
        return None;
    }
    let values = values(call)?;
    let (written, fields) = (literal(values.first()?)?, literal(values.get(1)?)?);
    let span = interval_of(&written, Fields::named(&fields)).ok();
    let fitted = span.map(|span| Fields::named(&fields).map_or(span, |fields| fields.cut(span)));
    let canonical = fitted.map_or(written, super::super::intervals::text::interval);
    Some(Expr::Interval(Interval {
        value: Box::new(text(&canonical)),
        leading_field: None,
        leading_precision: None,
        last_field: None,
        fractional_seconds_precision: None,
    }))
}

/// Marks the quoted arguments of a function of times.
fn mark(name: &str, function: &mut Function) -> Option<Expr> {
    if !takes_quoted(name) {
        return None;
    }
    let FunctionArguments::List(list) = &mut function.args else { return None };
    for argument in &mut list.args {
        if let FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) = argument {
            *value = marked(value.clone());
        }
    }
    None
}

/// The names of the parts that an interval is made of.
const PARTS: [&str; 7] = ["years", "months", "weeks", "days", "hours", "mins", "secs"];

/// `make_interval(days => 3)`: parts that are not named are zero.
fn make_interval(function: &Function) -> Option<Expr> {
    let FunctionArguments::List(list) = &function.args else { return None };
    let mut parts = PARTS.map(|_| number(0));
    for (at, argument) in list.args.iter().enumerate() {
        let (place, value) = match argument {
            // The older way to name an argument.
            FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::BinaryOp {
                left,
                op: BinaryOperator::Assignment,
                right,
            })) => match left.as_ref() {
                Expr::Identifier(name) => (part_at(name)?, right.as_ref()),
                _ => return None,
            },
            FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => (at, value),
            FunctionArg::Named { name, arg: FunctionArgExpr::Expr(value), .. } => {
                (part_at(name)?, value)
            }
            FunctionArg::ExprNamed {
                name: Expr::Identifier(name),
                arg: FunctionArgExpr::Expr(value),
                ..
            } => (part_at(name)?, value),
            _ => return None,
        };
        *parts.get_mut(place)? = value.clone();
    }
    Some(call("make_interval", parts.to_vec()))
}

fn part_at(name: &Ident) -> Option<usize> {
    PARTS.iter().position(|part| name.value.eq_ignore_ascii_case(part))
}

fn values(function: &Function) -> Option<Vec<&Expr>> {
    let FunctionArguments::List(list) = &function.args else { return None };
    let value = |argument| match argument {
        &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref value)) => Some(value),
        _ => None,
    };
    list.args.iter().map(value).collect()
}

/// The precision of `current_timestamp(3)`.
fn precision(function: &Function) -> Option<u64> {
    let values = values(function)?;
    let [Expr::Value(value)] = values.as_slice() else {
        // A number has been given its type already.
        let [Expr::Cast { expr, .. }] = values.as_slice() else { return None };
        let Expr::Value(value) = expr.as_ref() else { return None };
        return digits(&value.value);
    };
    digits(&value.value)
}

fn digits(value: &Value) -> Option<u64> {
    match value {
        Value::Number(text, _) => text.parse().ok(),
        _ => None,
    }
}

fn part_name(field: &DateTimeField) -> String {
    match field {
        DateTimeField::Custom(name) => name.value.clone(),
        other => other.to_string(),
    }
}

/// The text of a quoted literal.
fn literal(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Nested(inner) => literal(inner),
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::EscapedStringLiteral(text) => {
                Some(text.clone())
            }
            Value::DollarQuotedString(text) => Some(text.value.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// A quoted argument with its mark; any other as it is.
fn marked(value: Expr) -> Expr {
    match literal(&value) {
        Some(_) => call(QUOTED, vec![value]),
        None => value,
    }
}

fn text(text: &str) -> Expr {
    Expr::value(Value::SingleQuotedString(text.to_owned()))
}

/// An integer, of PostgreSQL's type.
fn number(value: u64) -> Expr {
    let value = Expr::value(Value::Number(value.to_string(), false));
    cast(value, DataType::Integer(None))
}

fn cast(expression: Expr, data_type: DataType) -> Expr {
    let expr = Box::new(expression);
    Expr::Cast { kind: CastKind::Cast, expr, data_type, array: false, format: None }
}
