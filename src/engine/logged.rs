//! What a table's log says about one of its files, where the file alone would be misread: names,
//! values that all rows share, rows that were deleted.
//!
//! Names are put right in the footer, before anything reads it: every reader then sees the table's
//! columns, with the types that the file has them in.

use std::sync::Arc;

use arrow::datatypes::Field;
use datafusion::common::ScalarValue;
use parquet::basic::{ConvertedType, LogicalType, Repetition};
use parquet::errors::Result;
use parquet::file::metadata::{
    ColumnChunkMetaData, FileMetaData, ParquetMetaData, RowGroupMetaData,
};
use parquet::schema::types::{ColumnDescPtr, SchemaDescriptor, Type, TypePtr};

use super::deleted_rows::DeletedRows;

/// What a log says about a file.
#[derive(Debug, Clone, Default)]
pub struct Logged {
    /// The columns that the table has in its files.
    pub columns: Vec<LoggedColumn>,
    /// Columns with one value for all rows of the file, which are not in it.
    pub constants: Vec<(Field, ScalarValue)>,
    /// Why there is no telling what a constant is.
    pub fault: Option<String>,
    /// Rows that the table no longer has.
    pub deleted: DeletedRows,
}

/// A column, or a field of one.
#[derive(Debug, Clone)]
pub struct LoggedColumn {
    /// The table's name for it.
    pub name: String,
    /// How the file has it.
    pub key: InFile,
    /// What is inside it.
    pub inside: Nested,
}

/// What a file tells a column by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InFile {
    /// Its name in the file.
    Name(String),
    /// Its field id.
    Id(i32),
}

/// The names inside a column.
#[derive(Debug, Clone)]
pub enum Nested {
    /// None.
    Leaf,
    /// Fields.
    Struct(Vec<LoggedColumn>),
    /// Those of the elements.
    List(Box<Nested>),
    /// Those of the keys and of the values.
    Map(Box<Nested>, Box<Nested>),
}

impl Logged {
    /// Whether the table has a column of this name, in this file or not.
    pub fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
            || self.constants.iter().any(|(field, _)| field.name() == name)
    }

    /// The footer with the table's columns, under the table's names; `None` where the file has
    /// exactly these.
    ///
    /// # Errors
    /// When the footer cannot be put together again.
    pub(super) fn renamed(&self, footer: &ParquetMetaData) -> Result<Option<ParquetMetaData>> {
        let known = footer.file_metadata();
        let mut kept = Kept::default();
        let root = known.schema_descr().root_schema();
        let fields = kept.fields(root.get_fields(), &self.columns)?;
        if !kept.differs {
            return Ok(None);
        }
        let root = Type::group_type_builder(root.name()).with_fields(fields).build()?;
        let schema = Arc::new(SchemaDescriptor::new(Arc::new(root)));
        let orders = known.column_orders().map(|all| pick(all, &kept.leaves));
        let row_groups = footer.row_groups().iter().map(|row_group| {
            let chunks = pick(row_group.columns(), &kept.leaves);
            let chunks = chunks.into_iter().zip(schema.columns());
            let chunks =
                chunks.map(|(chunk, column)| under(&chunk, column)).collect::<Result<_>>()?;
            let mut made = RowGroupMetaData::builder(Arc::clone(&schema))
                .set_num_rows(row_group.num_rows())
                .set_total_byte_size(row_group.total_byte_size())
                .set_column_metadata(chunks);
            if let Some(ordinal) = row_group.ordinal() {
                made = made.set_ordinal(ordinal);
            }
            made.build()
        });
        let row_groups = row_groups.collect::<Result<Vec<_>>>()?;
        // An embedded Arrow schema has the file's names. It would tell encodings from each other,
        // which are not part of a type.
        let named = FileMetaData::new(
            known.version(),
            known.num_rows(),
            known.created_by().map(str::to_owned),
            None,
            schema,
            orders,
        );
        Ok(Some(ParquetMetaData::new(named, row_groups)))
    }
}

/// What is kept of a file's columns.
#[derive(Default)]
struct Kept {
    /// Leaves that were met.
    met: usize,
    /// Those that are kept.
    leaves: Vec<usize>,
    /// Whether anything has another name, or is left out.
    differs: bool,
}

impl Kept {
    /// The fields that the table has, under its names.
    fn fields(&mut self, fields: &[TypePtr], columns: &[LoggedColumn]) -> Result<Vec<TypePtr>> {
        let mut kept = Vec::new();
        for field in fields {
            match columns.iter().find(|column| column.key.is_of(field)) {
                Some(column) => kept.push(self.node(field, &column.name, &column.inside)?),
                None => {
                    self.met += leaves_of(field);
                    self.differs = true;
                }
            }
        }
        Ok(kept)
    }

