//! Actions of a Delta log: the content of a commit, as a difference from the head.

use std::collections::{HashMap, HashSet};

use arrow::datatypes::{DataType, Schema};
use deltalake_core::DeltaTable;
use deltalake_core::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake_core::kernel::{
    Action, Add, Metadata, MetadataExt, Protocol, Remove, StructType, new_metadata,
};
use serde_json::json;

use crate::error::Result;

use super::files::{DataFile, TableFiles, internal};

/// Every table's properties: only Pactum's own clean-up deletes, so a foreign VACUUM does no harm.
const PROPERTIES: &[(&str, &str)] = &[
    ("delta.enableExpiredLogCleanup", "false"),
    ("delta.logRetentionDuration", "interval 36500 days"),
    ("delta.deletedFileRetentionDuration", "interval 36500 days"),
];

/// Adds a file, with the log's earlier entry where there was one.
pub(super) fn add_action(file: &DataFile) -> Action {
    let tags = file.tags.iter().map(|(name, value)| (name.clone(), value.clone()));
    Action::Add(Add {
        path: file.path.clone(),
        size: file.size,
        modification_time: file.modified,
        data_change: true,
        stats: file.statistics.clone(),
        tags: (!file.tags.is_empty()).then(|| tags.collect()),
        ..Add::default()
    })
}

/// Removes a file.
pub(super) fn remove_action(file: &DataFile) -> Action {
    Action::Remove(Remove {
        path: file.path.clone(),
        data_change: true,
        deletion_timestamp: Some(chrono::Utc::now().timestamp_millis()),
        extended_file_metadata: Some(true),
        partition_values: Some(HashMap::new()),
        size: Some(file.size),
        ..Remove::default()
    })
}

/// The first commit of a table.
pub(super) fn created(files: &[DataFile], schema: &Schema) -> Result<Vec<Action>> {
    let structure = delta_schema(schema)?;
    let metadata = new_metadata(&structure, Vec::<String>::new(), PROPERTIES.iter().copied())
        .map_err(internal)?;
    let mut actions = vec![protocol(schema)?.into(), Action::from(metadata)];
    actions.extend(files.iter().map(add_action));
    Ok(actions)
}

/// The actions that turn the head into these files with this schema: a set difference, so that no
/// path is added and removed in one commit.
pub(super) fn changed(
    table: &DeltaTable,
    head: &TableFiles,
    files: &[DataFile],
    schema: &Schema,
) -> Result<Vec<Action>> {
    let mut actions = Vec::new();
    let state = table.snapshot().map_err(internal)?;
    let structure = delta_schema(schema)?;
    if needs_ntz(schema) {
        let has_it =
            serde_json::to_string(state.protocol()).is_ok_and(|p| p.contains("timestampNtz"));
        if !has_it {
            actions.push(protocol(schema)?.into());
        }
    }
    if let Some(metadata) =
        new_head_metadata(state.metadata(), state.schema().as_ref(), &structure)?
    {
        actions.push(Action::from(metadata));
    }
    let wanted: HashSet<&str> = files.iter().map(|f| f.path.as_str()).collect();
    let there: HashMap<&str, &DataFile> = head.files.iter().map(|f| (f.path.as_str(), f)).collect();
    let gone = head.files.iter().filter(|old| !wanted.contains(old.path.as_str()));
    // Another writer may have changed a file's entry in the log: then it is written again.
    let same = |f: &DataFile| {
        there.get(f.path.as_str()).is_some_and(|old| old.size == f.size && old.tags == f.tags)
    };
    let new = files.iter().filter(|f| !same(f));
    actions.extend(gone.map(remove_action));
    actions.extend(new.map(add_action));
    Ok(actions)
}

/// Metadata without partition columns, which another tool may have set: our files hold every column.
fn unpartitioned(current: &Metadata) -> Result<Metadata> {
    let mut json = serde_json::to_value(current).map_err(internal)?;
    json["partitionColumns"] = json!([]);
    serde_json::from_value(json).map_err(internal)
}

/// The table's metadata with another schema or with our properties, where they differ.
fn new_head_metadata(
    current: &Metadata,
    has: &StructType,
    wanted: &StructType,
) -> Result<Option<Metadata>> {
    let properties = current.configuration();
    let kept = PROPERTIES.iter().all(|(k, v)| properties.get(*k).is_some_and(|known| known == v));
    let is_partitioned = !current.partition_columns().is_empty();
    if has == wanted && kept && !is_partitioned {
        return Ok(None);
    }
    let mut metadata = unpartitioned(current)?.with_schema(wanted).map_err(internal)?;
    for (key, value) in PROPERTIES {
        metadata =
            metadata.add_config_key((*key).to_owned(), (*value).to_owned()).map_err(internal)?;
    }
    Ok(Some(metadata))
}

fn delta_schema(schema: &Schema) -> Result<StructType> {
    // Arrow's field metadata is not part of a Delta schema; nullability is the contract's business.
    let fields: Vec<_> = schema
        .fields()
        .iter()
        .map(|f| f.as_ref().clone().with_metadata(HashMap::new()).with_nullable(true))
        .collect();
    (&Schema::new(fields)).try_into_kernel().map_err(internal)
}

fn needs_ntz(schema: &Schema) -> bool {
    fn inside(data_type: &DataType) -> bool {
        match data_type {
            DataType::Timestamp(_, None) => true,
            DataType::List(item) => inside(item.data_type()),
            DataType::Struct(fields) => fields.iter().any(|f| inside(f.data_type())),
            DataType::Map(entries, _) => inside(entries.data_type()),
            _ => false,
        }
    }
    schema.fields().iter().any(|f| inside(f.data_type()))
}

fn protocol(schema: &Schema) -> Result<Protocol> {
    let value = if needs_ntz(schema) {
        json!({
            "minReaderVersion": 3,
            "minWriterVersion": 7,
            "readerFeatures": ["timestampNtz"],
            "writerFeatures": ["timestampNtz"],
        })
    } else {
        json!({ "minReaderVersion": 1, "minWriterVersion": 2 })
    };
    serde_json::from_value(value).map_err(internal)
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{Field, TimeUnit};

    use super::*;

    #[test]
    fn times_without_a_zone_are_told_by_the_protocol_wherever_they_stand() {
        let of = |data_type: DataType| {
            let schema = Schema::new(vec![Field::new("t", data_type, true)]);
            serde_json::to_string(&protocol(&schema).unwrap()).unwrap().contains("timestampNtz")
        };
        let plain = DataType::Timestamp(TimeUnit::Microsecond, None);
        let zoned = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        assert!(of(plain.clone()));
        assert!(of(DataType::new_list(plain.clone(), true)));
        assert!(of(DataType::Struct(vec![Field::new("at", plain, true)].into())));
        assert!(!of(zoned.clone()));
        assert!(!of(DataType::new_list(zoned, true)));
        assert!(!of(DataType::Int64));
    }
}
