//! The types of arguments and results, by what PostgreSQL calls them, and which of the engine's fit them.

use arrow::datatypes::DataType;

use crate::engine::dialect::kinds::Kind as Known;

/// A type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine::dialect) enum Kind {
    Bool,
    Int2,
    Int4,
    Int8,
    Numeric,
    Real,
    Double,
    /// A double where a float is given, and nothing else.
    Float,
    Text,
    Bytes,
    /// `text[]`
    Texts,
    /// Rows of `text[]`, in a list.
    TextLists,
    /// Whatever it is.
    Any,
    /// Whatever it is, as its text. What is true or false stays so: here it is spelled by one letter.
    Spelled,
}

/// How well a value fits a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    Exact,
    /// It is cast to the type that PostgreSQL prefers among its kind.
    Preferred,
    Possible,
}

/// The type by which values are taken: integers that PostgreSQL lacks are of the next wider type.
fn of(data_type: &DataType) -> Option<Kind> {
    Some(match data_type {
        DataType::Boolean => Kind::Bool,
        DataType::Int8 | DataType::UInt8 | DataType::Int16 => Kind::Int2,
        DataType::UInt16 | DataType::Int32 => Kind::Int4,
        DataType::UInt32 | DataType::Int64 => Kind::Int8,
        DataType::UInt64
        | DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..) => Kind::Numeric,
        DataType::Float16 | DataType::Float32 => Kind::Real,
        DataType::Float64 => Kind::Double,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Kind::Text,
        DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => Kind::Bytes,
        DataType::List(item) if of(item.data_type()) == Some(Kind::Text) => Kind::Texts,
        DataType::Dictionary(_, value) => return of(value),
        _ => return None,
    })
}

fn rank(kind: Kind) -> Option<u8> {
    Some(match kind {
        Kind::Int2 => 0,
        Kind::Int4 => 1,
        Kind::Int8 => 2,
        Kind::Numeric => 3,
        Kind::Real => 4,
        Kind::Double => 5,
        _ => return None,
    })
}

impl Kind {
    /// How well a value of a type fits; `None` where it is not cast without a word.
    pub(super) fn fit(self, given: &DataType) -> Option<Fit> {
        if matches!(self, Self::Any | Self::Spelled) || *given == DataType::Null {
            return Some(Fit::Possible);
        }
        let found = of(given)?;
        if found == self || self == Self::Float && matches!(found, Self::Real | Self::Double) {
            return Some(Fit::Exact);
        }
        match (rank(found)?, rank(self)?) {
            (from, to) if from < to && self == Self::Double => Some(Fit::Preferred),
            (from, to) if from < to => Some(Fit::Possible),
            _ => None,
        }
    }

    /// How well a literal without a type fits: PostgreSQL takes it for a text where it can, and among
    /// numbers for a double.
    pub(super) fn fit_of_literal(self) -> Fit {
        match self {
            Self::Text | Self::Double => Fit::Preferred,
            _ => Fit::Possible,
        }
    }

    /// The type that a literal gets.
    pub(super) fn known(self) -> Option<Known> {
        Some(match self {
            Self::Bool => Known::Boolean,
            Self::Int2 => Known::SmallInt,
            Self::Int4 => Known::Integer,
            Self::Int8 => Known::BigInt,
            Self::Numeric => Known::Numeric,
            Self::Real => Known::Real,
            Self::Double | Self::Float => Known::Double,
            Self::Text | Self::Spelled => Known::Text,
            Self::Bytes => Known::Bytea,
            Self::Texts | Self::TextLists | Self::Any => return None,
        })
    }

    /// The engine's type for a value that was given so.
    pub(super) fn wanted(self, given: &DataType) -> DataType {
        match self {
            Self::Bool => DataType::Boolean,
            Self::Int2 => DataType::Int16,
            Self::Int4 => DataType::Int32,
            Self::Int8 => DataType::Int64,
            Self::Real => DataType::Float32,
            Self::Double | Self::Float => DataType::Float64,
            Self::Text => DataType::Utf8,
            Self::Bytes => DataType::Binary,
            Self::Texts => DataType::new_list(DataType::Utf8, true),
            Self::TextLists => DataType::new_list(DataType::new_list(DataType::Utf8, true), true),
            Self::Numeric => numeric(given),
            Self::Spelled if *given == DataType::Boolean => DataType::Boolean,
            Self::Spelled => DataType::Utf8,
            Self::Any => match given {
                DataType::Dictionary(_, value) => value.as_ref().clone(),
                DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
                other => other.clone(),
            },
        }
    }
}

fn numeric(given: &DataType) -> DataType {
    match given {
        DataType::Decimal32(digits, scale)
        | DataType::Decimal64(digits, scale)
        | DataType::Decimal128(digits, scale) => {
            // A scale below zero is that of PostgreSQL's whole numbers.
            let whole = i16::from(*digits) - i16::from(*scale).min(0);
            DataType::Decimal128(u8::try_from(whole).unwrap_or(38).min(38), (*scale).max(0))
        }
        DataType::Dictionary(_, value) => numeric(value),
        DataType::Int8 | DataType::UInt8 | DataType::Int16 => DataType::Decimal128(5, 0),
        DataType::UInt16 | DataType::Int32 => DataType::Decimal128(10, 0),
        DataType::UInt32 | DataType::Int64 => DataType::Decimal128(19, 0),
        DataType::UInt64 => DataType::Decimal128(20, 0),
        _ => DataType::Decimal128(38, 0),
    }
}
