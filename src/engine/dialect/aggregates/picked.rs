//! Values that are kept, put in order, and picked from.

use std::mem::size_of_val;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, ListArray, UInt32Array, new_empty_array, new_null_array,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{SortOptions, concat, is_not_null, sort, take};
use arrow::datatypes::{DataType, Field, Float64Type};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::Accumulator;

use crate::engine::dialect::scalars::{VALUE_BYTES, too_long};

/// Chunks of values that are kept before they are made one.
const CHUNKS: usize = 64;

/// Which fractions of the values lie before those that are picked.
#[derive(Debug, Clone)]
pub(super) enum Fractions {
    One(Option<f64>),
    Many(Vec<Option<f64>>),
}

/// How values are picked.
#[derive(Debug, Clone)]
pub(super) enum Picker {
    /// Between two values, by the line between them.
    Continuous(Fractions),
    /// The first value that is not before the fraction.
    Discrete(Fractions),
    /// The one that occurs most often, and the first of several.
    Most,
    /// All of them, each once.
    Each,
    /// All texts, each once, with a delimiter between them.
    Joined(String),
}

/// The values of a group.
#[derive(Debug)]
pub(super) struct Picked {
    picker: Picker,
    given: DataType,
    result: DataType,
    order: SortOptions,
    is_distinct: bool,
    chunks: Vec<ArrayRef>,
    has_null: bool,
}

impl Picked {
    pub fn new(
        picker: Picker,
        given: DataType,
        result: DataType,
        (order, is_distinct): (SortOptions, bool),
    ) -> Self {
        Self { picker, given, result, order, is_distinct, chunks: Vec::new(), has_null: false }
    }

    /// Keeps a copy of values without NULLs: what is given may be a part of a batch.
    fn keep(&mut self, values: &ArrayRef) -> Result<()> {
        let valid = is_not_null(values)?;
        self.has_null |= valid.true_count() < values.len();
        let rows = valid.values().set_indices().filter_map(|row| u32::try_from(row).ok());
        let kept = take(values, &UInt32Array::from_iter_values(rows), None)?;
        if !kept.is_empty() {
            self.chunks.push(kept);
        }
        if self.chunks.len() > CHUNKS {
            self.chunks = vec![if self.is_distinct { self.ordered()? } else { self.all()? }];
        }
        Ok(())
    }

    fn all(&self) -> Result<ArrayRef> {
        let chunks: Vec<&dyn Array> = self.chunks.iter().map(AsRef::as_ref).collect();
        Ok(match chunks.is_empty() {
            true => new_empty_array(&self.given),
            false => concat(&chunks)?,
        })
    }

    /// The values in their order, each once where that is wanted.
    fn ordered(&self) -> Result<ArrayRef> {
        let values = sort(&self.all()?, Some(self.order))?;
        if !self.is_distinct {
            return Ok(values);
        }
        let runs = arrow::compute::partition(&[Arc::clone(&values)])?.ranges();
        let starts = runs.into_iter().filter_map(|run| u32::try_from(run.start).ok());
        Ok(take(&values, &UInt32Array::from_iter_values(starts), None)?)
    }

    /// The values with a NULL where there was one.
    fn with_null(&self, values: &ArrayRef) -> Result<ArrayRef> {
        let null = new_null_array(&self.given, usize::from(self.has_null));
        Ok(match self.order.nulls_first {
            true => concat(&[&null, values])?,
            false => concat(&[values, &null])?,
        })
    }

    fn list(&self, values: ArrayRef) -> Result<ScalarValue> {
        let field = Arc::new(Field::new_list_field(self.given.clone(), true));
        let offsets = OffsetBuffer::from_lengths([values.len()]);
        Ok(ScalarValue::List(Arc::new(ListArray::try_new(field, offsets, values, None)?)))
    }

    fn one(&self, values: &ArrayRef, fraction: Option<f64>) -> Result<ScalarValue> {
        let Some(fraction) = fraction.filter(|_| !values.is_empty()) else {
            let item = match &self.result {
                DataType::List(item) => item.data_type(),
                other => other,
            };
            return ScalarValue::try_from(item);
        };
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "places among values"
        )]
        match self.picker {
            Picker::Continuous(_) => {
                let values = values.as_primitive::<Float64Type>();
                let place = fraction * (values.len() - 1) as f64;
                let (low, high) =
                    (values.value(place.floor() as usize), values.value(place.ceil() as usize));
                let part = place - place.floor();
                let found =
                    if place.floor() == place.ceil() { low } else { low + part * (high - low) };
                Ok(ScalarValue::Float64(Some(found)))
            }
            _ => {
                let row = (fraction * values.len() as f64).ceil() as usize;
                ScalarValue::try_from_array(values, row.saturating_sub(1))
            }
        }
    }

    fn most(&self, values: &ArrayRef) -> Result<ScalarValue> {
        let mut best = (0, 0);
        for run in arrow::compute::partition(&[Arc::clone(values)])?.ranges() {
            if run.len() > best.1 {
                best = (run.start, run.len());
            }
        }
        match values.is_empty() {
            true => ScalarValue::try_from(&self.result),
            false => ScalarValue::try_from_array(values, best.0),
        }
    }
}

/// Texts with a delimiter between them.
fn joined(values: &ArrayRef, delimiter: &str) -> Result<ScalarValue> {
    let mut text: Option<String> = None;
    for value in values.as_string::<i32>().iter().flatten() {
        let text = match &mut text {
            Some(text) => {
                text.push_str(delimiter);
                text
            }
            none => none.insert(String::new()),
        };
        text.push_str(value);
        if text.len() > VALUE_BYTES {
            return Err(too_long());
        }
    }
    Ok(ScalarValue::Utf8(text))
}

impl Accumulator for Picked {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        match values.first() {
            Some(values) => self.keep(values),
            None => Ok(()),
        }
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some(lists) = states.first() else { return Ok(()) };
        lists.as_list::<i32>().iter().flatten().try_for_each(|values| self.keep(&values))
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let values = self.all()?;
        Ok(vec![self.list(self.with_null(&values)?)?])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let values = self.ordered()?;
        match &self.picker {
            Picker::Most => self.most(&values),
            Picker::Each => match self.with_null(&values)? {
                all if all.is_empty() => ScalarValue::try_from(&self.result),
                all => self.list(all),
            },
            Picker::Joined(delimiter) => joined(&values, delimiter),
            Picker::Continuous(fractions) | Picker::Discrete(fractions) => match fractions {
                Fractions::One(_) if matches!(self.result, DataType::List(_)) => {
                    ScalarValue::try_from(&self.result)
                }
                Fractions::One(fraction) => self.one(&values, *fraction),
                Fractions::Many(_) if values.is_empty() => ScalarValue::try_from(&self.result),
                Fractions::Many(fractions) => {
                    let all = fractions.iter().map(|fraction| self.one(&values, *fraction));
                    let all = all.collect::<Result<Vec<_>>>()?;
                    let item = match &self.result {
                        DataType::List(item) => item.data_type().clone(),
                        other => other.clone(),
                    };
                    Ok(ScalarValue::List(ScalarValue::new_list(&all, &item, true)))
                }
            },
        }
    }

    fn size(&self) -> usize {
        let kept: usize = self.chunks.iter().map(|chunk| chunk.get_array_memory_size()).sum();
        size_of_val(self) + kept
    }
}