    fn node(&mut self, node: &TypePtr, name: &str, inside: &Nested) -> Result<TypePtr> {
        self.differs |= node.name() != name;
        if node.is_primitive() {
            self.leaves.push(self.met);
            self.met += 1;
            return renamed_leaf(node, name);
        }
        let fields = match inside {
            Nested::Struct(columns) => self.fields(node.get_fields(), columns)?,
            Nested::List(item) => self.repeated(node, &[item])?,
            Nested::Map(key, value) => self.repeated(node, &[key, value])?,
            // The log and the file do not agree on what it is: the types will show it.
            Nested::Leaf => self.inside(node.get_fields(), &[])?,
        };
        regrouped(node, name, fields)
    }

    /// The repeated group of a list or a map, whose own names mean nothing.
    fn repeated(&mut self, node: &TypePtr, shapes: &[&Nested]) -> Result<Vec<TypePtr>> {
        let one = |group: &TypePtr| group.get_fields().len() == shapes.len();
        match node.get_fields() {
            [group] if !group.is_primitive() && one(group) && !is_item(node, group) => {
                let fields = self.inside(group.get_fields(), shapes)?;
                Ok(vec![regrouped(group, group.name(), fields)?])
            }
            fields => self.inside(fields, shapes),
        }
    }

    fn inside(&mut self, fields: &[TypePtr], shapes: &[&Nested]) -> Result<Vec<TypePtr>> {
        let shape = |n: usize| shapes.get(n).copied().unwrap_or(&Nested::Leaf);
        let kept = fields.iter().enumerate().map(|(n, f)| self.node(f, f.name(), shape(n)));
        kept.collect()
    }
}

impl InFile {
    fn is_of(&self, field: &Type) -> bool {
        let info = field.get_basic_info();
        match self {
            Self::Name(name) => info.name() == name,
            Self::Id(id) => info.has_id() && info.id() == *id,
        }
    }
}

/// Whether the repeated group of a list is its item: so old writers wrote lists of structs.
fn is_item(list: &Type, group: &Type) -> bool {
    group.name() == "array" || group.name() == format!("{}_tuple", list.name())
}

fn leaves_of(node: &Type) -> usize {
    match node.is_primitive() {
        true => 1,
        false => node.get_fields().iter().map(|field| leaves_of(field)).sum(),
    }
}

fn renamed_leaf(leaf: &TypePtr, name: &str) -> Result<TypePtr> {
    let Type::PrimitiveType { basic_info, physical_type, type_length, scale, precision } =
        leaf.as_ref()
    else {
        return Ok(Arc::clone(leaf));
    };
    let made = Type::primitive_type_builder(name, *physical_type)
        .with_repetition(repetition(leaf))
        .with_converted_type(basic_info.converted_type())
        .with_logical_type(logical(leaf))
        .with_length(*type_length)
        .with_precision(*precision)
        .with_scale(*scale)
        .with_id(basic_info.has_id().then(|| basic_info.id()));
    Ok(Arc::new(made.build()?))
}

fn regrouped(group: &TypePtr, name: &str, fields: Vec<TypePtr>) -> Result<TypePtr> {
    let info = group.get_basic_info();
    let made = Type::group_type_builder(name)
        .with_repetition(repetition(group))
        .with_converted_type(info.converted_type())
        .with_logical_type(logical(group))
        .with_fields(fields)
        .with_id(info.has_id().then(|| info.id()));
    Ok(Arc::new(made.build()?))
}

fn repetition(node: &Type) -> Repetition {
    let info = node.get_basic_info();
    if info.has_repetition() { info.repetition() } else { Repetition::REQUIRED }
}

/// The logical type, where the converted type alone does not stand for it.
fn logical(node: &Type) -> Option<LogicalType> {
    let info = node.get_basic_info();
    let found = info.logical_type_ref().cloned();
    found.filter(|_| info.converted_type() != ConvertedType::INTERVAL)
}

fn pick<T: Clone>(all: &[T], places: &[usize]) -> Vec<T> {
    places.iter().filter_map(|n| all.get(*n).cloned()).collect()
}

/// A column chunk under another column's description.
fn under(chunk: &ColumnChunkMetaData, column: &ColumnDescPtr) -> Result<ColumnChunkMetaData> {
    let mut made = ColumnChunkMetaData::builder(Arc::clone(column))
        .set_encodings_mask(*chunk.encodings_mask())
        .set_num_values(chunk.num_values())
        .set_compression_codec(chunk.compression_codec())
        .set_total_compressed_size(chunk.compressed_size())
        .set_total_uncompressed_size(chunk.uncompressed_size())
        .set_data_page_offset(chunk.data_page_offset())
        .set_dictionary_page_offset(chunk.dictionary_page_offset())
        .set_unencoded_byte_array_data_bytes(chunk.unencoded_byte_array_data_bytes());
    if let Some(path) = chunk.file_path() {
        made = made.set_file_path(path.to_owned());
    }
    if let Some(statistics) = chunk.statistics() {
        made = made.set_statistics(statistics.clone());
    }
    made.build()
}
