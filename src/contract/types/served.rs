//! The type that readers are served: one for each major, whatever the deliveries hold.
//!
//! What is declared binds. Where the declaration leaves a width open, the first release of a major
//! decides, and a later delivery is stored as that type, or refused.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields};

use crate::contract::model::{Column, LogicalType};

use super::bound::bound;
use super::physical::Physical;
use super::planned::planned;
use super::stored::{common, stored};

/// A delivered type whose values the served type does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wider {
    /// The way to it inside the column, empty at its top: `items`, `address.zip`.
    pub inside: String,
    /// What is served.
    pub served: DataType,
    /// What was delivered, as it would be stored.
    pub delivered: DataType,
}

/// The type that a column is stored as. `delivered` is what a delivery would be stored as by itself;
/// `released`, what the releases of the major serve.
///
/// # Errors
/// The first type, inside or outside, whose values the served one does not hold.
pub fn served(
    column: Option<&Column>,
    delivered: &DataType,
    released: Option<&DataType>,
) -> Result<DataType, Wider> {
    use DataType as D;
    if let Some(binding) = column.and_then(binding) {
        return Ok(binding);
    }
    match (delivered, released) {
        (D::Null, Some(released)) => Ok(released.clone()),
        (D::Null, None) => Ok(column.and_then(open).unwrap_or(D::Null)),
        (D::List(item), None | Some(D::List(_))) => {
            let known = match released {
                Some(D::List(known)) => Some(known),
                _ => None,
            };
            let column = column.and_then(|c| c.items.as_deref());
            one(column, "items", item, known).map(|item| D::List(Arc::new(item)))
        }
        (D::Struct(fields), None | Some(D::Struct(_))) => {
            let known = match released {
                Some(D::Struct(known)) => Some(known),
                _ => None,
            };
            served_fields(column, fields, known).map(D::Struct)
        }
        (D::Map(entries, sorted), None | Some(D::Map(..))) => {
            let known = match released {
                Some(D::Map(known, _)) => Some(known),
                _ => None,
            };
            let entries = served_entries(column, entries, known)?;
            Ok(D::Map(Arc::new(entries), *sorted))
        }
        (delivered, None) => Ok(delivered.clone()),
        (delivered, Some(released)) => match common(released, delivered) {
            Some(both) if both == *released => Ok(both),
            _ => Err(Wider {
                inside: String::new(),
                served: released.clone(),
                delivered: delivered.clone(),
            }),
        },
    }
}

/// The stored type that a declaration alone decides; `None` where it leaves a width or a zone open.
pub fn binding(column: &Column) -> Option<DataType> {
    use LogicalType as L;
    let format = column.options.text("format").unwrap_or_default();
    let decides = match (bound(column), column.logical_type.as_ref().map(|t| t.value)) {
        (Some(Physical::Timestamp { zone: None }), None) => false,
        // In 3.0 any point in time, with a time of day or without.
        (None, Some(L::Date)) if column.open_moment => false,
        (Some(Physical::Integer { .. } | Physical::Float32 | Physical::Float64), _)
        | (Some(Physical::Decimal { .. } | Physical::String | Physical::Binary), _)
        | (Some(Physical::Boolean | Physical::Date | Physical::Timestamp { .. }), _)
        | (None, Some(L::Boolean | L::Date | L::Timestamp)) => true,
        (None, Some(L::String)) => format != "byte",
        (None, Some(L::Integer)) => {
            matches!(format.as_str(), "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32")
        }
        (None, Some(L::Number)) => matches!(format.as_str(), "f32" | "f64"),
        _ => false,
    };
    decides.then(|| planned(column)).and_then(|planned| stored(&planned).ok())
}

/// The stored type of a column that is absent, or has no value.
fn open(column: &Column) -> Option<DataType> {
    stored(&planned(column)).ok()
}

/// A field of a container: its name is the one that readers know.
fn one(
    column: Option<&Column>,
    name: &str,
    delivered: &FieldRef,
    released: Option<&FieldRef>,
) -> Result<Field, Wider> {
    let data_type = served(column, delivered.data_type(), released.map(|f| f.data_type()))
        .map_err(|wider| Wider { inside: path(name, &wider.inside), ..wider })?;
    let is_nullable = delivered.is_nullable() || released.is_some_and(|f| f.is_nullable());
    Ok(Field::new(released.unwrap_or(delivered).name(), data_type, is_nullable))
}

fn path(name: &str, inside: &str) -> String {
    if inside.is_empty() { name.to_owned() } else { format!("{name}.{inside}") }
}

/// Fields that readers know stay where they are; what is declared and was never delivered is NULL.
fn served_fields(
    column: Option<&Column>,
    delivered: &Fields,
    released: Option<&Fields>,
) -> Result<Fields, Wider> {
    let declared = column.map(|c| c.properties.as_slice()).unwrap_or_default();
    let property = |name: &str| declared.iter().find(|p| p.physical() == name);
    let mut all: Vec<FieldRef> = Vec::new();
    for known in released.into_iter().flatten() {
        let field = match delivered.iter().find(|f| f.name() == known.name()) {
            Some(field) => Arc::new(one(property(known.name()), known.name(), field, Some(known))?),
            None => Arc::new(known.as_ref().clone().with_nullable(true)),
        };
        all.push(field);
    }
    let is_new = |name: &str, all: &[FieldRef]| all.iter().all(|f| f.name() != name);
    for field in delivered {
        if is_new(field.name(), &all) {
            all.push(Arc::new(one(property(field.name()), field.name(), field, None)?));
        }
    }
    for absent in declared {
        if is_new(absent.physical(), &all)
            && let Some(data_type) = open(absent)
        {
            all.push(Arc::new(Field::new(absent.physical(), data_type, true)));
        }
    }
    Ok(all.into())
}

fn served_entries(
    column: Option<&Column>,
    delivered: &FieldRef,
    released: Option<&FieldRef>,
) -> Result<Field, Wider> {
    let pair = |entries: &FieldRef| match entries.data_type() {
        DataType::Struct(fields) if fields.len() == 2 => {
            Some((Arc::clone(&fields[0]), Arc::clone(&fields[1])))
        }
        _ => None,
    };
    let Some((key, value)) = pair(delivered) else { return Ok(delivered.as_ref().clone()) };
    let known = released.and_then(pair);
    let columns = column.and_then(|c| c.map.as_deref());
    let key = one(columns.map(|c| &c.0), "key", &key, known.as_ref().map(|k| &k.0))?;
    let value = one(columns.map(|c| &c.1), "value", &value, known.as_ref().map(|k| &k.1))?;
    let key = key.with_nullable(false);
    let name = released.unwrap_or(delivered).name();
    Ok(Field::new(name, DataType::Struct(vec![key, value].into()), false))
}
