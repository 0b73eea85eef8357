//! Entries as rows of Parquet files. Columns that this version does not know survive.

use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef, TimeUnit};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use serde_json::{Value, json};

use crate::engine::damage::contained;
use crate::engine::json::value_at;
use crate::error::{Error, Result};

use super::Entry;

/// Rows of several files as one batch, with every column that any of them has.
pub(super) fn merge(batches: &[RecordBatch]) -> Result<RecordBatch> {
    let batches: Vec<RecordBatch> = batches.iter().map(as_written).collect::<Result<_>>()?;
    let schemas =
        batches.iter().map(|b| b.schema().as_ref().clone().with_metadata(Default::default()));
    let merged = Arc::new(Schema::try_merge(schemas)?);
    let padded: Vec<RecordBatch> =
        batches.iter().map(|b| pad(b, &merged)).collect::<Result<_>>()?;
    Ok(concat_batches(&merged, &padded)?)
}

/// A batch whose known columns have the types that this version writes: another tool may have
/// written them as others.
fn as_written(batch: &RecordBatch) -> Result<RecordBatch> {
    let known = schema();
    let mut fields = Vec::with_capacity(batch.num_columns());
    let mut columns = Vec::with_capacity(batch.num_columns());
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        match known.field_with_name(field.name()) {
            Ok(own) => {
                columns.push(cast(column, own.data_type())?);
                fields.push(own.clone());
            }
            Err(_) => {
                columns.push(Arc::clone(column));
                fields.push(field.as_ref().clone().with_nullable(true));
            }
        }
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

fn pad(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = schema
        .fields()
        .iter()
        .map(|field| match batch.column_by_name(field.name()) {
            Some(column) => Arc::clone(column),
            None => arrow::array::new_null_array(field.data_type(), batch.num_rows()),
        })
        .collect();
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}

/// Rows as the bytes of a Parquet file.
pub(super) fn to_parquet(batch: &RecordBatch) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None)?;
    writer.write(batch)?;
    writer.close()?;
    Ok(bytes)
}

/// The rows of a Parquet file, of all columns or of one.
///
/// # Errors
/// In words: why the bytes are not a readable Parquet file.
pub(super) fn from_parquet(bytes: Bytes, only: Option<&str>) -> Result<Vec<RecordBatch>, String> {
    let read = || -> Result<Vec<RecordBatch>> {
        let mut builder = ParquetRecordBatchReaderBuilder::try_new(bytes)?;
        if let Some(column) = only {
            let mask = ProjectionMask::columns(builder.parquet_schema(), [column]);
            builder = builder.with_projection(mask);
        }
        builder.build()?.map(|batch| batch.map_err(Error::from)).collect()
    };
    match contained(read) {
        Some(read) => read.map_err(|e| e.message().to_owned()),
        None => Err("its pages are damaged".to_owned()),
    }
}

/// Delta's statistics of a file with these rows: where its entries are in the ledger.
pub(super) fn statistics(batch: &RecordBatch) -> Option<String> {
    let sequences = sequences(batch);
    let (least, most) = (sequences.iter().min()?, sequences.iter().max()?);
    let mut json = json!({
        "numRecords": batch.num_rows(),
        "minValues": { "sequence": least },
        "maxValues": { "sequence": most },
        "nullCount": { "sequence": 0 },
    });
    let majors = numbers(batch, "major");
    if let (Some(least), Some(most)) = (majors.iter().min(), majors.iter().max()) {
        json["minValues"]["major"] = json!(least);
        json["maxValues"]["major"] = json!(most);
    }
    Some(json.to_string())
}

/// The least and the greatest major of a file's releases, by its statistics.
pub(super) fn majors_in_statistics(statistics: &str) -> Option<(u64, u64)> {
    let json: Value = serde_json::from_str(statistics).ok()?;
    Some((json["minValues"]["major"].as_u64()?, json["maxValues"]["major"].as_u64()?))
}

/// The greatest sequence of a file, by its statistics.
pub(super) fn newest_in_statistics(statistics: &str) -> Option<u64> {
    let json: Value = serde_json::from_str(statistics).ok()?;
    json["maxValues"]["sequence"].as_u64()
}

