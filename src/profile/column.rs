//! The numbers of one column.

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit};
use datafusion::common::ScalarValue;
use datafusion::common::hash_utils::{QualityRandomState, create_hashes};
use datafusion::functions_aggregate::min_max::{MaxAccumulator, MinAccumulator};
use datafusion::logical_expr::Accumulator;
use serde::Serialize;
use serde_json::Value;

use crate::contract::types::plain;
use crate::engine::json::value_at;
use crate::error::Result;

use super::distinct::Distinct;
use super::numbers::{Histogram, Numbers, Quartiles};
use super::sample::Sample;
use super::texts::{TextProfile, Texts};

/// The numbers of one column.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnProfile {
    /// The column's name.
    pub name: String,
    /// Its Arrow type, or the common one where files differ.
    #[serde(serialize_with = "type_name")]
    pub data_type: DataType,
    /// Rows.
    pub rows: u64,
    /// Rows that are NULL, including those of files without the column.
    pub nulls: u64,
    /// Rows that are NaN.
    pub nan: u64,
    /// Rows that are infinite.
    pub infinite: u64,
    /// Distinct values that are not NULL; absent where they are not counted, inside lists and
    /// objects.
    pub distinct: Option<u64>,
    /// Whether that number is exact, not an estimate.
    pub distinct_is_exact: bool,
    /// The least value; NaN and infinities left out.
    pub min: Option<Value>,
    /// The greatest value.
    pub max: Option<Value>,
    /// The mean of a numeric column; NaN and infinities left out.
    pub mean: Option<f64>,
    /// Its standard deviation.
    pub deviation: Option<f64>,
    /// The values below which 25, 50 and 75 % of the numbers lie.
    pub quartiles: Option<Quartiles>,
    /// The distribution of the numbers, dates or timestamps.
    pub histogram: Option<Histogram>,
    /// What the distribution is of.
    #[serde(skip)]
    pub numbers: Numbers,
    /// Every value with its rows, the most frequent first, where they are few.
    pub values: Option<Vec<(Value, u64)>>,
    /// What a column of text looks like.
    pub text: Option<TextProfile>,
    /// Texts that stand for a missing value, such as `NA`, each with its rows.
    pub placeholders: Vec<(String, u64)>,
    /// Whether every number is whole, though the type is not an integer's.
    pub whole: bool,
    /// The numbers of the lengths of a column of lists.
    pub lengths: Option<Box<ColumnProfile>>,
}

fn type_name<S: serde::Serializer>(data_type: &DataType, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&data_type.to_string())
}

/// The numbers while they are gathered.
pub(super) struct Gathered {
    data_type: DataType,
    rows: u64,
    nulls: u64,
    nan: u64,
    infinite: u64,
    least: Option<ScalarValue>,
    greatest: Option<ScalarValue>,
    finite: u64,
    /// The least and the greatest finite number.
    ends: Option<(f64, f64)>,
    /// The mean so far, and the sum of squared distances from it.
    mean: f64,
    spread: f64,
    /// Numbers with a fraction.
    fractions: u64,
    sample: Sample,
    distinct: Distinct,
    texts: Texts,
    /// The lengths of lists.
    lengths: Option<Box<Gathered>>,
}

/// One state for all columns and runs: hashes of parts of a column are put together.
const STATE: QualityRandomState = QualityRandomState::with_seed(0x5eed);

impl Gathered {
    /// Nothing yet, of a column of this type.
    pub fn new(data_type: &DataType) -> Self {
        Self {
            lengths: is_list(data_type).then(|| Box::new(Self::new(&DataType::Int64))),
            data_type: plain(data_type),
            rows: 0,
            nulls: 0,
            nan: 0,
            infinite: 0,
            least: None,
            greatest: None,
            finite: 0,
            ends: None,
            mean: 0.0,
            spread: 0.0,
            fractions: 0,
            sample: Sample::default(),
            distinct: Distinct::new(),
            texts: Texts::new(),
        }
    }

    /// Takes a batch whose first row has this number.
    pub fn take(&mut self, array: &ArrayRef, first_row: u64) -> Result<()> {
        let array = match array.data_type() == &self.data_type {
            true => ArrayRef::clone(array),
            false => cast(array, &self.data_type)?,
        };
        self.rows += array.len() as u64;
        self.nulls += array.logical_null_count() as u64;
        if let Some(lengths) = &mut self.lengths {
            return lengths.take(&lengths_of(&array)?, first_row);
        }
        if self.data_type.is_nested() || self.data_type == DataType::Null {
            return Ok(());
        }
        self.bounds(&array)?;
        self.numbers(&array, first_row)?;
        self.values(&array)
    }

