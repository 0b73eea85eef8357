//! Keys in order: whether rows are sorted by a key, and which keys repeat, found during the scan.
//!
//! Where the delivery is sorted, equal keys are neighbours: comparing neighbours is exact and needs
//! no memory. Anything else is answered by a query that groups and may spill.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::{SortOptions, cast};
use arrow::datatypes::{DataType, Float32Type, Float64Type, SchemaRef};
use arrow::row::{RowConverter, SortField};

use crate::contract::types::plain;
use crate::error::Result;

/// What is known of one key over a run of rows.
#[derive(Debug, Clone, Default)]
pub(super) struct KeyRun {
    /// The first and last key, as comparable bytes; absent before the first row.
    ends: Option<(Vec<u8>, Vec<u8>)>,
    first_is_null: bool,
    last_is_null: bool,
    /// Whether no row is below its predecessor.
    pub sorted: bool,
    /// Rows beyond the first of each key.
    pub duplicates: u64,
    /// Keys that stand in more than one row.
    pub groups: u64,
    starts_in_group: bool,
    ends_in_group: bool,
    /// Rows of the file that repeat their predecessor's key, the first few.
    pub repeated: Vec<u64>,
    first_row: u64,
}

impl KeyRun {
    /// A run of no rows.
    pub fn new() -> Self {
        Self { sorted: true, ..Self::default() }
    }

    /// The first key of the run.
    pub fn first(&self) -> Option<&[u8]> {
        self.ends.as_ref().map(|(first, _)| first.as_slice())
    }

    /// Appends a run that follows this one, of the same file or of the next.
    ///
    /// Returns whether the next run's first row repeats this run's last.
    pub fn append(&mut self, next: &Self, limit: usize) -> bool {
        let Some((next_first, next_last)) = &next.ends else { return false };
        let Some((first, last)) = &mut self.ends else {
            let sorted = self.sorted && next.sorted;
            *self = Self { sorted, ..next.clone() };
            return false;
        };
        self.sorted &= next.sorted && *last <= *next_first;
        let repeats = *last == *next_first && !self.last_is_null && !next.first_is_null;
        if repeats {
            self.duplicates += 1;
            // So far every row had this one key: the group begins with the run.
            self.starts_in_group |= first == last;
            match (self.ends_in_group, next.starts_in_group) {
                (true, true) => self.groups = self.groups.saturating_sub(1),
                (false, false) => self.groups += 1,
                _ => {}
            }
            if self.repeated.len() < limit {
                self.repeated.push(next.first_row);
            }
        }
        let single = next_first == next_last;
        self.ends_in_group = next.ends_in_group || (repeats && single && next.duplicates == 0);
        self.duplicates += next.duplicates;
        self.groups += next.groups;
        let room = limit.saturating_sub(self.repeated.len());
        self.repeated.extend(next.repeated.iter().take(room));
        last.clone_from(next_last);
        self.last_is_null = next.last_is_null;
        repeats
    }
}

/// Follows one key through the batches of a row group.
pub(super) struct Tracker {
    columns: Vec<usize>,
    converter: RowConverter,
    types: Vec<DataType>,
    run: KeyRun,
    /// Set by whoever meets an inversion: then nobody needs to look on.
    unsorted: Arc<AtomicBool>,
    limit: usize,
}

impl Tracker {
    /// A tracker of these columns of batches with this schema.
    pub fn new(
        columns: &[usize],
        schema: &SchemaRef,
        unsorted: Arc<AtomicBool>,
        limit: usize,
    ) -> Result<Self> {
        let types: Vec<_> = columns.iter().map(|n| plain(schema.field(*n).data_type())).collect();
        // As SQL orders here: NULL last.
        let options = SortOptions { descending: false, nulls_first: false };
        let fields =
            types.iter().map(|t| SortField::new_with_options(t.clone(), options)).collect();
        let converter = RowConverter::new(fields)?;
        Ok(Self {
            columns: columns.to_vec(),
            converter,
            types,
            run: KeyRun::new(),
            unsorted,
            limit,
        })
    }

