//! Tests inside values: fields of structs, items of lists, keys and values of maps.
//!
//! A row fails when any value at the end of the path fails. Fields of a NULL struct and items of a
//! NULL list are not looked at.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::buffer::BooleanBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::{Column as ColumnName, DFSchema, ScalarValue};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::SessionState;
use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::{Expr, lit};
use datafusion::physical_expr::PhysicalExpr;

use crate::check::plan::clause::{Build, Step};
use crate::contract::types::{plain, words};
use crate::error::plain_message;

use super::function::{ValueTest, tested};

/// The expression that is true for a failing row, given the way into the column's values.
pub(in crate::check) fn failing(
    state: &SessionState,
    value: &Expr,
    data_type: &DataType,
    (path, planned): (&[Step], &DataType),
    build: &Build,
) -> std::result::Result<Expr, String> {
    let Some((step, rest)) = path.split_first() else {
        // Absent from the file: every value is NULL, of the type that was declared.
        if data_type == &DataType::Null {
            let null = ScalarValue::try_from(&plain(planned)).map_err(|e| plain_message(&e))?;
            return build(&lit(null), planned);
        }
        return build(value, data_type);
    };
    let inner_type = step_into(data_type, step).map_err(|reason| match reason {
        Some(reason) => reason,
        None => format!("{} has no {}", words(data_type), step.word()),
    })?;
    match step {
        Step::Field(name) => {
            let (field, field_type) = match inner_type {
                Some(found) => (get_field(value.clone(), name.as_str()), found),
                None => (lit(ScalarValue::Null), DataType::Null),
            };
            let inner = failing(state, &field, &field_type, (rest, planned), build)?;
            Ok(value.clone().is_not_null().and(inner))
        }
        _ => {
            let item_type = inner_type.unwrap_or(DataType::Null);
            let item = Expr::Column(ColumnName::new_unqualified("item"));
            let inner = failing(state, &item, &item_type, (rest, planned), build)?;
            let schema = Schema::new(vec![Field::new("item", item_type, true)]);
            let names = DFSchema::try_from(schema).map_err(|e| plain_message(&e))?;
            let inner = state.create_physical_expr(inner, &names).map_err(|e| plain_message(&e))?;
            Ok(tested(AnyItem { step: step.clone(), failing: inner }, value))
        }
    }
}

/// The type behind a step: `None` for a field that a struct lacks.
///
/// # Errors
/// When a value of that type has nothing like that inside.
pub(in crate::check) fn step_into(
    data_type: &DataType,
    step: &Step,
) -> std::result::Result<Option<DataType>, Option<String>> {
    match (step, data_type) {
        (Step::Field(name), DataType::Struct(fields)) => {
            Ok(fields.iter().find(|f| f.name() == name).map(|f| f.data_type().clone()))
        }
        (
            Step::Items,
            DataType::List(item)
            | DataType::LargeList(item)
            | DataType::FixedSizeList(item, _)
            | DataType::ListView(item)
            | DataType::LargeListView(item),
        ) => Ok(Some(item.data_type().clone())),
        (Step::Keys | Step::Values, DataType::Map(entries, _)) => match entries.data_type() {
            DataType::Struct(fields) if fields.len() == 2 => {
                let index = usize::from(*step == Step::Values);
                Ok(Some(fields[index].data_type().clone()))
            }
            _ => Err(None),
        },
        (_, DataType::Null) => Ok(None),
        _ => Err(Some(format!("{} has no {}", words(data_type), step.word()))),
    }
}

impl Step {
    fn word(&self) -> &'static str {
        match self {
            Self::Field(_) => "fields",
            Self::Items => "items",
            Self::Keys => "keys",
            Self::Values => "values",
        }
    }
}

/// True for rows of which any item fails.
#[derive(Debug, Eq)]
struct AnyItem {
    step: Step,
    failing: Arc<dyn PhysicalExpr>,
}

impl std::hash::Hash for AnyItem {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.step.hash(state);
        self.failing.hash(state);
    }
}

impl PartialEq for AnyItem {
    fn eq(&self, other: &Self) -> bool {
        self.step == other.step && self.failing.as_ref() == other.failing.as_ref()
    }
}

impl ValueTest for AnyItem {
    const NAME: &'static str = "pactum_any_item";

    fn test(&self, values: &ArrayRef) -> Result<BooleanArray> {
        let (items, ranges) = items(values, &self.step)?;
        let schema = Schema::new(vec![Field::new("item", items.data_type().clone(), true)]);
        let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::clone(&items)])?;
        let failing = self.failing.evaluate(&batch)?.into_array(items.len())?;
        let failing = failing.as_boolean();
        let fails = |item: usize| failing.is_valid(item) && failing.value(item);
        let rows = BooleanBuffer::collect_bool(values.len(), |row| {
            values.is_valid(row) && ranges[row].clone().any(fails)
        });
        Ok(BooleanArray::new(rows, None))
    }
}

/// All items of an array of lists or maps, and which of them are each row's.
fn items(array: &ArrayRef, step: &Step) -> Result<(ArrayRef, Vec<std::ops::Range<usize>>)> {
    Ok(match array.data_type() {
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            (Arc::clone(list.values()), ranges(list.value_offsets()))
        }
        DataType::LargeList(_) => {
            let list = array.as_list::<i64>();
            (Arc::clone(list.values()), ranges(list.value_offsets()))
        }
        DataType::FixedSizeList(_, _) => {
            let list = array.as_fixed_size_list();
            let range = |row| {
                let start = usize::try_from(list.value_offset(row)).unwrap_or_default();
                start..start + usize::try_from(list.value_length()).unwrap_or_default()
            };
            (Arc::clone(list.values()), (0..list.len()).map(range).collect())
        }
        DataType::ListView(item) => items(&cast(array, &DataType::List(Arc::clone(item)))?, step)?,
        DataType::LargeListView(item) => {
            items(&cast(array, &DataType::LargeList(Arc::clone(item)))?, step)?
        }
        DataType::Map(..) => {
            let map = array.as_map();
            let items = if *step == Step::Keys { map.keys() } else { map.values() };
            (Arc::clone(items), ranges(map.value_offsets()))
        }
        DataType::Null => (Arc::clone(array), vec![0..0; array.len()]),
        other => return Err(DataFusionError::Internal(format!("items of {other}"))),
    })
}

fn ranges<O: arrow::array::OffsetSizeTrait>(offsets: &[O]) -> Vec<std::ops::Range<usize>> {
    offsets.windows(2).map(|pair| pair[0].as_usize()..pair[1].as_usize()).collect()
}