    fn bounds(&mut self, array: &ArrayRef) -> Result<()> {
        // NaN would be the greatest of all: floats are looked at one by one.
        if self.data_type.is_floating() || array.null_count() == array.len() {
            return Ok(());
        }
        let mut least = MinAccumulator::try_new(&self.data_type)?;
        least.update_batch(&[ArrayRef::clone(array)])?;
        let mut greatest = MaxAccumulator::try_new(&self.data_type)?;
        greatest.update_batch(&[ArrayRef::clone(array)])?;
        self.widen(least.evaluate()?, greatest.evaluate()?);
        Ok(())
    }

    fn widen(&mut self, least: ScalarValue, greatest: ScalarValue) {
        if !least.is_null() && self.least.as_ref().is_none_or(|known| least < *known) {
            self.least = Some(least);
        }
        if !greatest.is_null() && self.greatest.as_ref().is_none_or(|known| greatest > *known) {
            self.greatest = Some(greatest);
        }
    }

    fn numbers(&mut self, array: &ArrayRef, first_row: u64) -> Result<()> {
        let Some(numbers) = as_numbers(array)? else { return Ok(()) };
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        let numbers = numbers.as_primitive::<Float64Type>();
        for (row, value) in numbers.iter().enumerate() {
            let Some(value) = value else { continue };
            if value.is_nan() {
                self.nan += 1;
            } else if value.is_infinite() {
                self.infinite += 1;
            } else {
                self.finite += 1;
                #[allow(clippy::cast_precision_loss, reason = "a mean, to be shown")]
                let count = self.finite as f64;
                let distance = value - self.mean;
                self.mean += distance / count;
                self.spread += distance * (value - self.mean);
                self.fractions += u64::from(value.fract() != 0.0);
                low = low.min(value);
                high = high.max(value);
                self.sample.offer(first_row + row as u64, value);
            }
        }
        if low <= high {
            self.reach((low, high));
            if self.data_type.is_floating() {
                self.widen(ScalarValue::Float64(Some(low)), ScalarValue::Float64(Some(high)));
            }
        }
        Ok(())
    }

    fn reach(&mut self, (low, high): (f64, f64)) {
        let ends = self.ends.get_or_insert((low, high));
        *ends = (ends.0.min(low), ends.1.max(high));
    }

    fn values(&mut self, array: &ArrayRef) -> Result<()> {
        let mut hashes = vec![0; array.len()];
        create_hashes([array], &STATE, &mut hashes)?;
        for (row, hash) in hashes.into_iter().enumerate() {
            if array.is_valid(row) {
                self.distinct.take(hash, || value_at(array, row));
            }
        }
        if let Some(texts) = array.as_string_opt::<i32>() {
            texts.iter().flatten().for_each(|text| self.texts.take(text, 1));
        }
        Ok(())
    }

