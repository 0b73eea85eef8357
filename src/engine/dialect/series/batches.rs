//! Rows that calls return, gathered into batches: never more of them than a batch holds, by number and by
//! bytes, whatever a row of the input expands to.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, RecordBatchOptions,
    UInt64Array, make_array,
};
use arrow::compute::take;
use arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::internal_err;
use datafusion::error::Result;

use super::calls::Maker;
use super::steps::{self, Series};

/// The bytes of the input's rows that are repeated in one batch.
const REPEATED_BYTES: usize = 32 << 20;

/// What the node adds to the columns of its input.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) calls: Vec<(Maker, DataType)>,
    pub(super) has_ordinal: bool,
    pub(super) keeps: bool,
    pub(super) has_marks: bool,
    pub(super) schema: SchemaRef,
}

/// A batch of the input, of which some rows are expanded already.
pub(super) struct Expansion {
    batch: RecordBatch,
    calls: Vec<CallSource>,
    row: usize,
    open: Option<Vec<Cursor>>,
    /// How many rows the present one has returned.
    returned: i64,
    /// The number of the first row, among all of the stream.
    first: i64,
    is_long: bool,
}

/// What a call is evaluated from.
enum CallSource {
    /// Values, and where those of each row begin and end.
    Items {
        values: ArrayRef,
        ends: Vec<(usize, usize)>,
    },
    Series(Vec<ArrayRef>),
    Value(ArrayRef),
}

enum Cursor {
    Positions(std::ops::Range<usize>),
    Series(Option<Series>),
}

/// Values of a call that a batch gathers.
enum Gathered {
    Positions(Vec<Option<u64>>),
    Numbers(Vec<Option<i128>>),
}

impl Expansion {
    /// An expansion of a batch, with the evaluated arguments of each call.
    pub(super) fn new(
        batch: RecordBatch,
        shape: &Shape,
        arguments: Vec<Vec<ArrayRef>>,
        first: i64,
    ) -> Result<Self> {
        let sources = shape.calls.iter().zip(arguments);
        let calls = sources.map(|((maker, _), arguments)| source(*maker, arguments));
        let calls = calls.collect::<Result<_>>()?;
        let bytes: usize = batch.columns().iter().map(bytes_of).sum();
        // A batch of short rows stays short, however often each is repeated.
        let is_long = bytes > REPEATED_BYTES / 8192;
        Ok(Self { batch, calls, row: 0, open: None, returned: 0, first, is_long })
    }

    /// The number that the next batch of the input begins with.
    pub(super) fn end(&self) -> i64 {
        self.first.saturating_add(i64::try_from(self.batch.num_rows()).unwrap_or(i64::MAX))
    }

    /// The next rows, at most so many; `None` when all were returned.
    pub(super) fn next(&mut self, shape: &Shape, most: usize) -> Result<Option<RecordBatch>> {
        let mut rows: Vec<u64> = Vec::new();
        let mut ordinals: Vec<Option<i64>> = Vec::new();
        let mut gathered: Vec<Gathered> = self.calls.iter().map(CallSource::gathering).collect();
        let mut bytes = 0;
        let mut row_bytes = 0;
        while rows.len() < most && bytes < REPEATED_BYTES {
            if self.row >= self.batch.num_rows() {
                break;
            }
            if self.open.is_none() {
                let row = self.row;
                let cursors = self.calls.iter().map(|call| call.open(row));
                self.open = Some(cursors.collect::<Result<_>>()?);
                self.returned = 0;
            }
            if row_bytes == 0 && self.is_long {
                let columns = self.batch.columns().iter();
                row_bytes = columns.map(|column| bytes_of(&column.slice(self.row, 1))).sum();
            }
            let found = self.advance(&mut gathered, shape.keeps)?;
            let is_kept = !found && self.returned == 0 && shape.keeps;
            if found || is_kept {
                rows.push(self.row as u64);
                self.returned += 1;
                ordinals.push(found.then_some(self.returned));
                bytes += row_bytes;
            }
            if !found {
                self.open = None;
                self.row += 1;
                row_bytes = 0;
            }
        }
        match rows.is_empty() {
            true => Ok(None),
            false => self.batch(shape, rows, ordinals, gathered).map(Some),
        }
    }

    /// Adds one value of each call, or nothing where all have ended; a row of NULLs for one that is kept is
    /// added, too.
    fn advance(&mut self, gathered: &mut [Gathered], keeps: bool) -> Result<bool> {
        let Some(cursors) = &mut self.open else { return Ok(false) };
        let values = cursors.iter_mut().map(Cursor::take).collect::<Result<Vec<_>>>()?;
        let found = values.iter().any(Option::is_some);
        if !found && (self.returned > 0 || !keeps) {
            return Ok(false);
        }
        for (value, gathered) in values.into_iter().zip(gathered) {
            gathered.push(value);
        }
        Ok(found)
    }

