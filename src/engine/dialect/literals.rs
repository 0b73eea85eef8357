//! Numbers as PostgreSQL reads them: an integer where four bytes hold it, a bigint where eight do, and
//! else a numeric with the digits that are written. The engine makes bigints and floats of them.

use datafusion::arrow::datatypes::DataType as Arrow;
use datafusion::logical_expr::Expr as Planned;
use datafusion::sql::sqlparser::ast::{
    CastKind, DataType, Expr, GroupByExpr, Ident, LimitClause, ObjectName, OrderByKind, Query,
    Select, UnaryOperator, Value, WindowFrameBound, WindowSpec, WindowType,
};

/// The type of a literal that four bytes hold. No statement can write its name.
const INTEGER: &str = "#integer";

/// The type of a literal with a fraction, or of more digits than eight bytes hold.
const NUMERIC: &str = "#numeric";

/// The type of a literal of more digits than a numeric has: a double beside doubles, and nothing elsewhere.
const WIDE: &str = "#wide";

/// The most digits of a numeric.
const DIGITS: usize = 38;

/// The type of a literal, from the name that it was given here.
pub(super) fn planned(name: &ObjectName, modifiers: &[String]) -> Option<Arrow> {
    let [part] = name.0.as_slice() else { return None };
    match (part.as_ident()?.value.as_str(), modifiers) {
        (INTEGER, _) => Some(Arrow::Int32),
        (WIDE, _) => Some(Arrow::Float64),
        (NUMERIC, [digits, scale]) => {
            Some(Arrow::Decimal128(digits.parse().ok()?, scale.parse().ok()?))
        }
        _ => None,
    }
}

/// The name of a literal's field: that of one with too many digits for a numeric, or of any other.
pub(super) fn field_name(data_type: &Arrow) -> &'static str {
    if *data_type == Arrow::Float64 { WIDE } else { "literal" }
}

/// The text of a literal that has too many digits for a numeric.
pub(super) fn wide(expression: &Planned) -> Option<&str> {
    match expression {
        Planned::Cast(cast) if cast.field.name() == WIDE => match cast.expr.as_ref() {
            Planned::Literal(value, _) => value.try_as_str().flatten(),
            _ => None,
        },
        _ => None,
    }
}

/// A number of the text with its type; `None` where the engine gives it that type by itself.
pub(super) fn number(text: &str) -> Option<Expr> {
    if text.parse::<i32>().is_ok() {
        let value = Expr::value(Value::Number(text.to_owned(), false));
        return Some(typed(value, INTEGER, Vec::new()));
    }
    if text.parse::<i64>().is_ok() {
        return None;
    }
    let quoted = Expr::value(Value::SingleQuotedString(text.to_owned()));
    match plain(text).filter(|(digits, _)| *digits <= DIGITS) {
        Some((digits, scale)) => {
            let modifiers = vec![digits.max(1).to_string(), scale.to_string()];
            Some(typed(quoted, NUMERIC, modifiers))
        }
        None => Some(typed(quoted, WIDE, Vec::new())),
    }
}

