//! The table of functions of arrays: names, arguments, results.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::common::{ScalarValue, exec_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::order::Comparison;
use super::{build, key, order, search, shape, words};

/// A function of arrays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in super::super) enum Function {
    Length,
    Upper,
    Lower,
    Dims,
    Ndims,
    Cardinality,
    Position,
    Positions,
    Remove,
    Replace,
    Append,
    Prepend,
    Cat,
    Fill,
    Trim,
    Subscript,
    Slice,
    OrEmpty,
    /// In order, and whether descending and with NULLs first.
    Sorted(bool, bool),
    ToString,
    Contains,
    Contained,
    Overlaps,
    Any(Comparison),
    All(Comparison),
    Less,
    AtMost,
    More,
    AtLeast,
    Equal,
    Unequal,
    Greatest,
    Least,
    Key,
}

use Comparison as C;
use Function as F;

/// Every function.
pub(super) const ALL: &[Function] = &[
    F::Length,
    F::Upper,
    F::Lower,
    F::Dims,
    F::Ndims,
    F::Cardinality,
    F::Position,
    F::Positions,
    F::Remove,
    F::Replace,
    F::Append,
    F::Prepend,
    F::Cat,
    F::Fill,
    F::Trim,
    F::Subscript,
    F::Slice,
    F::OrEmpty,
    F::Sorted(false, false),
    F::Sorted(false, true),
    F::Sorted(true, false),
    F::Sorted(true, true),
    F::ToString,
    F::Contains,
    F::Contained,
    F::Overlaps,
    F::Any(C::Equal),
    F::Any(C::Unequal),
    F::Any(C::Less),
    F::Any(C::AtMost),
    F::Any(C::More),
    F::Any(C::AtLeast),
    F::All(C::Equal),
    F::All(C::Unequal),
    F::All(C::Less),
    F::All(C::AtMost),
    F::All(C::More),
    F::All(C::AtLeast),
    F::Less,
    F::AtMost,
    F::More,
    F::AtLeast,
    F::Equal,
    F::Unequal,
    F::Greatest,
    F::Least,
    F::Key,
];

/// What a function takes in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Argument {
    /// An array, of items as all other arrays and items of the call.
    Array,
    /// The same, and not an array of arrays.
    Flat,
    /// An item of the arrays.
    Item,
    /// An integer.
    Count,
    /// An array of integers.
    Counts,
    Text,
}

/// The function of a name.
pub(in super::super) fn by_name(name: &str) -> Option<Function> {
    ALL.iter().copied().find(|function| name_of(*function) == name)
}

fn name_of(function: Function) -> &'static str {
    match function {
        F::Length => "array_length",
        F::Upper => "array_upper",
        F::Lower => "array_lower",
        F::Dims => "array_dims",
        F::Ndims => "array_ndims",
        F::Cardinality => "cardinality",
        F::Position => "array_position",
        F::Positions => "array_positions",
        F::Remove => "array_remove",
        F::Replace => "array_replace",
        F::Append => "array_append",
        F::Prepend => "array_prepend",
        F::Cat => "array_cat",
        F::Fill => "array_fill",
        F::Trim => "trim_array",
        F::Subscript => "array_subscript",
        F::Slice => "array_part",
        F::OrEmpty => "array_or_empty",
        F::Sorted(false, false) => "array_ascending",
        F::Sorted(false, true) => "array_ascending_nulls_first",
        F::Sorted(true, false) => "array_descending_nulls_last",
        F::Sorted(true, true) => "array_descending",
        F::ToString => "array_to_string",
        F::Contains => "array_contains_all",
        F::Contained => "array_is_contained",
        F::Overlaps => "array_overlaps",
        F::Any(C::Equal) => "any_equal",
        F::Any(C::Unequal) => "any_unequal",
        F::Any(C::Less) => "any_less",
        F::Any(C::AtMost) => "any_at_most",
        F::Any(C::More) => "any_more",
        F::Any(C::AtLeast) => "any_at_least",
        F::All(C::Equal) => "all_equal",
        F::All(C::Unequal) => "all_unequal",
        F::All(C::Less) => "all_less",
        F::All(C::AtMost) => "all_at_most",
        F::All(C::More) => "all_more",
        F::All(C::AtLeast) => "all_at_least",
        F::Less => "array_less",
        F::AtMost => "array_at_most",
        F::More => "array_more",
        F::AtLeast => "array_at_least",
        F::Equal => "array_equal",
        F::Unequal => "array_unequal",
        F::Greatest => "array_greatest",
        F::Least => "array_least",
        F::Key => "array_key",
    }
}

/// What a function takes: in its places, and how many of them must be given.
pub(in super::super) fn arguments(function: Function) -> (&'static [Argument], usize) {
    use Argument::{Array, Count, Counts, Flat, Item, Text};
    match function {
        F::Length | F::Upper | F::Lower => (&[Array, Count], 2),
        F::Dims | F::Ndims | F::Cardinality | F::OrEmpty | F::Sorted(..) | F::Key => (&[Array], 1),
        F::Position => (&[Flat, Item, Count], 2),
        F::Positions | F::Remove | F::Append => (&[Flat, Item], 2),
        F::Prepend => (&[Item, Flat], 2),
        F::Replace => (&[Flat, Item, Item], 3),
        F::Cat => (&[Flat, Flat], 2),
        F::Fill => (&[Item, Counts], 2),
        F::Trim => (&[Array, Count], 2),
        F::Subscript => (&[Array, Count, Count, Count, Count, Count, Count], 2),
        F::Slice => (&[Flat, Count, Count], 3),
        F::ToString => (&[Array, Text, Text], 2),
        F::Any(_) | F::All(_) => (&[Item, Array], 2),
        _ => (&[Array, Array], 2),
    }
}

