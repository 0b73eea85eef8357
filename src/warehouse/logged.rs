//! What a foreign Delta table's log says about its columns: their names in files, and the types and
//! values of those that are not in files.

use arrow::datatypes::{DataType as ArrowType, Field};
use buoyant_kernel::schema::{ColumnMetadataKey, MetadataValue};
use datafusion::common::ScalarValue;
use deltalake_core::DeltaTable;
use deltalake_core::kernel::engine::arrow_conversion::TryIntoArrow;
use deltalake_core::kernel::{DataType, LogicalFileView, PrimitiveType, StructField};

use crate::engine::deleted_rows::DeletedRows;
use crate::engine::logged::{InFile, Logged, LoggedColumn, Nested};

/// The table property that says how files name columns.
const MODE: &str = "delta.columnMapping.mode";

/// How a table's files name its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mapping {
    /// As the table does.
    None,
    /// By names of their own.
    Name,
    /// By field ids.
    Id,
}

/// The columns of a table, by where they are.
pub(super) struct TableColumns {
    in_files: Vec<LoggedColumn>,
    in_log: Vec<LogColumn>,
}

/// A column whose value the log gives for each file.
struct LogColumn {
    field: Field,
    data_type: PrimitiveType,
    /// The name that the log has its values under.
    key: String,
}

impl TableColumns {
    /// The columns of a table's newest version.
    ///
    /// # Errors
    /// In words: what the log says that cannot be followed.
    pub fn of(table: &DeltaTable) -> Result<Self, String> {
        let state = table.snapshot().map_err(|e| e.to_string())?;
        let mode = state.metadata().configuration().get(MODE).map(String::as_str);
        let mapping = match mode {
            None | Some("none") => Mapping::None,
            Some("name") => Mapping::Name,
            Some("id") => Mapping::Id,
            Some(other) => return Err(format!("{MODE} is '{other}', which Delta does not define")),
        };
        let schema = state.schema();
        let partitions = state.metadata().partition_columns();
        let (mut in_files, mut in_log) = (Vec::new(), Vec::new());
        for field in schema.fields() {
            match partitions.iter().any(|name| name == field.name()) {
                true => in_log.push(partition(field, mapping)?),
                false => in_files.push(column(field, mapping)?),
            }
        }
        Ok(Self { in_files, in_log })
    }

    /// What the log says about one of the table's files.
    pub fn logged(&self, view: &LogicalFileView, deleted: DeletedRows) -> Logged {
        let values = view.partition_values_map();
        let (mut constants, mut fault) = (Vec::new(), None);
        for partition in &self.in_log {
            let text = values.get(&partition.key).and_then(Option::as_deref);
            match partition.value(text) {
                Some(value) => constants.push((partition.field.clone(), value)),
                None => fault = Some(partition.fault()),
            }
        }
        Logged { columns: self.in_files.clone(), constants, fault, deleted }
    }
}

impl LogColumn {
    /// A value as the log writes it. An empty text is NULL, as is none.
    fn value(&self, text: Option<&str>) -> Option<ScalarValue> {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return ScalarValue::try_from(self.field.data_type()).ok();
        };
        let array = self.data_type.parse_scalar(text).ok()?.to_array(1).ok()?;
        let value = ScalarValue::try_from_array(&array, 0).ok()?;
        value.cast_to(self.field.data_type()).ok()
    }

    fn fault(&self) -> String {
        format!(
            "the table's log gives column '{}' a value for this file that is not of type {}",
            self.field.name(),
            self.data_type
        )
    }
}

fn partition(field: &StructField, mapping: Mapping) -> Result<LogColumn, String> {
    let DataType::Primitive(data_type) = field.data_type() else {
        return Err(format!("column '{}' cannot be a partition column", field.name()));
    };
    let arrow: ArrowType = field.data_type().try_into_arrow().map_err(|e| e.to_string())?;
    let key = match mapping {
        Mapping::None => field.name().to_owned(),
        Mapping::Name | Mapping::Id => physical_name(field)?,
    };
    Ok(LogColumn {
        field: Field::new(field.name(), arrow, true),
        data_type: data_type.clone(),
        key,
    })
}

fn column(field: &StructField, mapping: Mapping) -> Result<LoggedColumn, String> {
    let key = match mapping {
        Mapping::None => InFile::Name(field.name().to_owned()),
        Mapping::Name => InFile::Name(physical_name(field)?),
        Mapping::Id => InFile::Id(id(field)?),
    };
    let inside = inside(field.data_type(), mapping)?;
    Ok(LoggedColumn { name: field.name().to_owned(), key, inside })
}

fn inside(data_type: &DataType, mapping: Mapping) -> Result<Nested, String> {
    Ok(match data_type {
        DataType::Primitive(_) | DataType::Variant(_) => Nested::Leaf,
        DataType::Struct(fields) => {
            let fields = fields.fields().map(|field| column(field, mapping));
            Nested::Struct(fields.collect::<Result<_, _>>()?)
        }
        DataType::Array(array) => Nested::List(Box::new(inside(array.element_type(), mapping)?)),
        DataType::Map(map) => Nested::Map(
            Box::new(inside(map.key_type(), mapping)?),
            Box::new(inside(map.value_type(), mapping)?),
        ),
    })
}

fn physical_name(field: &StructField) -> Result<String, String> {
    match field.get_config_value(&ColumnMetadataKey::ColumnMappingPhysicalName) {
        Some(MetadataValue::String(name)) => Ok(name.clone()),
        _ => Err(format!("column '{}' has no name in files", field.name())),
    }
}

fn id(field: &StructField) -> Result<i32, String> {
    let id = field.column_mapping_id().and_then(|id| i32::try_from(id).ok());
    id.ok_or_else(|| format!("column '{}' has no id in files", field.name()))
}
