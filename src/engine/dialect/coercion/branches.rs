//! Values that stand side by side: results of CASE and COALESCE, lists of IN, bounds of BETWEEN.

use datafusion::common::{DFSchema, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Between, Case, InList};
use datafusion::logical_expr::{Expr, Operator, cast};

use super::super::kinds::Kind;
use super::operands::{boolean, compared, comparison};
use super::sides::{common, missing};
use super::typed::{Typed, room, typed};

/// All values in the type that they have in common.
pub(super) fn matched(what: &str, values: Vec<Typed>) -> Result<Vec<Typed>> {
    let kind = match common(what, &values)? {
        Kind::Unknown => Kind::Text,
        kind => kind,
    };
    let Some(wanted) = room(kind, &values)? else { return Ok(values) };
    let is_numeric = kind == Kind::Numeric;
    let cast = |value: Typed| match value.kind == kind && !is_numeric {
        true => Ok(value),
        false => value.cast_to(&wanted),
    };
    values.into_iter().map(cast).collect()
}

/// As above, with arrays as the first one is: files name the items of theirs otherwise than expressions do.
pub(super) fn alike(what: &str, values: Vec<Typed>) -> Result<Vec<Typed>> {
    let values = matched(what, values)?;
    let first = values.iter().find(|value| value.kind == Kind::Array);
    let Some(wanted) = first.map(|value| value.data_type.clone()) else { return Ok(values) };
    let renamed = |value: Typed| match value.data_type == wanted {
        false if value.data_type.equals_datatype(&wanted) => {
            Typed::new(cast(value.expression, wanted.clone()), wanted.clone())
        }
        _ => value,
    };
    Ok(values.into_iter().map(renamed).collect())
}

fn expressions(values: Vec<Typed>) -> impl Iterator<Item = Expr> {
    values.into_iter().map(|value| value.expression)
}

pub(super) fn case(case: Case, schema: &DFSchema) -> Result<Expr> {
    let Case { expr, when_then_expr, else_expr } = case;
    let (whens, thens): (Vec<_>, Vec<_>) = when_then_expr.into_iter().unzip();
    let of = |e: Box<Expr>| typed(*e, schema);
    let whens = whens.into_iter().map(of).collect::<Result<Vec<_>>>()?;
    let has_else = else_expr.is_some();
    let results = thens.into_iter().chain(else_expr).map(of).collect::<Result<Vec<_>>>()?;
    let (operand, whens) = match expr {
        Some(operand) => {
            let operand = typed(*operand, schema)?;
            // A quoted literal that the others are compared with is a text.
            let operand = match operand.kind {
                Kind::Unknown => operand.cast_to_kind(Kind::Text)?.of_kind(Kind::Text),
                _ => operand,
            };
            let (operand, whens) = beside(operand, whens)?;
            (Some(Box::new(operand)), whens)
        }
        None => {
            let truth = whens.into_iter().map(|when| boolean(when, "CASE/WHEN"));
            (None, truth.collect::<Result<Vec<_>>>()?)
        }
    };
    let mut results: Vec<Expr> = expressions(alike("CASE", results)?).collect();
    let else_expr = if has_else { results.pop().map(Box::new) } else { None };
    let pairs = whens.into_iter().map(Box::new).zip(results.into_iter().map(Box::new));
    Ok(Expr::Case(Case::new(operand, pairs.collect(), else_expr)))
}

/// A value and those that it is compared with, all in one type.
fn beside(value: Typed, others: Vec<Typed>) -> Result<(Expr, Vec<Expr>)> {
    let mut kind = value.kind;
    for other in &others {
        match kind.operand(other.kind) {
            Some(found) => kind = found,
            None => {
                return missing(Operator::Eq, &value, other);
            }
        }
    }
    // Numbers without a float are compared as they are.
    let stays = kind.is_number() && !kind.is_float();
    let all: Vec<Typed> = std::iter::once(value).chain(others).collect();
    let wanted = room(kind, &all)?;
    let cast = |one: Typed| match (&wanted, one.kind) {
        (_, Kind::Unknown) => one.cast_to_kind(kind),
        (Some(wanted), found) if found != kind && !stays => one.cast_to(wanted),
        (Some(wanted), Kind::Numeric) if found_wider(&one, wanted) => one.cast_to(wanted),
        (Some(wanted), _) if stays && kind == Kind::Numeric => one.cast_to(wanted),
        (Some(wanted), _) if stays => one.cast_to(wanted),
        _ => Ok(one),
    };
    let mut all = all.into_iter().map(cast).collect::<Result<Vec<_>>>()?.into_iter();
    let Some(value) = all.next() else { return plan_err!("nothing to compare") };
    Ok((value.expression, all.map(|one| one.expression).collect()))
}

fn found_wider(value: &Typed, wanted: &arrow::datatypes::DataType) -> bool {
    value.data_type != *wanted
}

pub(super) fn in_list(list: InList, schema: &DFSchema) -> Result<Expr> {
    let value = typed(*list.expr, schema)?;
    let others = list.list.into_iter().map(|e| typed(e, schema)).collect::<Result<Vec<_>>>()?;
    // A comparison with each is the meaning; where one is of intervals, it is written so.
    if value.kind == Kind::Interval || others.iter().any(|other| other.kind == Kind::Interval) {
        let equal = others.into_iter().map(|other| {
            let (left, right) = compared(Operator::Eq, value.clone(), other)?;
            Ok(comparison(Operator::Eq, left, right))
        });
        let any = equal.collect::<Result<Vec<_>>>()?.into_iter().reduce(Expr::or);
        let Some(any) = any else { return plan_err!("IN has an empty list") };
        return Ok(if list.negated { Expr::Not(Box::new(any)) } else { any });
    }
    let (value, others) = beside(value, others)?;
    Ok(Expr::InList(InList::new(Box::new(value), others, list.negated)))
}

/// BETWEEN is two comparisons, each of its own types.
pub(super) fn between(between: Between, schema: &DFSchema) -> Result<Expr> {
    let value = typed(*between.expr, schema)?;
    let low = typed(*between.low, schema)?;
    let high = typed(*between.high, schema)?;
    let (from, low) = compared(Operator::GtEq, value.clone(), low)?;
    let (to, high) = compared(Operator::LtEq, value, high)?;
    let (from, to) = (comparison(Operator::GtEq, from, low), comparison(Operator::LtEq, to, high));
    let within = from.and(to);
    Ok(if between.negated { Expr::Not(Box::new(within)) } else { within })
}