/// The type of a result.
pub(in super::super) fn returns(function: Function, types: &[DataType]) -> Result<DataType> {
    let own = |place: usize| types.get(place).cloned().unwrap_or(DataType::Null);
    Ok(match function {
        F::Length | F::Upper | F::Lower | F::Ndims | F::Cardinality | F::Position => {
            DataType::Int32
        }
        F::Dims | F::ToString => DataType::Utf8,
        F::Positions => DataType::new_list(DataType::Int32, true),
        F::Remove
        | F::Replace
        | F::Append
        | F::Cat
        | F::Trim
        | F::Slice
        | F::OrEmpty
        | F::Sorted(..)
        | F::Greatest
        | F::Least => own(0),
        F::Key => DataType::Binary,
        F::Prepend => own(1),
        F::Fill => DataType::new_list(own(0), true),
        F::Subscript => build::subscripted(&own(0), types.len() - 1)?,
        _ => DataType::Boolean,
    })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct OfArrays {
    function: Function,
    signature: Signature,
}

pub(super) fn udf(function: Function) -> Arc<ScalarUDF> {
    let signature = Signature::variadic_any(Volatility::Immutable);
    Arc::new(ScalarUDF::new_from_impl(OfArrays { function, signature }))
}

pub(super) fn call(function: Function, arguments: Vec<Expr>) -> Expr {
    Expr::ScalarFunction(ScalarFunction::new_udf(udf(function), arguments))
}

impl ScalarUDFImpl for OfArrays {
    fn name(&self) -> &'static str {
        name_of(self.function)
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        returns(self.function, types)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let wanted = arguments.return_type().clone();
        let is_scalar = arguments.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let rows = if is_scalar { 1 } else { arguments.number_rows };
        let arrays = arguments.args.iter().map(|a| a.to_array(rows));
        let arrays = arrays.collect::<Result<Vec<_>>>()?;
        let found = evaluated(self.function, &arrays, &wanted)?;
        Ok(match is_scalar {
            true => ColumnarValue::Scalar(ScalarValue::try_from_array(&found, 0)?),
            false => ColumnarValue::Array(found),
        })
    }
}

fn evaluated(function: Function, arrays: &[ArrayRef], wanted: &DataType) -> Result<ArrayRef> {
    match (function, arrays) {
        (F::Length | F::Upper, [lists, dimension]) => shape::length(lists, dimension),
        (F::Lower, [lists, dimension]) => shape::lower(lists, dimension),
        (F::Dims, [lists]) => shape::dims(lists),
        (F::Ndims, [lists]) => shape::ndims(lists),
        (F::Cardinality, [lists]) => shape::cardinality(lists),
        (F::Position, [lists, item]) => search::position(lists, item, None),
        (F::Position, [lists, item, start]) => search::position(lists, item, Some(start)),
        (F::Positions, [lists, item]) => search::positions(lists, item),
        (F::Remove, [lists, item]) => search::remove(lists, item),
        (F::Replace, [lists, from, to]) => search::replace(lists, from, to),
        (F::Append, [lists, item]) => build::extended(lists, item, true),
        (F::Prepend, [item, lists]) => build::extended(lists, item, false),
        (F::Cat, [left, right]) => build::joined(left, right),
        (F::Fill, [item, lengths]) => build::filled(item, lengths),
        (F::Trim, [lists, count]) => build::trimmed(lists, count),
        (F::Subscript, [lists, subscripts @ ..]) => build::subscript(lists, subscripts),
        (F::Slice, [lists, from, to]) => build::slice(lists, from, to),
        (F::OrEmpty, [lists]) => build::or_empty(lists),
        (F::Sorted(is_descending, has_nulls_first), [lists]) => {
            build::sorted(lists, is_descending, has_nulls_first)
        }
        (F::ToString, [lists, delimiter]) => words::joined(lists, delimiter, None),
        (F::ToString, [lists, delimiter, null]) => words::joined(lists, delimiter, Some(null)),
        (F::Contains, [left, right]) => search::contains(left, right),
        (F::Contained, [left, right]) => search::contains(right, left),
        (F::Overlaps, [left, right]) => search::overlaps(left, right),
        (F::Any(comparison), [item, lists]) => order::any(comparison, item, lists, true),
        (F::All(comparison), [item, lists]) => order::any(comparison, item, lists, false),
        (F::Less, [left, right]) => order::compared(C::Less, left, right),
        (F::AtMost, [left, right]) => order::compared(C::AtMost, left, right),
        (F::More, [left, right]) => order::compared(C::More, left, right),
        (F::AtLeast, [left, right]) => order::compared(C::AtLeast, left, right),
        (F::Equal, [left, right]) => order::compared(C::Equal, left, right),
        (F::Unequal, [left, right]) => order::compared(C::Unequal, left, right),
        (F::Greatest, lists) => order::extreme(lists, Ordering::Greater),
        (F::Least, lists) => order::extreme(lists, Ordering::Less),
        (F::Key, [lists]) => key::keys(lists),
        _ => exec_err!("{}: no value of type {wanted}", name_of(function)),
    }
}