    fn batch(
        &self,
        shape: &Shape,
        rows: Vec<u64>,
        ordinals: Vec<Option<i64>>,
        gathered: Vec<Gathered>,
    ) -> Result<RecordBatch> {
        let count = rows.len();
        let first = self.first;
        let numbers = rows.iter().map(|row| first.saturating_add(i64::try_from(*row).unwrap_or(0)));
        let marks = shape.has_marks.then(|| {
            let found: BooleanArray = ordinals.iter().map(|n| Some(n.is_some())).collect();
            (Int64Array::from_iter_values(numbers), found)
        });
        let rows = UInt64Array::from(rows);
        let mut columns = Vec::with_capacity(shape.schema.fields().len());
        for column in self.batch.columns() {
            columns.push(take(column, &rows, None)?);
        }
        for ((gathered, source), (_, row)) in
            gathered.into_iter().zip(&self.calls).zip(&shape.calls)
        {
            columns.push(source.values(gathered, row, count)?);
        }
        if shape.has_ordinal {
            columns.push(Arc::new(Int64Array::from(ordinals)));
        }
        if let Some((number, found)) = marks {
            columns.push(Arc::new(number));
            columns.push(Arc::new(found));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&shape.schema), columns, &options)?)
    }
}

/// The bytes of an array's own rows.
fn bytes_of(array: &ArrayRef) -> usize {
    array.to_data().get_slice_memory_size().unwrap_or_else(|_| array.get_array_memory_size())
}

fn source(maker: Maker, mut arguments: Vec<ArrayRef>) -> Result<CallSource> {
    match (maker, arguments.len()) {
        (Maker::Series, _) => Ok(CallSource::Series(arguments)),
        (_, 1) => {
            let argument = arguments.remove(0);
            match maker {
                Maker::Value => Ok(CallSource::Value(argument)),
                _ => Ok(items(&argument, maker == Maker::Items)),
            }
        }
        _ => internal_err!("a call has one argument"),
    }
}

/// The values of lists, of the innermost level where lists lie in lists.
fn items(lists: &ArrayRef, is_deep: bool) -> CallSource {
    let outer = lists.as_list::<i32>();
    let end = |n: &i32| usize::try_from(*n).unwrap_or(0);
    let mut ends: Vec<(usize, usize)> = outer
        .offsets()
        .windows(2)
        .enumerate()
        .map(|(row, pair)| match pair {
            [from, to] if outer.is_valid(row) => (end(from), end(to)),
            _ => (0, 0),
        })
        .collect();
    let mut values = Arc::clone(outer.values());
    while is_deep && matches!(values.data_type(), DataType::List(_)) {
        let inner = values.as_list::<i32>();
        let at = |n: usize| inner.offsets().get(n).map_or(0, end);
        ends.iter_mut().for_each(|(from, to)| (*from, *to) = (at(*from), at(*to)));
        let deeper = Arc::clone(inner.values());
        values = deeper;
    }
    CallSource::Items { values, ends }
}

impl CallSource {
    fn open(&self, row: usize) -> Result<Cursor> {
        Ok(match self {
            Self::Items { ends, .. } => {
                let (from, to) = ends.get(row).copied().unwrap_or_default();
                Cursor::Positions(from..to)
            }
            Self::Series(arguments) => Cursor::Series(Series::open(arguments, row)?),
            Self::Value(_) => Cursor::Positions(row..row + 1),
        })
    }

    fn gathering(&self) -> Gathered {
        match self {
            Self::Series(_) => Gathered::Numbers(Vec::new()),
            _ => Gathered::Positions(Vec::new()),
        }
    }

    /// What was gathered, as a column.
    fn values(&self, gathered: Gathered, row: &DataType, count: usize) -> Result<ArrayRef> {
        match (self, gathered) {
            (Self::Items { values, .. } | Self::Value(values), Gathered::Positions(positions)) => {
                let found = take(values, &UInt64Array::from(positions), None)?;
                // The type is that of the plan; names of fields inside it may differ.
                Ok(match found.data_type() == row {
                    true => found,
                    false => {
                        let data = found.to_data().into_builder().data_type(row.clone());
                        make_array(data.build()?)
                    }
                })
            }
            (Self::Series(_), Gathered::Numbers(numbers)) => steps::array(numbers, row),
            _ => internal_err!("{count} values of another call"),
        }
    }
}

/// A value of a call: where it lies, or what it is.
enum Next {
    Position(usize),
    Number(i128),
}

impl Cursor {
    fn take(&mut self) -> Result<Option<Next>> {
        Ok(match self {
            Self::Positions(range) => range.next().map(Next::Position),
            Self::Series(Some(series)) => series.take()?.map(Next::Number),
            Self::Series(None) => None,
        })
    }
}

impl Gathered {
    fn push(&mut self, value: Option<Next>) {
        match (self, value) {
            (Self::Positions(all), Some(Next::Position(at))) => all.push(Some(at as u64)),
            (Self::Numbers(all), Some(Next::Number(number))) => all.push(Some(number)),
            (Self::Positions(all), _) => all.push(None),
            (Self::Numbers(all), _) => all.push(None),
        }
    }
}
