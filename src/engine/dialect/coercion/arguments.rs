//! Arguments of functions: of the kinds that PostgreSQL's functions take.

use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{AggregateFunction, ScalarFunction, WindowFunction};
use datafusion::logical_expr::{Cast, Expr, Operator, WindowFunctionDefinition, cast};

use super::super::kinds::{Kind, type_name};
use super::super::scalars::{self, Taken};
use super::super::texts;
use super::operands::{boolean, compared};
use super::typed::{Typed, typed};
use super::{arrays, branches, overloaded};

/// What a function takes in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Text,
    /// A text, or bytes.
    Characters,
    Any,
}

use Wanted::{Any, Characters, Text};

/// Functions that take texts, with what they take in each place; the last is repeated. The engine would
/// make a text of anything.
const FUNCTIONS: &[(&str, &[Wanted])] =
    &[("string_agg", &[Characters]), ("string_to_array", &[Text])];

fn fits(wanted: Wanted, kind: Kind) -> bool {
    match wanted {
        Text => matches!(kind, Kind::Text | Kind::Unknown),
        Characters => matches!(kind, Kind::Text | Kind::Unknown | Kind::Bytea),
        Any => true,
    }
}

/// There is no function for these arguments.
fn missing<T>(name: &str, arguments: &[Typed]) -> Result<T> {
    let shown = arguments.iter().map(|argument| match argument.kind {
        Kind::Unknown => Kind::Unknown.name().to_owned(),
        _ => type_name(&argument.data_type),
    });
    plan_err!("function {name}({}) does not exist", shown.collect::<Vec<_>>().join(", "))
}

/// Arguments as a function takes them.
fn taken(name: &str, arguments: Vec<Typed>) -> Result<Vec<Expr>> {
    let found = FUNCTIONS.iter().find(|(function, _)| *function == name);
    let Some((_, places)) = found else {
        return Ok(arguments.into_iter().map(|argument| argument.expression).collect());
    };
    let wanted = |place: usize| places.get(place).or(places.last()).copied().unwrap_or(Any);
    if arguments.iter().enumerate().any(|(place, one)| !fits(wanted(place), one.kind)) {
        return missing(name, &arguments);
    }
    Ok(arguments.into_iter().map(|argument| argument.expression).collect())
}

/// A written number as a literal of its type: how many places a result has may hang on it, and types do
/// not change once they are settled.
fn folded(expression: Expr) -> Expr {
    match expression {
        Expr::Cast(cast) => {
            let inner = folded(*cast.expr);
            let number = match &inner {
                Expr::Literal(value, _) if value.data_type().is_integer() => {
                    value.cast_to(cast.field.data_type()).ok()
                }
                _ => None,
            };
            match number.filter(|number| number.data_type().is_integer()) {
                Some(number) => Expr::Literal(number, None),
                None => Expr::Cast(Cast { expr: Box::new(inner), ..cast }),
            }
        }
        other => other,
    }
}

/// Arguments as a function of this room takes them.
fn taken_here(places: Vec<Taken>, arguments: Vec<Typed>) -> Result<Vec<Expr>> {
    let take = |(place, one): (Taken, Typed)| match place {
        Taken::AsIs => Ok(folded(one.expression)),
        Taken::Literal(kind) => Ok(one.cast_to_kind(kind)?.expression),
        Taken::Spelled => Ok(texts::text(one.expression)),
    };
    places.into_iter().zip(arguments).map(take).collect()
}

/// The types of arguments; literals that have none yet have none.
fn types_of(arguments: &[Typed]) -> Vec<Option<&DataType>> {
    let known = |one: &Typed| one.kind != Kind::Unknown;
    arguments.iter().map(|one| known(one).then_some(&one.data_type)).collect()
}

fn all_typed(arguments: Vec<Expr>, schema: &DFSchema) -> Result<Vec<Typed>> {
    arguments.into_iter().map(|argument| typed(argument, schema)).collect()
}

pub(super) fn of_function(call: ScalarFunction, schema: &DFSchema) -> Result<Expr> {
    let ScalarFunction { func, args } = call;
    let name = func.name().to_owned();
    let arguments = match args.is_empty() {
        true => Vec::new(),
        false => all_typed(args, schema)?,
    };
    if let Some(function) = super::super::arrays::by_name(&name) {
        return arrays::called(&name, function, arguments);
    }
    if let Some(function) = super::super::json::by_name(&name) {
        return super::json::called(&name, function, arguments);
    }
    if let Some(settled) = overloaded::settled(&name, &arguments)? {
        return Ok(settled);
    }
    let arguments = match name.as_str() {
        // The type of the result depends on the places.
        "round" | "trunc" => arguments.into_iter().map(Typed::folded).collect::<Result<_>>()?,
        _ => arguments,
    };
    let args = match name.as_str() {
        "coalesce" | "greatest" | "least" => {
            let matched = branches::alike(&name.to_ascii_uppercase(), arguments)?;
            let are_arrays = matched.iter().any(|one| one.kind == Kind::Array);
            if are_arrays && name != "coalesce" {
                let arrays = matched.into_iter().map(|one| one.expression).collect();
                return Ok(super::super::arrays::extreme(name == "greatest", arrays));
            }
            matched.into_iter().map(|argument| argument.expression).collect()
        }
        "pg_typeof" if matches!(arguments.as_slice(), [one] if one.kind == Kind::Unknown) => {
            return Ok(Expr::Literal(ScalarValue::from(Kind::Unknown.name()), None));
        }
        "make_array" if arguments.iter().all(|one| one.kind == Kind::Unknown) => {
            let texts = branches::matched("ARRAY", arguments)?;
            texts.into_iter().map(|argument| argument.expression).collect()
        }
        "nullif" => return nulled(func, arguments),
        _ if let Some(places) = scalars::taken(&func, &types_of(&arguments)) => {
            taken_here(places?, arguments)?
        }
        _ => taken(&name, arguments)?,
    };
    Ok(Expr::ScalarFunction(ScalarFunction { func, args }))
}

