//! Calls of functions that return rows, until their nodes are made: what they are given, and what a row of
//! theirs is.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, IntervalUnit};
use datafusion::common::tree_node::TreeNode;
use datafusion::common::{DFSchema, ScalarValue, exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility,
};

use super::super::coercion::converted;
use super::super::intervals::instant;
use super::super::kinds::type_name;

/// How a call makes its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Maker {
    /// One for each value of an array, however deep.
    Items,
    /// One for each item of an array, which may be an array.
    Each,
    /// One for each step from a start to an end.
    Series,
    /// One: a function in FROM that returns a value.
    Value,
}

/// The name of the items of an array in a rewritten text.
pub(in super::super) const ITEMS: &str = "items_of";
/// The same for the items of its outermost level.
pub(in super::super) const EACH: &str = "each_of";
/// The name of a series.
pub(super) const SERIES: &str = "series_of";

#[derive(Debug, PartialEq, Eq, Hash)]
struct Call {
    maker: Maker,
    signature: Signature,
}

/// The functions, which a plan must not hold when it runs.
pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    let function = |maker| {
        let signature = Signature::variadic_any(Volatility::Volatile);
        Arc::new(ScalarUDF::new_from_impl(Call { maker, signature }))
    };
    [Maker::Items, Maker::Each, Maker::Series].into_iter().map(function).collect()
}

/// Whether an expression holds a call anywhere.
pub(super) fn has_call(expression: &Expr) -> bool {
    expression.exists(|e| Ok(call(e).is_some())).unwrap_or(true)
}

/// A call's maker and arguments.
pub(super) fn call(expression: &Expr) -> Option<(Maker, &[Expr])> {
    match expression {
        Expr::ScalarFunction(call) => {
            let found = call.func.inner().downcast_ref::<Call>()?;
            Some((found.maker, &call.args))
        }
        _ => None,
    }
}

/// A call's arguments in the types that it works with, and the type of a row.
pub(super) fn typed(
    maker: Maker,
    arguments: &[Expr],
    schema: &DFSchema,
) -> Result<(Vec<Expr>, DataType)> {
    let types = arguments.iter().map(|a| a.get_type(schema)).collect::<Result<Vec<_>>>()?;
    let literal = |e: &Expr| match e {
        Expr::Literal(value, _) => Some(value.clone()),
        _ => None,
    };
    let literals: Vec<_> = arguments.iter().map(literal).collect();
    let literals: Vec<_> = literals.iter().map(Option::as_ref).collect();
    let (wanted, row) = types_of(maker, &types, &literals)?;
    let cast = |((argument, wanted), found): ((&Expr, DataType), &DataType)| match &wanted == found
    {
        true => Ok(argument.clone()),
        false => converted(argument.clone(), found, &wanted),
    };
    let given = arguments.iter().zip(wanted).zip(&types).map(cast);
    Ok((given.collect::<Result<_>>()?, row))
}

/// The types of the arguments, and of a row.
fn types_of(
    maker: Maker,
    types: &[DataType],
    literals: &[Option<&ScalarValue>],
) -> Result<(Vec<DataType>, DataType)> {
    match (maker, types) {
        (Maker::Items | Maker::Each, [list]) => {
            let Some(item) = item(list) else {
                return plan_err!("function unnest({}) does not exist", type_name(list));
            };
            let wanted = DataType::new_list(item.clone(), true);
            let row = if maker == Maker::Each { item } else { leaf(&item) };
            Ok((vec![if matches!(list, DataType::List(_)) { list.clone() } else { wanted }], row))
        }
        (Maker::Series, [_, _] | [_, _, _]) => series(types, literals),
        (Maker::Value, [value]) => Ok((vec![value.clone()], value.clone())),
        (Maker::Items | Maker::Each, _) => {
            plan_err!("unnest takes one array here, and several only in FROM")
        }
        _ => plan_err!("generate_series takes a start, an end and a step"),
    }
}

fn item(list: &DataType) -> Option<DataType> {
    match list {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            Some(item.data_type().clone())
        }
        _ => None,
    }
}

fn leaf(item: &DataType) -> DataType {
    match item {
        DataType::List(inner) => leaf(inner.data_type()),
        other => other.clone(),
    }
}

