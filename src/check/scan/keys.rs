//! Keys in order: whether rows are sorted by a key, and which keys repeat, found during the scan.
//!
//! Where the delivery is sorted, equal keys are neighbours: comparing neighbours is exact and needs
//! no memory. Anything else is answered by hashes (`unique`).

use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray, RecordBatch, make_comparator};
use arrow::compute::SortOptions;
use arrow::datatypes::{ArrowPrimitiveType, DataType, Int32Type, Int64Type};
use arrow::row::{RowConverter, SortField};

use crate::check::unique::key::KeyColumns;
use crate::error::Result;

/// What is known of one key over a run of rows.
#[derive(Debug, Clone, Default)]
pub(in crate::check) struct KeyRun {
    /// The first and last key, as comparable bytes; absent before the first row.
    ends: Option<(Vec<u8>, Vec<u8>)>,
    first_is_null: bool,
    last_is_null: bool,
    /// Whether no row is below its predecessor.
    pub sorted: bool,
    /// Rows beyond the first of each key.
    pub duplicates: u64,
    /// Keys that occur in more than one row.
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
            // Every row so far had the same key: the group begins with the run.
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
pub(in crate::check) struct Tracker {
    columns: KeyColumns,
    converter: RowConverter,
    run: KeyRun,
    limit: usize,
}

impl Tracker {
    /// A tracker of a key of these types.
    pub fn new(columns: KeyColumns, limit: usize) -> Result<Self> {
        let fields = columns
            .types()
            .iter()
            .map(|t| SortField::new_with_options(t.clone(), NULL_LAST))
            .collect();
        let converter = RowConverter::new(fields)?;
        Ok(Self { columns, converter, run: KeyRun::new(), limit })
    }

    /// Looks at the next batch, whose first row has this number in its file. Returns whether the
    /// rows are still in order.
    pub fn add(&mut self, batch: &RecordBatch, first_row: u64) -> Result<bool> {
        let count = batch.num_rows();
        if count == 0 || !self.run.sorted {
            return Ok(self.run.sorted);
        }
        let arrays = self.columns.values(batch)?;
        let nullable = arrays.iter().any(|a| a.logical_null_count() > 0);
        let nulls: Vec<_> =
            arrays.iter().map(|a| a.logical_nulls()).take_while(|_| nullable).collect();
        let is_null = |row: usize| nulls.iter().flatten().any(|n| n.is_null(row));
        let order = neighbours(&arrays)?;
        let mut run = KeyRun::new();
        let mut in_group = false;
        for (row, code) in order.iter().enumerate().skip(1) {
            match code {
                -1 => in_group = false,
                0 if is_null(row) => in_group = false,
                0 => {
                    run.duplicates += 1;
                    run.groups += u64::from(!in_group);
                    run.starts_in_group |= row == 1;
                    in_group = true;
                    if run.repeated.len() < self.limit {
                        run.repeated.push(first_row + row as u64);
                    }
                }
                _ => {
                    self.run.sorted = false;
                    return Ok(false);
                }
            }
        }
        run.ends = Some((self.bytes(&arrays, 0)?, self.bytes(&arrays, count - 1)?));
        run.first_is_null = is_null(0);
        run.last_is_null = is_null(count - 1);
        run.ends_in_group = in_group;
        run.first_row = first_row;
        self.run.append(&run, self.limit);
        Ok(self.run.sorted)
    }

    fn bytes(&self, arrays: &[ArrayRef], row: usize) -> Result<Vec<u8>> {
        let one: Vec<ArrayRef> = arrays.iter().map(|a| a.slice(row, 1)).collect();
        Ok(self.converter.convert_columns(&one)?.row(0).data().to_vec())
    }

