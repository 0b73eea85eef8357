//! Delta's per-file statistics, for the readers that skip files by them.

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{DataType, Schema};
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::file::metadata::ParquetMetaData;
use serde_json::{Map, Value, json};

use crate::engine::json::value_at;

/// Longest text that statistics hold, in characters.
const LONGEST: usize = 32;

/// The statistics of a file as Delta's JSON. Only the null count for a classified column.
pub fn file_statistics(footer: &ParquetMetaData, schema: &Schema, classified: &[String]) -> String {
    let (mut low, mut high, mut nulls) = (Map::new(), Map::new(), Map::new());
    for field in schema.fields() {
        let Some(found) = column(footer, schema, field.name()) else { continue };
        nulls.insert(field.name().clone(), json!(found.nulls));
        if classified.contains(field.name()) {
            continue;
        }
        if let Some((least, greatest)) = found.range {
            low.insert(field.name().clone(), least);
            high.insert(field.name().clone(), greatest);
        }
    }
    let rows = footer.file_metadata().num_rows();
    json!({ "numRecords": rows, "minValues": low, "maxValues": high, "nullCount": nulls })
        .to_string()
}

struct Found {
    nulls: u64,
    range: Option<(Value, Value)>,
}

fn column(footer: &ParquetMetaData, schema: &Schema, name: &str) -> Option<Found> {
    let descriptor = footer.file_metadata().schema_descr();
    let converter = StatisticsConverter::try_new(name, schema, descriptor).ok()?;
    let groups = footer.row_groups();
    let nulls = converter.row_group_null_counts(groups).ok()?;
    let counts: u64 = nulls.iter().collect::<Option<Vec<u64>>>()?.iter().sum();
    let least = converter.row_group_mins(groups).ok()?;
    let greatest = converter.row_group_maxes(groups).ok()?;
    Some(Found { nulls: counts, range: range(&least, &greatest) })
}

fn range(least: &ArrayRef, greatest: &ArrayRef) -> Option<(Value, Value)> {
    let skip = matches!(least.data_type(), DataType::Binary | DataType::Boolean);
    if skip || least.null_count() > 0 || greatest.null_count() > 0 || least.is_empty() {
        return None;
    }
    let low = extreme(least, true)?;
    let high = extreme(greatest, false)?;
    let short = |v: &Value| v.as_str().is_none_or(|s| s.chars().count() <= LONGEST);
    // Decimals are numbers in Delta's JSON; NaN and infinities are not.
    let low = plain(least.data_type(), low)?;
    let high = plain(greatest.data_type(), high)?;
    (short(&low) && short(&high)).then_some((low, high))
}

fn extreme(array: &ArrayRef, least: bool) -> Option<Value> {
    let options = arrow::compute::SortOptions { descending: !least, nulls_first: false };
    let order = arrow::compute::sort_to_indices(array, Some(options), Some(1)).ok()?;
    Some(value_at(array, order.values().first().map(|n| *n as usize)?))
}

fn plain(data_type: &DataType, value: Value) -> Option<Value> {
    match (data_type, &value) {
        // Beyond 15 digits a double would move the bound.
        (DataType::Decimal128(precision, _), _) if *precision > 15 => None,
        (DataType::Decimal128(..), Value::String(text)) => {
            text.parse::<f64>().ok().filter(|f| f.is_finite()).map(|f| json!(f))
        }
        (DataType::Float32 | DataType::Float64, Value::String(_)) => None,
        _ => Some(value),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, RecordBatch, StringArray};
    use parquet::arrow::ArrowWriter;

    use super::*;

    /// The statistics of a file of one column `a`, of these row groups.
    fn told(groups: &[ArrayRef], classified: &[String]) -> Value {
        let batch = |column: &ArrayRef| {
            let columns = [("a", Arc::clone(column), true)];
            RecordBatch::try_from_iter_with_nullable(columns).unwrap()
        };
        let schema = batch(&groups[0]).schema();
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, Arc::clone(&schema), None).unwrap();
        for group in groups {
            writer.write(&batch(group)).unwrap();
            writer.flush().unwrap();
        }
        let footer = writer.finish().unwrap();
        assert_eq!(footer.num_row_groups(), groups.len());
        serde_json::from_str(&file_statistics(&footer, &schema, classified)).unwrap()
    }

    fn longs(values: &[Option<i64>]) -> ArrayRef {
        Arc::new(Int64Array::from(values.to_vec()))
    }

    #[test]
    fn the_range_of_a_file_is_that_of_all_its_row_groups() {
        let told = told(&[longs(&[Some(5), Some(1)]), longs(&[Some(9), Some(3), None])], &[]);
        assert_eq!(told["minValues"], json!({ "a": 1 }));
        assert_eq!(told["maxValues"], json!({ "a": 9 }));
        assert_eq!(told["nullCount"], json!({ "a": 1 }));
        assert_eq!(told["numRecords"], 5);
    }

    #[test]
    fn a_row_group_without_a_range_leaves_the_file_without_one() {
        let told = told(&[longs(&[Some(5)]), longs(&[None, None])], &[]);
        assert_eq!((&told["minValues"], &told["maxValues"]), (&json!({}), &json!({})));
        assert_eq!(told["nullCount"], json!({ "a": 2 }));
    }

    #[test]
    fn of_a_classified_column_nulls_are_counted_and_no_value_is_told() {
        let told = told(&[longs(&[Some(5), None])], &["a".to_owned()]);
        assert_eq!((&told["minValues"], &told["maxValues"]), (&json!({}), &json!({})));
        assert_eq!(told["nullCount"], json!({ "a": 1 }));
    }

    #[test]
    fn a_long_text_is_told_in_no_part() {
        let text = |length: usize| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(["x".repeat(length)]))
        };
        let longest = told(&[text(LONGEST)], &[]);
        assert_eq!(longest["maxValues"]["a"], "x".repeat(LONGEST));
        assert_eq!(told(&[text(LONGEST + 1)], &[])["maxValues"], json!({}));
    }
}