/// The digits of a number in all, and those behind the point.
fn plain(text: &str) -> Option<(usize, usize)> {
    let unsigned = text.trim_start_matches('-').to_ascii_lowercase();
    let (mantissa, exponent) = unsigned.split_once('e').unwrap_or((&unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent: isize = exponent.parse().ok()?;
    if exponent.abs() > 2 * isize::try_from(DIGITS).ok()? {
        return None;
    }
    let scale = isize::try_from(fraction.len()).ok()? - exponent;
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0').len();
    let zeros = usize::try_from(-scale).unwrap_or(0);
    let scale = usize::try_from(scale).unwrap_or(0);
    Some(((significant + zeros).max(scale), scale))
}

fn typed(value: Expr, name: &str, modifiers: Vec<String>) -> Expr {
    let data_type = DataType::Custom(ObjectName::from(vec![Ident::new(name)]), modifiers);
    let expr = Box::new(value);
    Expr::Cast { kind: CastKind::Cast, expr, data_type, array: false, format: None }
}

/// The text of a number, typed here or not.
fn written(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Nested(inner) => written(inner),
        Expr::Value(value) => match &value.value {
            Value::Number(text, _) => Some(text),
            _ => None,
        },
        Expr::Cast { expr, data_type: DataType::Custom(name, modifiers), .. }
            if planned(name, modifiers).is_some() =>
        {
            match expr.as_ref() {
                Expr::Value(value) => match &value.value {
                    Value::Number(text, _) | Value::SingleQuotedString(text) => Some(text),
                    _ => None,
                },
                _ => None,
            }
        }
        _ => None,
    }
}

/// A minus before a number belongs to it: -2147483648 is an integer.
pub(super) fn negated(operator: UnaryOperator, operand: &Expr) -> Option<Expr> {
    if operator != UnaryOperator::Minus {
        return None;
    }
    let text = written(operand)?;
    let text = text.strip_prefix('-').map_or_else(|| format!("-{text}"), str::to_owned);
    let number = number(&text);
    Some(number.unwrap_or_else(|| Expr::value(Value::Number(text, false))))
}

/// A number that is cast to a float is read as one: a float has more digits than a numeric.
pub(super) fn float(operand: &Expr, data_type: &DataType) -> Option<Expr> {
    let is_float = matches!(
        data_type,
        DataType::Real
            | DataType::Float4
            | DataType::Float8
            | DataType::Float(_)
            | DataType::Double(_)
            | DataType::DoublePrecision
    );
    let text = written(operand).filter(|_| is_float)?;
    Some(Expr::value(Value::SingleQuotedString(text.to_owned())))
}

/// Takes the type from a number that is a count or a position.
fn count(expression: &mut Expr) {
    if let Some(text) = written(expression)
        && text.parse::<i64>().is_ok()
    {
        *expression = Expr::value(Value::Number(text.to_owned(), false));
    }
}

/// Positions and counts of a query are not values.
pub(super) fn of_query(query: &mut Query) {
    if let Some(order) = &mut query.order_by
        && let OrderByKind::Expressions(items) = &mut order.kind
    {
        items.iter_mut().for_each(|item| count(&mut item.expr));
    }
    match &mut query.limit_clause {
        Some(LimitClause::LimitOffset { limit, offset, .. }) => {
            limit.iter_mut().for_each(count);
            offset.iter_mut().for_each(|offset| count(&mut offset.value));
        }
        Some(LimitClause::OffsetCommaLimit { offset, limit }) => {
            count(offset);
            count(limit);
        }
        None => {}
    }
}

/// Positions of a SELECT are not values.
pub(super) fn of_select(select: &mut Select) {
    if let GroupByExpr::Expressions(items, _) = &mut select.group_by {
        for item in items {
            match item {
                Expr::GroupingSets(sets) | Expr::Rollup(sets) | Expr::Cube(sets) => {
                    sets.iter_mut().flatten().for_each(count);
                }
                other => count(other),
            }
        }
    }
    for window in &mut select.named_window {
        if let datafusion::sql::sqlparser::ast::NamedWindowExpr::WindowSpec(spec) = &mut window.1 {
            of_frame(spec);
        }
    }
}

/// Bounds of a window's frame are counts.
pub(super) fn of_window(over: &mut WindowType) {
    if let WindowType::WindowSpec(spec) = over {
        of_frame(spec);
    }
}

fn of_frame(spec: &mut WindowSpec) {
    let Some(frame) = &mut spec.window_frame else { return };
    for bound in [Some(&mut frame.start_bound), frame.end_bound.as_mut()].into_iter().flatten() {
        if let WindowFrameBound::Preceding(Some(rows)) | WindowFrameBound::Following(Some(rows)) =
            bound
        {
            count(rows);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data_type(text: &str) -> Option<Arrow> {
        match number(text)? {
            Expr::Cast { data_type: DataType::Custom(name, modifiers), .. } => {
                planned(&name, &modifiers)
            }
            _ => None,
        }
    }

    #[test]
    fn a_number_has_the_least_type_that_holds_it() {
        assert_eq!(data_type("1"), Some(Arrow::Int32));
        assert_eq!(data_type("-2147483648"), Some(Arrow::Int32));
        assert_eq!(data_type("2147483648"), None);
        assert_eq!(data_type("9223372036854775808"), Some(Arrow::Decimal128(19, 0)));
        assert_eq!(data_type("1.50"), Some(Arrow::Decimal128(3, 2)));
        assert_eq!(data_type("0.05"), Some(Arrow::Decimal128(2, 2)));
        assert_eq!(data_type("1e3"), Some(Arrow::Decimal128(4, 0)));
        assert_eq!(data_type("1.5e-3"), Some(Arrow::Decimal128(4, 4)));
    }

    #[test]
    fn a_minus_belongs_to_its_number() {
        let one = number("1").unwrap();
        assert_eq!(negated(UnaryOperator::Minus, &one), number("-1"));
        assert_eq!(negated(UnaryOperator::Plus, &one), None);
        assert_eq!(negated(UnaryOperator::Minus, &number("-1").unwrap()), number("1"));
    }
}
