//! Arrays as arrays of another type: item by item, as single values are cast.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Float32Type, Float64Type};
use datafusion::error::Result;

use super::super::kinds::Kind;
use super::super::texts;

/// Converts values, of kinds whose conversions are not the engine's.
pub(in super::super) type Conversion<'a> =
    (&'a dyn Fn(Kind, Kind) -> bool, &'a dyn Fn(&ArrayRef, &DataType) -> Result<ArrayRef>);

/// Arrays as arrays of items of a type.
pub(in super::super) fn cast(
    lists: &ArrayRef,
    item: &DataType,
    conversion: Conversion<'_>,
) -> Result<ArrayRef> {
    let plain = DataType::new_list(DataType::Null, true);
    let lists = match lists.data_type() {
        DataType::List(_) => Arc::clone(lists),
        DataType::LargeList(inner) | DataType::FixedSizeList(inner, _) => {
            strict(lists, &DataType::List(Arc::clone(inner)))?
        }
        _ => strict(lists, &plain)?,
    };
    let lists = lists.as_list::<i32>();
    let values = converted(lists.values(), item, conversion)?;
    let field = Arc::new(Field::new_list_field(item.clone(), true));
    let (ends, nulls) = (lists.offsets().clone(), lists.nulls().cloned());
    Ok(Arc::new(ListArray::try_new(field, ends, values, nulls)?))
}

fn strict(values: &ArrayRef, wanted: &DataType) -> Result<ArrayRef> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    Ok(cast_with_options(values, wanted, &options)?)
}

fn converted(
    values: &ArrayRef,
    wanted: &DataType,
    (is_ours, of_array): Conversion<'_>,
) -> Result<ArrayRef> {
    let kinds = (Kind::of_type(values.data_type()), Kind::of_type(wanted));
    match (values.data_type(), kinds) {
        (found, _) if found == wanted => Ok(Arc::clone(values)),
        (_, (_, Kind::Text)) => texts::spelled(values),
        // Whole numbers are rounded.
        (DataType::Float64, (_, to)) if to.is_whole() => {
            let floats = values.as_primitive::<Float64Type>();
            let whole = floats.unary::<_, Float64Type>(f64::round_ties_even);
            strict(&(Arc::new(whole) as ArrayRef), wanted)
        }
        (DataType::Float32, (_, to)) if to.is_whole() => {
            let floats = values.as_primitive::<Float32Type>();
            let whole = floats.unary::<_, Float32Type>(f32::round_ties_even);
            strict(&(Arc::new(whole) as ArrayRef), wanted)
        }
        (DataType::Decimal128(..), (_, to)) if to.is_whole() => {
            strict(&strict(values, &DataType::Decimal128(38, 0))?, wanted)
        }
        (_, (from, to)) if is_ours(from, to) => of_array(values, wanted),
        _ => strict(values, wanted),
    }
}