/// `nullif(a, b)` has the type in which both are compared; whole numbers are compared as they are.
fn nulled(
    func: std::sync::Arc<datafusion::logical_expr::ScalarUDF>,
    mut arguments: Vec<Typed>,
) -> Result<Expr> {
    let (Some(right), Some(left)) = (arguments.pop(), arguments.pop()) else {
        return missing("nullif", &arguments);
    };
    let is_whole = left.kind.is_whole() && right.kind.is_whole();
    let own = left.data_type.clone();
    let (left, right) = compared(Operator::Eq, left, right)?;
    let args = match (is_whole, left.kind.operand(right.kind)) {
        (false, Some(Kind::Numeric)) => branches::matched("NULLIF", vec![left, right])?,
        _ => vec![left, right],
    };
    let args = args.into_iter().map(|argument| argument.expression).collect();
    let call = Expr::ScalarFunction(ScalarFunction { func, args });
    Ok(if is_whole { cast(call, own) } else { call })
}

pub(super) fn of_aggregate(mut call: AggregateFunction, schema: &DFSchema) -> Result<Expr> {
    let arguments = all_typed(call.params.args, schema)?;
    call.params.args = aggregated(call.func.name(), arguments)?;
    if let Some(filter) = call.params.filter {
        call.params.filter = Some(Box::new(boolean(typed(*filter, schema)?, "FILTER")?));
    }
    Ok(Expr::AggregateFunction(call))
}

/// Arguments of an aggregate function.
fn aggregated(name: &str, arguments: Vec<Typed>) -> Result<Vec<Expr>> {
    let kind = arguments.first().map_or(Kind::Other, |first| first.kind);
    let is_fit = match name {
        "sum" | "avg" => kind.is_number() || kind == Kind::Interval || kind == Kind::Other,
        "min" | "max" => !matches!(kind, Kind::Boolean | Kind::Bytea | Kind::Record),
        "bool_and" | "bool_or" => matches!(kind, Kind::Boolean | Kind::Unknown),
        "bit_and" | "bit_or" | "bit_xor" => kind.is_whole(),
        _ => true,
    };
    if !is_fit && kind == Kind::Unknown {
        return plan_err!("function {name}(unknown) is not unique");
    }
    if !is_fit {
        return missing(name, &arguments);
    }
    let arguments = match name {
        "bool_and" | "bool_or" => {
            let truth = arguments.into_iter().map(|one| one.cast_to_kind(Kind::Boolean));
            truth.collect::<Result<Vec<_>>>()?
        }
        _ => arguments,
    };
    taken(name, arguments)
}

pub(super) fn of_window(mut call: Box<WindowFunction>, schema: &DFSchema) -> Result<Expr> {
    let arguments = all_typed(call.params.args, schema)?;
    let name = call.fun.name().to_owned();
    // The number of rows says nothing of the type; a default does.
    let of_value = [arguments.first(), arguments.get(2)];
    let is_unknown = of_value.into_iter().flatten().all(|value| value.kind == Kind::Unknown);
    if is_unknown && !arguments.is_empty() && OF_ANY_TYPE.contains(&name.as_str()) {
        return plan_err!("could not determine polymorphic type because input has type unknown");
    }
    call.params.args = match &call.fun {
        WindowFunctionDefinition::AggregateUDF(_) => aggregated(&name, arguments)?,
        WindowFunctionDefinition::WindowUDF(_) => neighbours(arguments)?,
    };
    if let Some(filter) = call.params.filter {
        call.params.filter = Some(Box::new(boolean(typed(*filter, schema)?, "FILTER")?));
    }
    Ok(Expr::WindowFunction(call))
}

/// Window functions whose result is a value that they are given.
const OF_ANY_TYPE: [&str; 5] = ["first_value", "lag", "last_value", "lead", "nth_value"];

/// `lag(value, offset, default)`: the default is of the value's type, and may widen it.
fn neighbours(mut arguments: Vec<Typed>) -> Result<Vec<Expr>> {
    if arguments.len() == 3
        && let Some(default) = arguments.pop()
    {
        let offset = arguments.pop();
        let pair = arguments.into_iter().chain([default]).collect();
        let mut pair = branches::matched("lag", pair)?.into_iter();
        let places = [pair.next(), offset, pair.next()].into_iter().flatten();
        return Ok(places.map(|argument| argument.expression).collect());
    }
    Ok(arguments.into_iter().map(|argument| argument.expression).collect())
}
