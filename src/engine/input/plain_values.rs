//! Values in the form that everything after reads: categories as their values, and the sixteen bytes
//! of a UUID as its text, where a column is declared to hold UUIDs.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringBuilder, make_array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use arrow::error::ArrowError;
use uuid::Uuid;

use crate::contract::model::{Column, Table};

/// The bytes of a UUID.
const UUID: DataType = DataType::FixedSizeBinary(16);

/// How the columns of a schema change.
pub(super) struct Plainly {
    changes: Vec<Recast>,
    schema: SchemaRef,
}

/// How the values of one type change.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Recast {
    /// Not at all.
    None,
    /// A category is its value, which may change itself.
    Category(Box<Recast>),
    /// Sixteen bytes are a text.
    Uuid,
    /// What is inside changes.
    Inside(Vec<Recast>),
}

/// Affected values change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Affected<'a> {
    /// Categories do.
    pub categories: bool,
    /// UUIDs do where this table declares them.
    pub table: Option<&'a Table>,
    /// These columns hold UUIDs, though no table declares it.
    pub uuids: &'a [String],
}

impl Plainly {
    /// The changes of a schema.
    pub fn of(schema: &SchemaRef, which: Affected<'_>) -> Self {
        let (mut changes, mut fields) = (Vec::new(), Vec::new());
        for field in schema.fields() {
            let mut stored = which.table.into_iter().flat_map(Table::stored_columns);
            let column = stored.find(|column| column.physical() == field.name());
            let uuids = which.table.is_none() && which.uuids.contains(field.name());
            let (change, made) = match uuids && *field.data_type() == UUID {
                true => (Recast::Uuid, retyped(field, DataType::Utf8)),
                false => changed(field, column, which.categories),
            };
            changes.push(change);
            fields.push(made);
        }
        let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
        Self { changes, schema }
    }

    /// Whether any value changes.
    pub fn changes(&self) -> bool {
        self.changes.iter().any(|change| *change != Recast::None)
    }

    /// The schema of the changed batches.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// A batch with its values changed.
    ///
    /// # Errors
    /// When an array is not what its type says.
    pub fn batch(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let columns = batch.columns().iter().zip(&self.changes).zip(self.schema.fields());
        let columns = columns.map(|((array, change), field)| change.of(array, field.data_type()));
        RecordBatch::try_new(Arc::clone(&self.schema), columns.collect::<Result<_, _>>()?)
    }
}

impl Recast {
    fn of(&self, array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
        match self {
            Self::None => Ok(Arc::clone(array)),
            Self::Category(inner) => {
                let categories =
                    array.as_any_dictionary_opt().ok_or_else(|| unlike("categories"))?;
                inner.of(&take(categories.values(), categories.keys(), None)?, to)
            }
            Self::Uuid => {
                let bytes = array.as_fixed_size_binary_opt().ok_or_else(|| unlike("UUIDs"))?;
                let mut texts = StringBuilder::new();
                for bytes in bytes {
                    texts.append_option(bytes.map(text).transpose()?);
                }
                Ok(Arc::new(texts.finish()))
            }
            Self::Inside(changes) => {
                let data = array.to_data();
                let fields = inside(to);
                let children = data.child_data().iter().zip(changes).zip(&fields);
                let children = children.map(|((child, change), field)| {
                    Ok(change.of(&make_array(child.clone()), field.data_type())?.to_data())
                });
                let children = children.collect::<Result<_, ArrowError>>()?;
                let made = data.into_builder().data_type(to.clone()).child_data(children);
                Ok(make_array(made.build()?))
            }
        }
    }
}

fn unlike(what: &str) -> ArrowError {
    ArrowError::SchemaError(format!("a column of {what} holds something else"))
}

fn text(bytes: &[u8]) -> Result<String, ArrowError> {
    Uuid::from_slice(bytes).map(|uuid| uuid.to_string()).map_err(|_| unlike("UUIDs"))
}

