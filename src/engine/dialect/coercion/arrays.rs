//! Arguments of functions of arrays, and operators between arrays: items of one type in all of them.

use arrow::datatypes::DataType;
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, Operator};

use super::super::arrays::{self, Argument, Function};
use super::super::kinds::{Kind, type_name};
use super::dimensions::{depth, leaf, lists};
use super::sides::{common, missing};
use super::typed::{Typed, room};

/// A call of a function of arrays.
pub(super) fn called(name: &str, function: Function, arguments: Vec<Typed>) -> Result<Expr> {
    let (places, least) = arrays::arguments(function);
    let does_not_exist = |arguments: &[Typed]| {
        let shown = arguments.iter().map(|one| match one.kind {
            Kind::Unknown => Kind::Unknown.name().to_owned(),
            _ => type_name(&one.data_type),
        });
        let shown: Vec<String> = shown.collect();
        plan_err!("function {name}({}) does not exist", shown.join(", "))
    };
    if arguments.len() < least || arguments.len() > places.len() {
        return does_not_exist(&arguments);
    }
    let fits = arguments.iter().zip(places).all(|(one, place)| match place {
        Argument::Array | Argument::Flat | Argument::Counts => {
            matches!(one.kind, Kind::Array | Kind::Unknown)
        }
        Argument::Item => true,
        Argument::Count => {
            matches!(one.kind, Kind::SmallInt | Kind::Integer | Kind::Unknown)
                // A subscript may be a bigint where the array is a column of them.
                || matches!((function, one.kind), (Function::Subscript | Function::Slice, Kind::BigInt))
        }
        Argument::Text => matches!(one.kind, Kind::Text | Kind::Unknown),
    });
    if !fits {
        return does_not_exist(&arguments);
    }
    let is_nested = |one: &Typed| depth(&one.data_type) > 1;
    let flat = arguments.iter().zip(places).filter(|(_, place)| **place == Argument::Flat);
    if flat.clone().any(|(one, _)| is_nested(one)) {
        return plan_err!("{name} of an array of arrays is not supported");
    }
    if matches!(function, Function::Contains | Function::Contained | Function::Overlaps) {
        same_kind(name, &arguments)?;
    }
    let item = item_type(name, places, &arguments)?;
    let typed = arguments.into_iter().zip(places).map(|(one, place)| {
        let wanted = match place {
            Argument::Array | Argument::Flat => lists(&item, depth(&one.data_type).max(1)),
            Argument::Item => item.clone(),
            Argument::Count => DataType::Int32,
            Argument::Counts => lists(&DataType::Int32, 1),
            Argument::Text => DataType::Utf8,
        };
        Ok(one.cast_to(&wanted)?.expression)
    });
    Ok(arrays::call(function, typed.collect::<Result<_>>()?))
}

/// PostgreSQL compares arrays of one type alone.
fn same_kind(operator: &str, sides: &[Typed]) -> Result<()> {
    let kinds: Vec<Kind> = sides.iter().map(|side| items_of(side).kind).collect();
    let known = kinds.iter().filter(|kind| **kind != Kind::Unknown);
    match known.clone().zip(known.skip(1)).all(|(a, b)| a == b) {
        true => Ok(()),
        false => {
            let names: Vec<String> = sides.iter().map(|side| type_name(&side.data_type)).collect();
            plan_err!("operator does not exist: {}", names.join(&format!(" {operator} ")))
        }
    }
}

/// The type of the items of all arrays of a call.
fn item_type(name: &str, places: &[Argument], arguments: &[Typed]) -> Result<DataType> {
    let of_items = arguments.iter().zip(places).filter_map(|(one, place)| match place {
        Argument::Array | Argument::Flat => Some(items_of(one)),
        Argument::Item => Some(one.clone()),
        _ => None,
    });
    let items: Vec<Typed> = of_items.collect();
    let known = items.iter().filter(|one| one.kind != Kind::Unknown);
    let types: Vec<&DataType> = known.map(|one| &one.data_type).collect();
    match types.as_slice() {
        [] => return Ok(DataType::Utf8),
        [first, rest @ ..] if rest.iter().all(|other| other == first) => {
            return Ok((*first).clone());
        }
        _ => {}
    }
    let kind = common(name, &items)?;
    match room(kind, &items)? {
        Some(found) => Ok(found),
        None => plan_err!("{name}: arrays of {} are not supported here", kind.name()),
    }
}

/// The innermost items of an array, as a value of their type.
fn items_of(array: &Typed) -> Typed {
    if array.kind == Kind::Unknown {
        return Typed { kind: Kind::Unknown, ..array.clone() };
    }
    let data_type = leaf(&array.data_type);
    let kind = Kind::of_type(&data_type);
    Typed { expression: array.expression.clone(), data_type, kind }
}

/// An operator of which one side is an array.
pub(super) fn operator(op: Operator, left: Typed, right: Typed) -> Result<Expr> {
    use Kind::{Array, Unknown};
    match (op, left.kind, right.kind) {
        (Operator::StringConcat, Array, Array | Unknown) | (_, Unknown, Array)
            if op == Operator::StringConcat =>
        {
            called("||", Function::Cat, vec![left, right])
        }
        (Operator::StringConcat, Array, _) => called("||", Function::Append, vec![left, right]),
        (Operator::StringConcat, _, Array) => called("||", Function::Prepend, vec![left, right]),
        (_, Array, Array | Unknown) | (_, Unknown, Array) => {
            let (a, b) = (depth(&left.data_type), depth(&right.data_type));
            if left.kind == right.kind && a != b {
                return plan_err!(
                    "a comparison of arrays of {a} and {b} dimensions is not supported"
                );
            }
            same_kind(&op.to_string(), &[left.clone(), right.clone()])?;
            let depth = a.max(b).max(1);
            let item =
                item_type("comparison", &[Argument::Array; 2], &[left.clone(), right.clone()])?;
            let wanted = lists(&item, depth);
            let (left, right) = (left.cast_to(&wanted)?, right.cast_to(&wanted)?);
            let is_exact = !matches!(item, DataType::Float32 | DataType::Float64);
            let engines = Expr::BinaryExpr(datafusion::logical_expr::BinaryExpr::new(
                Box::new(left.expression.clone()),
                op,
                Box::new(right.expression.clone()),
            ));
            // The engine joins by equal arrays; of floats it compares the bits.
            Ok(match op {
                Operator::Eq | Operator::NotEq if is_exact => engines,
                _ => arrays::compared(op, left.expression, right.expression).unwrap_or(engines),
            })
        }
        _ => missing(op, &left, &right),
    }
}