/// The sequences of a batch of entries.
pub(super) fn sequences(batch: &RecordBatch) -> Vec<u64> {
    numbers(batch, "sequence")
}

/// The numbers of a column, without NULLs.
pub(super) fn numbers(batch: &RecordBatch, column: &str) -> Vec<u64> {
    let column = batch.column_by_name(column).and_then(|c| cast(c, &DataType::Int64).ok());
    let values = column.as_ref().and_then(|c| c.as_primitive_opt::<Int64Type>());
    values.into_iter().flatten().flatten().filter_map(|n| u64::try_from(n).ok()).collect()
}

/// The ledger's columns.
pub(super) fn schema() -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let long = |name: &str| Field::new(name, DataType::Int64, true);
    let map = |name: &str, value: DataType| {
        let entries = DataType::Struct(
            vec![Field::new("key", DataType::Utf8, false), Field::new("value", value, true)].into(),
        );
        Field::new(name, DataType::Map(Field::new("key_value", entries, false).into(), false), true)
    };
    let table = DataType::Struct(
        vec![text("path"), long("version"), long("rows"), text("checksum")].into(),
    );
    let source = DataType::Struct(
        vec![text("repo"), text("commit"), Field::new("dirty", DataType::Boolean, true)].into(),
    );
    Arc::new(Schema::new(vec![
        long("sequence"),
        text("kind"),
        long("release"),
        long("base_release"),
        long("major"),
        text("publish_id"),
        map("tables", table),
        text("contract_version"),
        text("contract_hash"),
        text("contract"),
        text("report"),
        map("depends_on", DataType::Int64),
        Field::new("time", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), true),
        text("publisher"),
        text("run_id"),
        Field::new("sources", DataType::List(Field::new("element", source, true).into()), true),
        map("labels", DataType::Utf8),
        long("format_version"),
    ]))
}

/// An entry as a row.
pub(super) fn encode(entry: &Entry) -> Result<RecordBatch> {
    let json = serde_json::to_vec(entry)
        .map_err(|e| Error::try_again("ledger", e.to_string()).caused_by(e))?;
    let mut reader = arrow::json::ReaderBuilder::new(schema()).build(json.as_slice())?;
    match reader.next() {
        Some(batch) => Ok(batch?),
        None => Err(Error::try_again("ledger", "an entry came to nothing")),
    }
}

/// The entries of a batch.
pub(super) fn decode(batch: &RecordBatch) -> Result<Vec<Entry>> {
    let schema = batch.schema();
    (0..batch.num_rows())
        .map(|row| {
            let fields = schema.fields().iter().zip(batch.columns());
            let object: serde_json::Map<String, Value> =
                fields.map(|(f, column)| (f.name().clone(), value_at(column, row))).collect();
            serde_json::from_value(Value::Object(object)).map_err(|e| {
                Error::try_again("ledger", format!("an entry cannot be read: {e}"))
                    .hint("it may be of a newer format; install a newer pactum")
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::entry;
    use super::*;

    #[test]
    fn an_entry_survives_the_way_there_and_back() {
        assert_eq!(decode(&encode(&entry(4)).unwrap()).unwrap(), [entry(4)]);
    }

    #[test]
    fn statistics_tell_the_newest_entry_of_a_file() {
        let rows = [encode(&entry(7)).unwrap(), encode(&entry(3)).unwrap()];
        let statistics = statistics(&merge(&rows).unwrap()).unwrap();
        assert_eq!(newest_in_statistics(&statistics), Some(7));
        assert_eq!(newest_in_statistics("{}"), None);
    }

    #[test]
    fn bytes_that_are_not_parquet_are_named_as_such() {
        let good = to_parquet(&encode(&entry(0)).unwrap()).unwrap();
        assert!(from_parquet(Bytes::from(good.clone()), None).is_ok());
        assert!(from_parquet(Bytes::from(good[..good.len() / 2].to_vec()), None).is_err());
        assert!(from_parquet(Bytes::new(), None).is_err());
    }
}
