//! The arguments of a call, row by row.

use std::borrow::Cow;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Decimal128Array, Float32Array,
    Float64Array, Int16Array, Int32Array, Int64Array, StringArray,
};
use arrow::datatypes::{
    DataType, Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type,
};
use datafusion::error::Result;

use crate::engine::dialect::exact::Exact;

/// What a row comes to.
#[derive(Debug)]
pub(in crate::engine::dialect) enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    /// Digits and their scale.
    Numeric(i128, i8),
    /// The same, however many digits.
    Exact(Exact),
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
    Texts(Vec<Option<String>>),
    TextLists(Vec<Vec<Option<String>>>),
}

impl<'a> Value<'a> {
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    pub fn bytes(bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        Self::Bytes(bytes.into())
    }
}

#[derive(Debug)]
enum Column<'a> {
    Bool(&'a BooleanArray),
    Int2(&'a Int16Array),
    Int4(&'a Int32Array),
    Int8(&'a Int64Array),
    Numeric(&'a Decimal128Array, i8),
    Real(&'a Float32Array),
    Double(&'a Float64Array),
    Text(&'a StringArray),
    Bytes(&'a BinaryArray),
    Other,
}

/// All rows of a batch.
pub(in crate::engine::dialect) struct Rows<'a> {
    arrays: &'a [ArrayRef],
    columns: Vec<Column<'a>>,
    rows: usize,
}

impl<'a> Rows<'a> {
    pub(super) fn new(arrays: &'a [ArrayRef], rows: usize) -> Result<Self> {
        let column = |array: &'a ArrayRef| match array.data_type() {
            DataType::Boolean => Column::Bool(array.as_boolean()),
            DataType::Int16 => Column::Int2(array.as_primitive::<Int16Type>()),
            DataType::Int32 => Column::Int4(array.as_primitive::<Int32Type>()),
            DataType::Int64 => Column::Int8(array.as_primitive::<Int64Type>()),
            DataType::Decimal128(_, scale) => {
                Column::Numeric(array.as_primitive::<Decimal128Type>(), *scale)
            }
            DataType::Float32 => Column::Real(array.as_primitive::<Float32Type>()),
            DataType::Float64 => Column::Double(array.as_primitive::<Float64Type>()),
            DataType::Utf8 => Column::Text(array.as_string::<i32>()),
            DataType::Binary => Column::Bytes(array.as_binary::<i32>()),
            _ => Column::Other,
        };
        Ok(Self { arrays, columns: arrays.iter().map(column).collect(), rows })
    }

    /// Every row.
    pub fn each(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.rows).map(|row| Row { rows: self, row })
    }
}

/// One row. A function asks for what its form takes; of anything else it gets an empty value.
#[derive(Clone, Copy)]
pub(in crate::engine::dialect) struct Row<'a> {
    rows: &'a Rows<'a>,
    row: usize,
}

impl<'a> Row<'a> {
    /// How many arguments there are.
    pub fn len(&self) -> usize {
        self.rows.columns.len()
    }

    pub fn is_null(&self, at: usize) -> bool {
        self.rows
            .arrays
            .get(at)
            .is_none_or(|array| array.is_null(self.row) || *array.data_type() == DataType::Null)
    }

    pub fn has_null(&self) -> bool {
        (0..self.len()).any(|at| self.is_null(at))
    }

    /// The array of an argument, and the row in it.
    pub fn array(&self, at: usize) -> Option<(&'a ArrayRef, usize)> {
        self.rows.arrays.get(at).map(|array| (array, self.row))
    }

    pub fn text(&self, at: usize) -> &'a str {
        match self.rows.columns.get(at) {
            Some(Column::Text(texts)) => texts.value(self.row),
            _ => "",
        }
    }

    pub fn bytes(&self, at: usize) -> &'a [u8] {
        match self.rows.columns.get(at) {
            Some(Column::Bytes(bytes)) => bytes.value(self.row),
            _ => &[],
        }
    }

    pub fn boolean(&self, at: usize) -> bool {
        match self.rows.columns.get(at) {
            Some(Column::Bool(values)) => values.value(self.row),
            _ => false,
        }
    }

    pub fn int(&self, at: usize) -> i64 {
        match self.rows.columns.get(at) {
            Some(Column::Int2(values)) => i64::from(values.value(self.row)),
            Some(Column::Int4(values)) => i64::from(values.value(self.row)),
            Some(Column::Int8(values)) => values.value(self.row),
            _ => 0,
        }
    }

    pub fn double(&self, at: usize) -> f64 {
        match self.rows.columns.get(at) {
            Some(Column::Real(values)) => f64::from(values.value(self.row)),
            Some(Column::Double(values)) => values.value(self.row),
            _ => 0.0,
        }
    }

    /// Digits and their scale.
    pub fn numeric(&self, at: usize) -> (i128, i8) {
        match self.rows.columns.get(at) {
            Some(Column::Numeric(values, scale)) => (values.value(self.row), *scale),
            _ => (0, 0),
        }
    }

    pub fn exact(&self, at: usize) -> Exact {
        let (digits, scale) = self.numeric(at);
        Exact::new(digits, i64::from(scale))
    }
}