/// What an argument of a series is, as far as its type depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Integer,
    Bigint,
    /// With places behind the point.
    Numeric(i8),
    Instant(bool),
    Date,
    /// A quoted text is of the type that the others have.
    Quoted,
}

fn series(
    types: &[DataType],
    literals: &[Option<&ScalarValue>],
) -> Result<(Vec<DataType>, DataType)> {
    let names = || types.iter().map(type_name).collect::<Vec<_>>().join(", ");
    let none = || plan_err!("function generate_series({}) does not exist", names());
    let ends = types.iter().zip(literals).take(2).map(|(t, l)| kind(t, *l));
    let Some(ends) = ends.collect::<Option<Vec<_>>>() else { return none() };
    let is_interval = |t: &DataType| matches!(t, DataType::Interval(_) | DataType::Duration(_));
    let step = types.get(2).zip(literals.get(2));
    let is_time = ends.iter().any(|k| matches!(k, Kind::Instant(_) | Kind::Date));
    if is_time || step.is_some_and(|(t, _)| is_interval(t)) {
        let Some((step, literal)) = step else { return none() };
        let steps = is_interval(step) || kind(step, *literal) == Some(Kind::Quoted);
        let fits = |k: &Kind| matches!(k, Kind::Instant(_) | Kind::Date | Kind::Quoted);
        if !steps || !ends.iter().all(fits) {
            return none();
        }
        // Dates, and texts alone, are instants: the type that PostgreSQL prefers.
        let is_zoned = !ends.contains(&Kind::Instant(false)) || ends.contains(&Kind::Instant(true));
        let time = instant(is_zoned);
        let interval = DataType::Interval(IntervalUnit::MonthDayNano);
        return Ok((vec![time.clone(), time.clone(), interval], time));
    }
    let mut kinds = ends;
    if let Some((step, literal)) = step {
        let Some(kind) = kind(step, *literal) else { return none() };
        kinds.push(kind);
    }
    let places = kinds.iter().filter_map(|k| match k {
        Kind::Numeric(places) => Some(*places),
        _ => None,
    });
    let number = match places.max() {
        Some(places) => DataType::Decimal128(38, places),
        None if kinds.contains(&Kind::Bigint) => DataType::Int64,
        None if kinds.contains(&Kind::Integer) => DataType::Int32,
        None => return none(),
    };
    Ok((vec![number.clone(); kinds.len()], number))
}

fn kind(data_type: &DataType, literal: Option<&ScalarValue>) -> Option<Kind> {
    Some(match (data_type, literal) {
        (DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8, _) => Kind::Integer,
        // A number that an integer holds is one.
        (DataType::Int64, Some(ScalarValue::Int64(Some(n)))) if i32::try_from(*n).is_ok() => {
            Kind::Integer
        }
        (DataType::Int64 | DataType::UInt32 | DataType::UInt16, _) => Kind::Bigint,
        (DataType::Decimal128(_, places), _) => Kind::Numeric(*places),
        (DataType::Float64, Some(ScalarValue::Float64(Some(written)))) => {
            let text = written.to_string();
            let places = text.split_once('.').map_or(0, |(_, rest)| rest.len());
            Kind::Numeric(i8::try_from(places).ok().filter(|places| *places <= 18)?)
        }
        (DataType::Timestamp(_, zone), _) => Kind::Instant(zone.is_some()),
        (DataType::Date32 | DataType::Date64, _) => Kind::Date,
        (DataType::Utf8, Some(_)) | (DataType::Null, _) => Kind::Quoted,
        _ => return None,
    })
}

impl ScalarUDFImpl for Call {
    fn name(&self) -> &'static str {
        match self.maker {
            Maker::Items => ITEMS,
            Maker::Each => EACH,
            _ => SERIES,
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(types_of(self.maker, types, &vec![None; types.len()])?.1)
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let types = arguments.arg_fields.iter().map(|f| f.data_type().clone());
        let types: Vec<_> = types.collect();
        let (_, row) = types_of(self.maker, &types, arguments.scalar_arguments)?;
        Ok(Arc::new(Field::new(self.name(), row, true)))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        exec_err!("set-returning functions are not allowed here")
    }
}
