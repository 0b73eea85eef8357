//! Arguments of functions of JSON, and its operators.

use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, Operator};

use super::super::json::{self, Argument, Function};
use super::super::kinds::{Kind, type_name};
use super::sides::missing;
use super::typed::Typed;

/// A call of a function of JSON.
pub(super) fn called(
    name: &str,
    (function, own): (Function, Option<bool>),
    arguments: Vec<Typed>,
) -> Result<Expr> {
    let (places, counts) = json::arguments(function);
    if !counts.contains(&arguments.len()) {
        return does_not_exist(name, &arguments);
    }
    let place = |n: usize| places.get(n).or(places.last()).copied().unwrap_or(Argument::Any);
    let own = match own {
        Some(true) => Some(Kind::Jsonb),
        Some(false) => Some(Kind::Json),
        None => None,
    };
    let mut taken = Vec::with_capacity(arguments.len());
    for (n, one) in arguments.iter().enumerate() {
        let wanted = match (place(n), one.kind) {
            (Argument::Json, Kind::Unknown) => own,
            (Argument::Json, kind @ (Kind::Json | Kind::Jsonb)) => {
                Some(kind).filter(|kind| own.is_none_or(|own| own == *kind))
            }
            (Argument::Json, _) => None,
            (Argument::Step, Kind::SmallInt | Kind::Integer) => Some(Kind::Integer),
            (Argument::Step | Argument::Text, Kind::Text | Kind::Unknown) => Some(Kind::Text),
            (Argument::Texts, Kind::Unknown | Kind::Array) => Some(Kind::Array),
            (Argument::Any, Kind::Unknown) => Some(Kind::Text),
            (Argument::Any | Argument::Array, kind) => Some(kind),
            _ => None,
        };
        let Some(wanted) = wanted else { return does_not_exist(name, &arguments) };
        let one = one.clone();
        taken.push(match place(n) {
            Argument::Texts => one.cast_to(&texts())?.expression,
            _ => one.cast_to_kind(wanted)?.expression,
        });
    }
    match json::call(name, taken) {
        Some(call) => Ok(call),
        None => does_not_exist(name, &arguments),
    }
}

fn texts() -> arrow::datatypes::DataType {
    arrow::datatypes::DataType::new_list(arrow::datatypes::DataType::Utf8, true)
}

/// The operator that somebody wrote for a function.
fn sign(name: &str) -> Option<&'static str> {
    Some(match name {
        "json_get" => "->",
        "json_get_text" => "->>",
        "json_follow" => "#>",
        "json_follow_text" => "#>>",
        "json_has" => "?",
        "json_has_any" => "?|",
        "json_has_all" => "?&",
        "jsonb_contains" => "@>",
        _ => return None,
    })
}

fn does_not_exist<T>(name: &str, arguments: &[Typed]) -> Result<T> {
    let shown = arguments.iter().map(|one| match one.kind {
        Kind::Unknown => Kind::Unknown.name().to_owned(),
        _ => type_name(&one.data_type),
    });
    let shown: Vec<String> = shown.collect();
    match sign(name) {
        Some(sign) => {
            let is_text =
                arguments.first().is_some_and(|one| matches!(one.kind, Kind::Text | Kind::Unknown));
            let advice = if is_text { ": cast the text, value::jsonb" } else { "" };
            plan_err!("operator does not exist: {}{advice}", shown.join(&format!(" {sign} ")))
        }
        None => plan_err!("function {name}({}) does not exist", shown.join(", ")),
    }
}

/// An operator of which one side is JSON.
pub(super) fn operator(op: Operator, left: Typed, right: Typed) -> Result<Expr> {
    let is_binary = |one: &Typed| matches!(one.kind, Kind::Jsonb | Kind::Unknown);
    if !is_binary(&left) || !is_binary(&right) {
        return missing(op, &left, &right);
    }
    let (name, is_negated) = match op {
        Operator::Eq => ("jsonb_equal", false),
        Operator::NotEq => ("jsonb_equal", true),
        Operator::StringConcat => ("jsonb_merged", false),
        _ => {
            return plan_err!(
                "operator {op} of jsonb is not supported: take a value out of it by ->> and cast it"
            );
        }
    };
    let sides = vec![
        left.cast_to_kind(Kind::Jsonb)?.expression,
        right.cast_to_kind(Kind::Jsonb)?.expression,
    ];
    let Some(call) = json::call(name, sides) else { return plan_err!("no function {name}") };
    Ok(if is_negated { Expr::Not(Box::new(call)) } else { call })
}
