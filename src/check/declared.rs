//! Values as reports show them: objects with their declared fields and no others.
//!
//! The contract does not say what any other field holds, so nothing permits showing it.

use arrow::array::Array;
use arrow::datatypes::DataType;
use serde_json::Value;

use crate::contract::model::Column;
use crate::engine::json::value_at;

use super::report::REDACTED;

/// The value of one row of a column, without fields that are not declared.
pub(super) fn declared_value(column: Option<&Column>, array: &dyn Array, row: usize) -> Value {
    declared(column, array.data_type(), value_at(array, row))
}

fn declared(column: Option<&Column>, data_type: &DataType, value: Value) -> Value {
    match (data_type, value) {
        (_, Value::Null) => Value::Null,
        (DataType::Dictionary(_, values), value) => declared(column, values, value),
        (DataType::Struct(fields), Value::Object(object)) => {
            let shown = object.into_iter().filter_map(|(name, value)| {
                let field = field(column, &name)?;
                let (_, stored) = fields.find(&name)?;
                Some((name, declared(Some(field), stored.data_type(), value)))
            });
            Value::Object(shown.collect())
        }
        (
            DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _),
            Value::Array(values),
        ) => {
            let column = column.and_then(|c| c.items.as_deref());
            let items = values.into_iter().map(|v| declared(column, item.data_type(), v));
            Value::Array(items.collect())
        }
        (DataType::Map(entries, _), value) => map(column, entries.data_type(), value),
        // What could not be parsed may be an object with any field, beside classified ones.
        (_, Value::String(text)) if column.is_some_and(is_guarded) && text.contains('{') => {
            Value::String(REDACTED.to_owned())
        }
        // As the engine writes it, with all its fields.
        (other, _) if other.is_nested() => Value::String(REDACTED.to_owned()),
        (_, value) => value,
    }
}

fn map(column: Option<&Column>, entries: &DataType, value: Value) -> Value {
    let DataType::Struct(fields) = entries else { return Value::String(REDACTED.to_owned()) };
    let [key, item] = &fields[..] else { return Value::String(REDACTED.to_owned()) };
    let (of_key, of_item) = match column.and_then(|c| c.map.as_deref()) {
        Some((of_key, of_item)) => (Some(of_key), Some(of_item)),
        None => (None, None),
    };
    match value {
        Value::Object(pairs) => {
            let shown = pairs.into_iter().map(|(k, v)| (k, declared(of_item, item.data_type(), v)));
            Value::Object(shown.collect())
        }
        Value::Array(pairs) => Value::Array(
            pairs
                .into_iter()
                .map(|mut pair| {
                    for (name, of, field) in [("key", of_key, key), ("value", of_item, item)] {
                        if let Some(part) = pair.get_mut(name) {
                            *part = declared(of, field.data_type(), part.take());
                        }
                    }
                    pair
                })
                .collect(),
        ),
        value => value,
    }
}

fn field<'a>(column: Option<&'a Column>, name: &str) -> Option<&'a Column> {
    column?.properties.iter().find(|c| {
        c.physical().eq_ignore_ascii_case(name) || c.name.value.eq_ignore_ascii_case(name)
    })
}

/// Whether a nested column, or anything inside it, has a classification.
fn is_guarded(column: &Column) -> bool {
    let inside = column.properties.iter().chain(column.items.as_deref());
    let pair = column.map.as_deref().into_iter().flat_map(|(key, value)| [key, value]);
    column.classification.is_some() || inside.chain(pair).any(is_guarded)
}

/// Whether a stored type has a field that is not declared.
pub(super) fn has_undeclared(column: Option<&Column>, data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => has_undeclared(column, values),
        DataType::Struct(fields) => fields.iter().any(|stored| {
            field(column, stored.name())
                .is_none_or(|field| has_undeclared(Some(field), stored.data_type()))
        }),
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            has_undeclared(column.and_then(|c| c.items.as_deref()), item.data_type())
        }
        DataType::Map(entries, _) => {
            let DataType::Struct(fields) = entries.data_type() else { return true };
            let parts = column.and_then(|c| c.map.as_deref());
            let parts = [parts.map(|p| &p.0), parts.map(|p| &p.1)];
            fields.iter().zip(parts).any(|(stored, of)| has_undeclared(of, stored.data_type()))
        }
        _ => false,
    }
}