/// How a field's values change, and the field afterwards.
fn changed(field: &FieldRef, column: Option<&Column>, categories: bool) -> (Recast, FieldRef) {
    let (change, data_type) = changed_type(field.data_type(), column, categories);
    match change {
        Recast::None => (change, Arc::clone(field)),
        // What an extension says of the old type is not true of the new one.
        Recast::Uuid | Recast::Category(_) => (change, retyped(field, data_type)),
        Recast::Inside(_) => (change, Arc::new(Field::clone(field).with_data_type(data_type))),
    }
}

fn retyped(field: &Field, data_type: DataType) -> FieldRef {
    Arc::new(Field::new(field.name(), data_type, field.is_nullable()))
}

fn changed_type(
    data_type: &DataType,
    column: Option<&Column>,
    categories: bool,
) -> (Recast, DataType) {
    match data_type {
        DataType::Dictionary(_, value) if categories => {
            let (change, value) = changed_type(value, column, categories);
            (Recast::Category(Box::new(change)), value)
        }
        bytes if *bytes == UUID && column.is_some_and(Column::holds_uuids) => {
            (Recast::Uuid, DataType::Utf8)
        }
        nested => {
            let fields = inside(nested);
            let parts: Vec<(Recast, FieldRef)> = fields
                .iter()
                .map(|field| changed(field, within(nested, column, field.name()), categories))
                .collect();
            if parts.iter().all(|(change, _)| *change == Recast::None) {
                return (Recast::None, nested.clone());
            }
            let (changes, fields): (Vec<Recast>, Vec<FieldRef>) = parts.into_iter().unzip();
            (Recast::Inside(changes), with_inside(nested, fields))
        }
    }
}

/// The fields inside a type whose arrays have children.
fn inside(data_type: &DataType) -> Vec<FieldRef> {
    match data_type {
        DataType::Struct(fields) => fields.iter().cloned().collect(),
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::FixedSizeList(item, _)
        | DataType::Map(item, _) => vec![Arc::clone(item)],
        _ => Vec::new(),
    }
}

fn with_inside(data_type: &DataType, fields: Vec<FieldRef>) -> DataType {
    let first = || fields.first().cloned();
    let made = match data_type {
        DataType::Struct(_) => Some(DataType::Struct(fields.clone().into())),
        DataType::List(_) => first().map(DataType::List),
        DataType::LargeList(_) => first().map(DataType::LargeList),
        DataType::FixedSizeList(_, size) => {
            first().map(|item| DataType::FixedSizeList(item, *size))
        }
        DataType::Map(_, sorted) => first().map(|entries| DataType::Map(entries, *sorted)),
        _ => None,
    };
    made.unwrap_or_else(|| data_type.clone())
}

