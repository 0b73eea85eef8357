//! Points in time that files keep as something else.

use crate::contract::model::{Column, LogicalType};

use super::physical::Physical;
use super::reading::parse;

/// What a file keeps the points in time of a column as, by its physical type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Texts, which are read by the column's format.
    Text,
    /// Numbers that count from an epoch, in a unit that the contract does not state.
    Epoch,
}

/// What a file keeps the points in time of a column as, where that is not a type of time.
pub fn kept(column: &Column) -> Option<Kept> {
    column.logical_type.as_ref().filter(|t| t.value.is_temporal())?;
    match parse(&column.physical_type.as_ref()?.value)? {
        Physical::String => Some(Kept::Text),
        physical if is_number(physical) => Some(Kept::Epoch),
        _ => None,
    }
}

/// Whether a physical type is of numbers, which may count from an epoch.
pub fn is_number(physical: Physical) -> bool {
    matches!(
        physical,
        Physical::Integer { .. }
            | Physical::AnyInteger
            | Physical::Decimal { .. }
            | Physical::AnyDecimal
            | Physical::Float32
            | Physical::Float64
    )
}

/// Whether a physical type `date` stands for a timestamp, as in Oracle.
pub(super) fn is_dated(column: &Column, physical: Physical) -> bool {
    let logical = column.logical_type.as_ref().map(|t| t.value);
    column.open_moment && physical == Physical::Date && logical == Some(LogicalType::Timestamp)
}
