//! INT96, the timestamps that Spark writes: a day and the nanoseconds of it.
//!
//! Nanoseconds since 1970 end in 2262, and the Parquet reader would wrap. So the column's own values
//! decide: they are read as microseconds, unless one of them is finer than that.

use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, TimeUnit};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, RowGroups};
use parquet::basic::Type;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::{Int96, Int96Type};
use parquet::errors::ParquetError;
use std::collections::HashMap;
use std::sync::Arc;

use super::bytes::FileBytes;
use super::guarded_pages::GuardedRowGroup;
use super::pages::walk;

/// The day that 1970 begins with, as INT96 counts days.
const EPOCH: i128 = 2_440_588;
/// Nanoseconds of a day.
const DAY: i128 = 86_400_000_000_000;
/// Most bytes that a page may claim.
const MOST_PAGE: usize = 512 << 20;
/// Values that are looked at together.
const VALUES: usize = 16 * 1024;

/// The metadata with a type for each INT96 column that holds all of its values.
///
/// `instants` says that the values are instants, which INT96 itself does not tell.
///
/// # Errors
/// In words for a report: why there is no such type, or the values cannot be read.
pub(super) fn exactly(
    metadata: ArrowReaderMetadata,
    file: &FileBytes,
    instants: bool,
) -> Result<ArrowReaderMetadata, String> {
    let leaves = metadata.parquet_schema().columns().iter().enumerate();
    let leaves: Vec<usize> = leaves
        .filter(|(_, column)| column.physical_type() == Type::INT96)
        .map(|(leaf, _)| leaf)
        .collect();
    if leaves.is_empty() {
        return Ok(metadata);
    }
    let mut units = HashMap::new();
    for leaf in leaves {
        let name = metadata.parquet_schema().column(leaf).path().string();
        let unit = unit_of(&metadata, file, leaf).map_err(|e| format!("column {name}: {e}"))?;
        units.insert(leaf, unit);
    }
    let mut types = Types { units, instants, leaf: 0 };
    let schema = metadata.schema();
    let fields: Fields = schema.fields().iter().map(|field| types.field(field)).collect();
    let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
    let options = ArrowReaderOptions::new().with_schema(schema);
    ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options)
        .map_err(|e| format!("the INT96 columns cannot be read: {e}"))
}

/// The unit that the engine's own scan is to read the INT96 columns of these files as: the one that
/// they were found to need. `None` where there are none.
pub(super) fn unit<'a>(
    files: impl Iterator<Item = &'a ArrowReaderMetadata>,
) -> Option<&'static str> {
    let mut found = None;
    for metadata in files {
        let mut types = Vec::new();
        metadata.schema().fields().iter().for_each(|field| leaves(field.data_type(), &mut types));
        let columns = metadata.parquet_schema().columns().iter().zip(types);
        for (_, data_type) in columns.filter(|(c, _)| c.physical_type() == Type::INT96) {
            match data_type {
                DataType::Timestamp(TimeUnit::Nanosecond, _) => return Some("ns"),
                _ => found = Some("us"),
            }
        }
    }
    found
}

/// The types of a type's leaves, in the order of Parquet's columns.
fn leaves(data_type: &DataType, into: &mut Vec<DataType>) {
    match data_type {
        DataType::Struct(fields) => {
            fields.iter().for_each(|field| leaves(field.data_type(), into));
        }
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _)
        | DataType::Map(item, _) => leaves(item.data_type(), into),
        leaf => into.push(leaf.clone()),
    }
}

/// The unit that holds every value of a column.
fn unit_of(
    metadata: &ArrowReaderMetadata,
    file: &FileBytes,
    leaf: usize,
) -> Result<TimeUnit, String> {
    let mut seen = Seen::default();
    for row_group in 0..metadata.metadata().num_row_groups() {
        walk(file, metadata.metadata().row_group(row_group).column(leaf), MOST_PAGE)?;
        let pages = GuardedRowGroup::new(file.clone(), metadata.metadata(), row_group);
        look(&pages, leaf, &mut seen).map_err(|e| e.to_string())?;
    }
    match seen {
        Seen { beyond_micros: true, .. } => {
            Err("an INT96 timestamp that microseconds do not reach".to_owned())
        }
        Seen { finer: true, beyond_nanos: true, .. } => Err(
            "INT96 timestamps finer than a microsecond, and others beyond the years 1677 to 2262: no \
             type holds both"
                .to_owned(),
        ),
        Seen { finer: true, .. } => Ok(TimeUnit::Nanosecond),
        _ => Ok(TimeUnit::Microsecond),
    }
}