/// The declared column of a field inside another's type.
fn within<'a>(data_type: &DataType, column: Option<&'a Column>, name: &str) -> Option<&'a Column> {
    let column = column?;
    match data_type {
        DataType::Struct(_) if column.map.is_some() => {
            let (key, value) = column.map.as_deref()?;
            Some(if name == "key" || name == "keys" { key } else { value })
        }
        DataType::Struct(_) => column.properties.iter().find(|field| field.physical() == name),
        // The entries of a map are a struct, whose column is the map's own.
        DataType::Map(..) => Some(column),
        _ => column.items.as_deref(),
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{
        DictionaryArray, FixedSizeBinaryArray, ListArray, StringViewArray, StructArray, UInt32Array,
    };
    use arrow::buffer::OffsetBuffer;

    use super::*;
    use crate::contract::parse;
    use crate::diagnostic::Source;

    fn table(properties: &str) -> Table {
        let text = format!(
            "version: 1.0.0\napiVersion: v3.1.0\nkind: DataContract\nid: t\nstatus: active\n\
             schema: [{{name: t, properties: [{properties}]}}]"
        );
        parse(&Arc::new(Source::new("t", text))).contract.unwrap().tables.remove(0)
    }

    fn uuids() -> FixedSizeBinaryArray {
        let one = [0x12; 16];
        let values = vec![Some(one.to_vec()), None].into_iter();
        FixedSizeBinaryArray::try_from_sparse_iter_with_size(values, 16).unwrap()
    }

    fn batch(column: ArrayRef) -> RecordBatch {
        RecordBatch::try_from_iter_with_nullable([("a", column, true)]).unwrap()
    }

    #[test]
    fn the_bytes_of_a_declared_uuid_are_its_text_and_other_bytes_stay_bytes() {
        let batch = batch(Arc::new(uuids()));
        let changed = |properties: &str| {
            let table = table(properties);
            let which = Affected { categories: false, table: Some(&table), uuids: &[] };
            Plainly::of(&batch.schema(), which).batch(&batch).unwrap()
        };
        for properties in [
            "{name: a, logicalType: string, logicalTypeOptions: {format: uuid}}",
            "{name: a, logicalType: string, physicalType: UUID}",
            "{name: b, physicalName: a, physicalType: uuid}",
        ] {
            let texts = changed(properties);
            let texts = texts.column(0).as_string::<i32>();
            assert_eq!(texts.value(0), "12121212-1212-1212-1212-121212121212", "{properties}");
            assert!(texts.is_null(1));
        }
        let kept = changed("{name: a, logicalType: string, logicalTypeOptions: {format: binary}}");
        assert_eq!(kept, batch);
    }

    #[test]
    fn without_a_table_a_column_is_what_its_file_says_it_is() {
        let batch = batch(Arc::new(uuids()));
        for (uuids, changes) in [(vec!["a".to_owned()], true), (vec!["b".to_owned()], false)] {
            let which = Affected { categories: false, table: None, uuids: &uuids };
            assert_eq!(Plainly::of(&batch.schema(), which).changes(), changes);
        }
    }

    #[test]
    fn uuids_inside_lists_and_objects_change_where_they_are_declared() {
        let item = Arc::new(Field::new("item", UUID, true));
        let offsets = OffsetBuffer::from_lengths([1, 0, 1]);
        let lists: ArrayRef = Arc::new(ListArray::new(item, offsets, Arc::new(uuids()), None));
        let field = Arc::new(Field::new("l", lists.data_type().clone(), true));
        let object = StructArray::from(vec![(field, Arc::clone(&lists))]);
        let batch = batch(Arc::new(object));
        let table = table(
            "{name: a, logicalType: object, properties: [{name: l, logicalType: array, items: \
             {logicalType: string, logicalTypeOptions: {format: uuid}}}]}",
        );
        let which = Affected { categories: false, table: Some(&table), uuids: &[] };
        let changed = Plainly::of(&batch.schema(), which).batch(&batch).unwrap();
        let lists = changed.column(0).as_struct().column(0).as_list::<i32>();
        assert_eq!(lists.value(0).as_string::<i32>().value(0).len(), 36);
        assert_eq!((lists.value(1).len(), lists.value(2).null_count()), (0, 1));
    }

    #[test]
    fn categories_are_their_values_whatever_their_indices_and_texts_are() {
        let keys = UInt32Array::from(vec![Some(1), None, Some(0), Some(1)]);
        let values = StringViewArray::from(vec!["a category of many letters", "b"]);
        let categories = DictionaryArray::new(keys, Arc::new(values));
        let batch = batch(Arc::new(categories));
        let changes =
            Plainly::of(&batch.schema(), Affected { categories: true, table: None, uuids: &[] });
        assert!(changes.changes());
        let plain = changes.batch(&batch.slice(1, 3)).unwrap();
        let texts: Vec<Option<&str>> = plain.column(0).as_string_view().iter().collect();
        assert_eq!(texts, [None, Some("a category of many letters"), Some("b")]);
    }
}