    /// What was found.
    pub fn finish(self) -> KeyRun {
        self.run
    }
}

/// As SQL orders here: NULL last.
const NULL_LAST: SortOptions = SortOptions { descending: false, nulls_first: false };

/// Each row's predecessor against it: -1 below, 0 equal, 1 above. The first row has none.
fn neighbours(arrays: &[ArrayRef]) -> Result<Vec<i8>> {
    let mut order = vec![0i8; arrays.first().map_or(0, |a| a.len())];
    for array in arrays {
        let plain = array.null_count() == 0;
        match array.data_type() {
            DataType::Int64 if plain => refine(&mut order, array.as_primitive::<Int64Type>()),
            DataType::Int32 if plain => refine(&mut order, array.as_primitive::<Int32Type>()),
            _ => {
                let compare = make_comparator(array, array, NULL_LAST)?;
                for (row, code) in order.iter_mut().enumerate().skip(1) {
                    if *code == 0 {
                        *code = compare(row - 1, row) as i8;
                    }
                }
            }
        }
    }
    Ok(order)
}

/// Decides, by one more column, between rows that are equal so far.
fn refine<T: ArrowPrimitiveType>(order: &mut [i8], array: &PrimitiveArray<T>)
where
    T::Native: PartialOrd,
{
    let values = array.values();
    let pairs = values.iter().zip(values.iter().skip(1));
    for (code, (before, here)) in order.iter_mut().skip(1).zip(pairs) {
        let found = i8::from(before > here) - i8::from(before < here);
        *code = if *code == 0 { found } else { *code };
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use arrow::array::Int64Array;
    use arrow::datatypes::{Field, Schema};

    fn run(values: &[Option<i64>], batch_size: usize) -> KeyRun {
        let schema = Arc::new(Schema::new(vec![Field::new("k", DataType::Int64, true)]));
        let columns = KeyColumns::new(&[0], &[DataType::Int64]);
        let mut tracker = Tracker::new(columns, 5).unwrap();
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

    /// What is known of a key of these columns, in one batch.
    fn run_of(columns: Vec<ArrayRef>) -> KeyRun {
        let types: Vec<DataType> = columns.iter().map(|c| c.data_type().clone()).collect();
        let fields: Vec<Field> = types
            .iter()
            .enumerate()
            .map(|(n, data_type)| Field::new(format!("k{n}"), data_type.clone(), true))
            .collect();
        let indices: Vec<usize> = (0..columns.len()).collect();
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
        let mut tracker = Tracker::new(KeyColumns::new(&indices, &types), 5).unwrap();
        tracker.add(&batch, 0).unwrap();
        tracker.finish()
    }

    fn whole(values: &[i64]) -> ArrayRef {
        Arc::new(Int64Array::from(values.to_vec()))
    }

    #[test]
    fn a_second_column_decides_between_equal_values_of_the_first_alone() {
        let found = run_of(vec![whole(&[1, 1, 2, 2]), whole(&[1, 2, 2, 2])]);
        assert_eq!((found.sorted, found.duplicates, found.groups), (true, 1, 1));
        assert_eq!(found.repeated, [3]);
        let falling = run_of(vec![whole(&[1, 2]), whole(&[2, 1])]);
        assert_eq!((falling.sorted, falling.duplicates), (true, 0));
        assert!(!run_of(vec![whole(&[1, 1]), whole(&[2, 1])]).sorted);
    }

    #[test]
    fn every_nan_is_one_key_and_so_is_every_zero() {
        use arrow::array::{Float32Array, Float64Array};
        let nans = [f64::NAN, f64::from_bits(0x7ff8_0000_0000_0001), -f64::NAN];
        let found = run_of(vec![Arc::new(Float64Array::from(nans.to_vec()))]);
        assert_eq!((found.sorted, found.duplicates), (true, 2));
        let nans = [f32::NAN, f32::from_bits(0x7fc0_0001), -f32::NAN];
        let found = run_of(vec![Arc::new(Float32Array::from(nans.to_vec()))]);
        assert_eq!((found.sorted, found.duplicates), (true, 2));
        let found = run_of(vec![Arc::new(Float64Array::from(vec![0.0, -0.0, 0.0]))]);
        assert_eq!((found.sorted, found.duplicates), (true, 2));
    }

    #[test]
    fn nulls_are_distinct_and_an_inversion_is_seen_across_batches() {
        assert_eq!(run(&[None, None, Some(1)], 2).duplicates, 0);
        for batch_size in 1..=4 {
            let found = run(&[Some(1), None, None, None], batch_size);
            assert_eq!((found.sorted, found.duplicates), (true, 0), "batches of {batch_size}");
        }
        for batch_size in 1..=3 {
            assert!(!run(&[Some(1), Some(3), Some(2)], batch_size).sorted);
        }
    }
}