    /// Merges another part of the column.
    pub fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.nulls += other.nulls;
        self.nan += other.nan;
        self.infinite += other.infinite;
        #[allow(clippy::cast_precision_loss, reason = "a mean, to be shown")]
        let (own, others) = (self.finite as f64, other.finite as f64);
        if other.finite > 0 {
            let distance = other.mean - self.mean;
            let share = others / (own + others);
            self.mean += distance * share;
            self.spread += other.spread + distance * distance * own * share;
        }
        self.finite += other.finite;
        self.fractions += other.fractions;
        if let (Some(own), Some(others)) = (&mut self.lengths, other.lengths) {
            own.add(*others);
        }
        let (least, greatest) = (other.least, other.greatest);
        if let (Some(least), Some(greatest)) = (least, greatest) {
            self.widen(least, greatest);
        }
        if let Some(ends) = other.ends {
            self.reach(ends);
        }
        self.sample.add(other.sample);
        self.distinct.add(other.distinct);
        self.texts.add(other.texts);
    }

    /// The numbers of the column, in a table with this number of rows.
    pub fn finish(self, name: String, rows: u64) -> ColumnProfile {
        let (distinct, distinct_is_exact) = self.distinct.number();
        // An estimate may exceed the possible number.
        let distinct = distinct.min(self.rows - self.nulls);
        let is_counted = !self.data_type.is_nested();
        #[allow(clippy::cast_precision_loss, reason = "a mean, to be shown")]
        let count = self.finite as f64;
        let measured = self.finite > 0 && self.data_type.is_numeric();
        // Of numbers near the ends of a double the sums leave it.
        let told = |number: f64| Some(number).filter(|n| measured && n.is_finite());
        let mean = told(self.mean);
        let deviation = told(self.spread / count).map(|variance| variance.max(0.0).sqrt());
        let values = self.distinct.values();
        let (sample, is_whole) = self.sample.finish();
        let numbers = match values.as_deref().and_then(|v| counted(v, &self.data_type)) {
            Some(counted) if !is_whole => Numbers::counted(counted, self.ends),
            _ => Numbers::sampled(&sample, is_whole, self.ends),
        };
        let text = self.texts.finish();
        ColumnProfile {
            name,
            rows,
            // A file without the column holds NULL in every row.
            nulls: self.nulls + rows.saturating_sub(self.rows),
            nan: self.nan,
            infinite: self.infinite,
            distinct: is_counted.then_some(distinct),
            distinct_is_exact: distinct_is_exact && is_counted,
            min: self.least.as_ref().and_then(json),
            max: self.greatest.as_ref().and_then(json),
            mean,
            deviation,
            quartiles: numbers.quartiles().filter(|_| self.data_type.is_numeric()),
            histogram: numbers.histogram(),
            numbers,
            values,
            placeholders: text.as_ref().map(|t| t.placeholders.clone()).unwrap_or_default(),
            text,
            whole: measured && self.fractions == 0 && !self.data_type.is_integer(),
            lengths: self.lengths.map(|lengths| Box::new(lengths.finish(String::new(), rows))),
            data_type: self.data_type,
        }
    }
}

/// Lists and maps: what has a length.
fn is_list(data_type: &DataType) -> bool {
    matches!(plain(data_type), DataType::List(_) | DataType::Map(..))
}

fn lengths_of(array: &ArrayRef) -> Result<ArrayRef> {
    let lengths = match array.data_type() {
        DataType::Map(..) => {
            let map = array.as_map();
            let lengths = map.offsets().lengths().map(|n| i64::try_from(n).unwrap_or(i64::MAX));
            let nulls = map.nulls().cloned();
            std::sync::Arc::new(Int64Array::new(lengths.collect(), nulls)) as ArrayRef
        }
        _ => arrow::compute::kernels::length::length(array)?,
    };
    Ok(cast(&lengths, &DataType::Int64)?)
}

/// The finite ones of a numeric column's values, each with its rows.
fn counted(values: &[(Value, u64)], data_type: &DataType) -> Option<Vec<(f64, u64)>> {
    // Decimals, NaN and infinities are texts.
    let number = |value: &Value| match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_f64(),
    };
    let numbers = values.iter().map(|(value, rows)| Some((number(value)?, *rows)));
    let numbers = data_type.is_numeric().then(|| numbers.collect::<Option<Vec<_>>>())??;
    Some(numbers.into_iter().filter(|(number, _)| number.is_finite()).collect())
}

fn json(value: &ScalarValue) -> Option<Value> {
    Some(value_at(&value.to_array().ok()?, 0))
}

/// Numbers, dates and times as doubles: for averages and drawings, never for comparison.
fn as_numbers(array: &ArrayRef) -> Result<Option<ArrayRef>> {
    let whole = |array: &ArrayRef, unit: &DataType| -> Result<ArrayRef> {
        let counted = cast(&cast(array, unit)?, &DataType::Int64)?;
        let counted = counted.as_primitive::<Int64Type>();
        #[allow(clippy::cast_precision_loss, reason = "to be drawn")]
        let numbers = counted.unary::<_, Float64Type>(|v| v as f64);
        Ok(std::sync::Arc::new(numbers))
    };
    Ok(match array.data_type() {
        t if t.is_numeric() => Some(cast(array, &DataType::Float64)?),
        DataType::Date32 => Some(whole(array, &DataType::Int32)?),
        DataType::Timestamp(_, zone) => {
            Some(whole(array, &DataType::Timestamp(TimeUnit::Microsecond, zone.clone()))?)
        }
        _ => None,
    })
}