/// What a column's values need.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    /// One is not a whole number of microseconds.
    finer: bool,
    /// One is beyond what nanoseconds reach.
    beyond_nanos: bool,
    /// One is beyond what microseconds reach.
    beyond_micros: bool,
}

impl Seen {
    fn add(&mut self, value: &Int96) {
        let [low, high, day] = *value.data() else { return };
        #[allow(clippy::cast_possible_wrap, reason = "the day is a signed number of 32 bits")]
        let day = i128::from(day as i32);
        let nanos = i128::from((u64::from(high) << 32) | u64::from(low));
        let nanos = (day - EPOCH) * DAY + nanos;
        self.finer |= nanos % 1_000 != 0;
        self.beyond_nanos |= i64::try_from(nanos).is_err();
        self.beyond_micros |= i64::try_from(nanos.div_euclid(1_000)).is_err();
    }
}

fn look(pages: &GuardedRowGroup, leaf: usize, seen: &mut Seen) -> Result<(), ParquetError> {
    let column = pages.metadata().file_metadata().schema_descr().column(leaf);
    for chunk in pages.column_chunks(leaf)? {
        let ColumnReader::Int96ColumnReader(reader) =
            get_column_reader(Arc::clone(&column), chunk?)
        else {
            continue;
        };
        look_at_chunk(reader, (column.max_def_level() > 0, column.max_rep_level() > 0), seen)?;
    }
    Ok(())
}

fn look_at_chunk(
    mut reader: ColumnReaderImpl<Int96Type>,
    (optional, repeated): (bool, bool),
    seen: &mut Seen,
) -> Result<(), ParquetError> {
    let (mut definitions, mut repetitions, mut values) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        definitions.clear();
        repetitions.clear();
        values.clear();
        let (records, _, levels) = reader.read_records(
            VALUES,
            optional.then_some(&mut definitions),
            repeated.then_some(&mut repetitions),
            &mut values,
        )?;
        values.iter().for_each(|value| seen.add(value));
        if records == 0 && levels == 0 {
            return Ok(());
        }
    }
}

/// Fields with the types of their INT96 leaves.
struct Types {
    units: HashMap<usize, TimeUnit>,
    instants: bool,
    /// The next leaf.
    leaf: usize,
}

impl Types {
    fn field(&mut self, field: &FieldRef) -> FieldRef {
        let data_type = self.of(field.data_type());
        Arc::new(Field::clone(field).with_data_type(data_type))
    }

    fn of(&mut self, data_type: &DataType) -> DataType {
        match data_type {
            DataType::Struct(fields) => {
                DataType::Struct(fields.iter().map(|field| self.field(field)).collect())
            }
            DataType::List(item) => DataType::List(self.field(item)),
            DataType::LargeList(item) => DataType::LargeList(self.field(item)),
            DataType::ListView(item) => DataType::ListView(self.field(item)),
            DataType::LargeListView(item) => DataType::LargeListView(self.field(item)),
            DataType::FixedSizeList(item, size) => DataType::FixedSizeList(self.field(item), *size),
            DataType::Map(entries, sorted) => DataType::Map(self.field(entries), *sorted),
            leaf => {
                let unit = self.units.get(&self.leaf);
                self.leaf += 1;
                match (unit, leaf) {
                    (Some(unit), DataType::Timestamp(_, zone)) => {
                        let utc = self.instants.then(|| "UTC".into());
                        DataType::Timestamp(*unit, zone.clone().or(utc))
                    }
                    _ => leaf.clone(),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int96(day: u32, nanos: u64) -> Int96 {
        let mut value = Int96::new();
        #[allow(clippy::cast_possible_truncation)]
        value.set_data(nanos as u32, (nanos >> 32) as u32, day);
        value
    }

    #[test]
    fn each_value_tells_what_type_it_needs() {
        let needs = |day, nanos| {
            let mut seen = Seen::default();
            seen.add(&int96(day, nanos));
            (seen.finer, seen.beyond_nanos, seen.beyond_micros)
        };
        // 2024-01-01, 9999-12-31, 0001-01-01.
        assert_eq!(needs(2_460_311, 1_000), (false, false, false));
        assert_eq!(needs(2_460_311, 1_001), (true, false, false));
        assert_eq!(needs(5_373_484, 86_399_999_999_000), (false, true, false));
        assert_eq!(needs(1_721_426, 0), (false, true, false));
        assert_eq!(needs(1_721_426, 1), (true, true, false));
        assert_eq!(needs(i32::MAX as u32, 0), (false, true, true));
        assert_eq!(needs(i32::MIN as u32, 0), (false, true, true));
    }
}
