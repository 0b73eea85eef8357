//! Values of the types of JSON: their texts, and what they are told as.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StringArray, StructArray};
use arrow::datatypes::{DataType, Field};
use datafusion::common::{ScalarValue, exec_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, LogicalPlan, LogicalPlanBuilder, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility,
};

use super::super::kinds::type_name;
use super::data_types::{is_jsonb, kind_of};
use super::parse::parse;

/// The texts of values.
pub(in super::super) fn text_of(values: &ArrayRef) -> Result<StringArray> {
    match values.as_struct_opt().map(|values| (values.nulls(), values.columns())) {
        Some((nulls, [texts])) => {
            let texts = texts.as_string::<i32>();
            let (ends, bytes, own) = texts.clone().into_parts();
            let nulls = arrow::buffer::NullBuffer::union(nulls, own.as_ref());
            Ok(StringArray::try_new(ends, bytes, nulls)?)
        }
        _ => exec_err!("a value of type {} is not JSON", values.data_type()),
    }
}

/// Values of a type from their texts, which are right.
pub(super) fn of_texts(texts: StringArray, wanted: &DataType) -> Result<ArrayRef> {
    let DataType::Struct(fields) = wanted else {
        return exec_err!("values of type {wanted} are not JSON");
    };
    let nulls = texts.nulls().cloned();
    Ok(Arc::new(StructArray::try_new(fields.clone(), vec![Arc::new(texts)], nulls)?))
}

/// Values of a type from texts that somebody wrote.
pub(in super::super) fn read(texts: &StringArray, wanted: &DataType) -> Result<ArrayRef> {
    let one = |text: Option<&str>| {
        let Some(text) = text else { return Ok(None) };
        let tree = parse(text, is_jsonb(wanted))?;
        Ok(Some(if is_jsonb(wanted) { tree.normal()? } else { text.to_owned() }))
    };
    let texts = texts.iter().map(one).collect::<Result<StringArray>>()?;
    of_texts(texts, wanted)
}

/// The texts of values that are numbers, or truth values, as a type asks for.
pub(in super::super) fn scalars(values: &ArrayRef, wanted: &DataType) -> Result<StringArray> {
    let kind = if wanted == &DataType::Boolean { "boolean" } else { "number" };
    let one = |text: Option<&str>| {
        let Some(text) = text else { return Ok(None) };
        let tree = parse(text, true)?;
        match tree.kind() == kind {
            true => Ok(Some(text.to_owned())),
            false => {
                let what = match tree.kind() {
                    "number" => "numeric",
                    "array" | "object" => "array or object",
                    other => other,
                };
                exec_err!("cannot cast jsonb {what} to type {}", type_name(wanted))
            }
        }
    };
    text_of(values)?.iter().map(one).collect()
}

/// A plan whose columns of JSON are told as text.
///
/// # Errors
/// When the plan has no such columns after all.
pub(in super::super) fn told(plan: LogicalPlan) -> Result<LogicalPlan> {
    let has_json = plan.schema().fields().iter().any(|field| holds(field.data_type()));
    if !has_json || matches!(plan, LogicalPlan::Explain(_) | LogicalPlan::Analyze(_)) {
        return Ok(plan);
    }
    let columns = plan.schema().columns().into_iter().zip(plan.schema().fields());
    let columns: Vec<Expr> = columns
        .map(|(column, field)| {
            let plain = Expr::Column(column.clone());
            match holds(field.data_type()) {
                true => as_text(plain).alias_qualified(column.relation, column.name),
                false => plain,
            }
        })
        .collect();
    LogicalPlanBuilder::from(plan).project(columns)?.build()
}

/// Whether a type is JSON, or an array of it.
fn holds(data_type: &DataType) -> bool {
    match data_type {
        DataType::List(item) => holds(item.data_type()),
        other => kind_of(other).is_some(),
    }
}

fn as_text(value: Expr) -> Expr {
    let signature = Signature::any(1, Volatility::Immutable);
    let function = ScalarUDF::new_from_impl(Told { signature });
    Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(function), vec![value]))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Told {
    signature: Signature,
}

impl ScalarUDFImpl for Told {
    fn name(&self) -> &'static str {
        "json_as_text"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(types.first().map_or(DataType::Utf8, plain))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match arguments.args.as_slice() {
            [ColumnarValue::Scalar(value)] => {
                let told = texts(&value.to_array()?)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&told, 0)?))
            }
            [ColumnarValue::Array(values)] => Ok(ColumnarValue::Array(texts(values)?)),
            _ => exec_err!("one value is told at a time"),
        }
    }
}

fn plain(data_type: &DataType) -> DataType {
    match data_type {
        DataType::List(item) => DataType::new_list(plain(item.data_type()), true),
        _ => DataType::Utf8,
    }
}

fn texts(values: &ArrayRef) -> Result<ArrayRef> {
    let Some(lists) = values.as_list_opt::<i32>() else { return Ok(Arc::new(text_of(values)?)) };
    let inner = texts(lists.values())?;
    let field = Arc::new(Field::new_list_field(inner.data_type().clone(), true));
    let (ends, nulls) = (lists.offsets().clone(), lists.nulls().cloned());
    Ok(Arc::new(ListArray::try_new(field, ends, inner, nulls)?))
}