    /// Looks at the next batch, whose first row has this number in its file.
    pub fn add(&mut self, batch: &RecordBatch, first_row: u64) -> Result<()> {
        if self.columns.is_empty() {
            // A column of the key is not in this file: neighbours tell nothing.
            self.unsorted.store(true, Ordering::Relaxed);
        }
        if batch.num_rows() == 0 || self.unsorted.load(Ordering::Relaxed) {
            return Ok(());
        }
        let arrays: Vec<ArrayRef> = self
            .columns
            .iter()
            .zip(&self.types)
            .map(|(n, data_type)| {
                let array = batch.column(*n);
                if array.data_type() == data_type {
                    Ok(one_zero(array))
                } else {
                    cast(array, data_type).map(|array| one_zero(&array))
                }
            })
            .collect::<std::result::Result<_, _>>()?;
        let nullable = arrays.iter().any(|a| a.null_count() > 0);
        let is_null = |row: usize| nullable && arrays.iter().any(|a| a.is_null(row));
        let rows = self.converter.convert_columns(&arrays)?;
        let count = rows.num_rows();
        let mut run = KeyRun::new();
        let mut in_group = false;
        for row in 1..count {
            let (before, here) = (rows.row(row - 1), rows.row(row));
            match before.cmp(&here) {
                std::cmp::Ordering::Less => in_group = false,
                std::cmp::Ordering::Greater => {
                    self.unsorted.store(true, Ordering::Relaxed);
                    self.run.sorted = false;
                    return Ok(());
                }
                std::cmp::Ordering::Equal if is_null(row) => in_group = false,
                std::cmp::Ordering::Equal => {
                    run.duplicates += 1;
                    run.groups += u64::from(!in_group);
                    run.starts_in_group |= row == 1;
                    in_group = true;
                    if run.repeated.len() < self.limit {
                        run.repeated.push(first_row + row as u64);
                    }
                }
            }
        }
        run.ends = Some((rows.row(0).data().to_vec(), rows.row(count - 1).data().to_vec()));
        run.first_is_null = is_null(0);
        run.last_is_null = is_null(count - 1);
        run.ends_in_group = in_group;
        run.first_row = first_row;
        self.run.append(&run, self.limit);
        if !self.run.sorted {
            self.unsorted.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// What was found.
    pub fn finish(mut self) -> KeyRun {
        self.run.sorted &= !self.unsorted.load(Ordering::Relaxed);
        self.run
    }
}

/// The values with `-0.0` as `0.0`: the two are one key.
fn one_zero(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Float64 => {
            Arc::new(array.as_primitive::<Float64Type>().unary::<_, Float64Type>(|v| v + 0.0))
        }
        DataType::Float32 => {
            Arc::new(array.as_primitive::<Float32Type>().unary::<_, Float32Type>(|v| v + 0.0))
        }
        _ => Arc::clone(array),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::Int64Array;
    use arrow::datatypes::{Field, Schema};

    fn run(values: &[Option<i64>], batch_size: usize) -> KeyRun {
        let schema = Arc::new(Schema::new(vec![Field::new("k", DataType::Int64, true)]));
        let unsorted = Arc::new(AtomicBool::new(false));
        let mut tracker = Tracker::new(&[0], &schema, unsorted, 5).unwrap();
        for (n, chunk) in values.chunks(batch_size).enumerate() {
            let array: ArrayRef = Arc::new(Int64Array::from(chunk.to_vec()));
            let batch = RecordBatch::try_new(Arc::clone(&schema), vec![array]).unwrap();
            tracker.add(&batch, (n * batch_size) as u64).unwrap();
        }
        tracker.finish()
    }

    #[test]
    fn repetitions_are_counted_alike_however_batches_fall() {
        let values: Vec<Option<i64>> =
            [1, 2, 2, 2, 3, 4, 4, 5, 5, 5, 5].into_iter().map(Some).collect();
        for batch_size in 1..=12 {
            let found = run(&values, batch_size);
            assert!(found.sorted);
            assert_eq!((found.duplicates, found.groups), (6, 3), "batches of {batch_size}");
            assert_eq!(found.repeated, [2, 3, 6, 8, 9], "batches of {batch_size}");
        }
    }

    proptest::proptest! {
        #[test]
        fn runs_of_runs_count_as_one(
            mut values in proptest::collection::vec(0i64..12, 1..60),
            cut in 1usize..20,
            batch in 1usize..7,
        ) {
            values.sort_unstable();
            let keys: Vec<Option<i64>> = values.iter().copied().map(Some).collect();
            let mut total = KeyRun::new();
            for chunk in keys.chunks(cut) {
                total.append(&run(chunk, batch), 0);
            }
            let mut distinct = values.clone();
            distinct.dedup();
            let groups = distinct
                .iter()
                .filter(|v| values.iter().filter(|w| w == v).count() > 1)
                .count();
            proptest::prop_assert!(total.sorted);
            proptest::prop_assert_eq!(total.duplicates as usize, values.len() - distinct.len());
            proptest::prop_assert_eq!(total.groups as usize, groups);
        }
    }

    #[test]
    fn nulls_are_distinct_and_an_inversion_is_seen_across_batches() {
        assert_eq!(run(&[None, None, Some(1)], 2).duplicates, 0);
        for batch_size in 1..=3 {
            assert!(!run(&[Some(1), Some(3), Some(2)], batch_size).sorted);
        }
    }
}
