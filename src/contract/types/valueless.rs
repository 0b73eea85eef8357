//! Columns that a file has without a value that could tell their type: those of the null type, as
//! pandas and Polars write a column of `None`, those that hold only NULL, as pandas writes a column of
//! NaN, and all columns of a file without rows.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields};

use crate::contract::model::Column;

use super::admit::admits_wholly;
use super::bound::Spelled;
use super::planned::planned;
use super::stored::plain;

/// The type to take a file's column for where its own says nothing of values; `None` where the
/// file's own stands.
///
/// Types inside a column count as well: the items of an empty list have the null type.
pub fn valueless(column: &Column, found: &DataType, has_values: bool) -> Option<DataType> {
    if !has_values && admits_wholly(column, found).is_err() {
        return Some(planned(column));
    }
    has_null(found).then(|| given(Some(column), found))
}

/// The type with text in place of each null type: nothing says what it would be.
pub fn untold_as_text(data_type: &DataType) -> DataType {
    given(None, data_type)
}

/// Whether a type is the null type, or has it inside.
fn has_null(data_type: &DataType) -> bool {
    match data_type {
        DataType::Null => true,
        DataType::Dictionary(_, value) => has_null(value),
        DataType::Struct(fields) => fields.iter().any(|field| has_null(field.data_type())),
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _)
        | DataType::Map(item, _) => has_null(item.data_type()),
        _ => false,
    }
}

/// The type with what the contract declares in place of each null type.
fn given(column: Option<&Column>, found: &DataType) -> DataType {
    let item = |field: &FieldRef, declared: Option<&Column>| {
        let data_type = given(declared, field.data_type());
        Arc::new(field.as_ref().clone().with_data_type(data_type))
    };
    let items = column.and_then(item_of);
    let items = items.as_ref();
    match found {
        found if plain(found) == DataType::Null => column.map_or(DataType::Utf8, planned),
        DataType::Struct(fields) => DataType::Struct(of_fields(column, fields)),
        DataType::List(field) => DataType::List(item(field, items)),
        DataType::LargeList(field) => DataType::LargeList(item(field, items)),
        DataType::ListView(field) => DataType::ListView(item(field, items)),
        DataType::LargeListView(field) => DataType::LargeListView(item(field, items)),
        DataType::FixedSizeList(field, length) => {
            DataType::FixedSizeList(item(field, items), *length)
        }
        DataType::Map(entries, sorted) => match entries.data_type() {
            DataType::Struct(fields) => {
                let entries = entries.as_ref().clone().with_data_type(of_entries(column, fields));
                DataType::Map(Arc::new(entries), *sorted)
            }
            _ => found.clone(),
        },
        other => other.clone(),
    }
}

/// The item of a list, as it is declared or spelled in a physical type.
fn item_of(column: &Column) -> Option<Column> {
    match (&column.items, Spelled::of(column)) {
        (Some(item), _) => Some(item.as_ref().clone()),
        (None, Some(Spelled::Items(item))) => Some(item),
        _ => None,
    }
}

fn of_fields(column: Option<&Column>, fields: &Fields) -> Fields {
    let one = |field: &FieldRef| {
        let declared = column?.properties.iter().find(|c| c.physical() == field.name());
        Some(given(declared, field.data_type()))
    };
    let typed = |field: &FieldRef| -> Field {
        let data_type = one(field).unwrap_or_else(|| given(None, field.data_type()));
        field.as_ref().clone().with_data_type(data_type)
    };
    fields.iter().map(typed).collect()
}

fn of_entries(column: Option<&Column>, fields: &Fields) -> DataType {
    let map = column.and_then(|c| c.map.as_deref());
    let parts = [map.map(|m| &m.0), map.map(|m| &m.1)];
    let typed = fields.iter().zip(parts).map(|(field, declared)| {
        field.as_ref().clone().with_data_type(given(declared, field.data_type()))
    });
    DataType::Struct(typed.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::parse;
    use crate::diagnostic::Source;

    fn column(yaml: &str) -> Column {
        let text = format!(
            "version: 1.0.0\napiVersion: v3.2.0\nkind: DataContract\nid: t\nstatus: active\n\
             schema: [{{name: t, properties: [{yaml}]}}]"
        );
        let parsed = parse(&Arc::new(Source::new("t", text)));
        parsed.contract.unwrap().tables[0].columns[0].clone()
    }

    #[test]
    fn a_null_type_is_taken_for_the_declared_one_wherever_it_is() {
        use DataType as D;
        let list = |item: D| D::new_list(item, true);
        let structure = |fields: Vec<(&str, D)>| {
            D::Struct(fields.into_iter().map(|(n, t)| Field::new(n, t, true)).collect())
        };
        let note = column("{name: note, logicalType: string}");
        assert_eq!(valueless(&note, &D::Null, true), Some(D::Utf8));
        assert_eq!(valueless(&note, &D::Int64, true), None);
        let tags = column("{name: tags, logicalType: array, items: {logicalType: integer}}");
        assert_eq!(valueless(&tags, &D::Null, true), Some(list(D::Int64)));
        assert_eq!(valueless(&tags, &list(D::Null), true), Some(list(D::Int64)));
        assert_eq!(valueless(&tags, &list(D::Int32), true), None);
        let place = column(
            "{name: place, logicalType: object, properties: [{name: city, logicalType: string}, \
             {name: lat, physicalName: Lat, logicalType: number}]}",
        );
        let found = structure(vec![("city", D::LargeUtf8), ("Lat", D::Null), ("other", D::Null)]);
        let expected =
            structure(vec![("city", D::LargeUtf8), ("Lat", D::Float64), ("other", D::Utf8)]);
        assert_eq!(valueless(&place, &found, true), Some(expected));
    }

    #[test]
    fn without_values_only_what_is_not_admitted_is_taken_for_the_declared_type() {
        let id = column("{name: id, logicalType: integer}");
        assert_eq!(valueless(&id, &DataType::Float64, false), Some(DataType::Int64));
        assert_eq!(valueless(&id, &DataType::Int32, false), None);
        assert_eq!(valueless(&id, &DataType::Float64, true), None);
    }
}
