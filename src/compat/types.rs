//! How the type of a column changed, by what it admits and what is stored; never by its spelling.

use arrow::datatypes::{DataType, TimeUnit};

use crate::contract::model::{Column, LogicalType};
use crate::contract::types::{admits_wholly, container, planned, probes};

/// What became of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeChange {
    /// Nothing, not even its spelling.
    Same,
    /// Spelled otherwise.
    Respelled,
    /// Every value fits: a wider integer or float, more digits at the same scale.
    Widened,
    /// Of several types that were admitted, some are left.
    Pinned,
    /// More types of the same family are admitted.
    Opened,
    /// Anything else.
    Changed,
}

/// How a column's type changed, and whether files that passed still pass.
pub fn compare(base: &Column, head: &Column) -> (TypeChange, bool) {
    if let (Some(old), Some(new)) = (container(base), container(head)) {
        let same = old == new && base.dimensions == head.dimensions;
        return match same {
            true if spelling(base) == spelling(head) => (TypeChange::Same, true),
            true => (TypeChange::Respelled, true),
            false => (TypeChange::Changed, false),
        };
    }
    if container(base).is_some() || container(head).is_some() {
        return (TypeChange::Changed, false);
    }
    let probes = probes(&[base, head]);
    let admitted = |column| -> Vec<&DataType> {
        probes.iter().filter(|t| admits_wholly(column, t).is_ok()).collect()
    };
    let (old, new) = (admitted(base), admitted(head));
    let kept = old.iter().all(|t| new.contains(t));
    let grown = new.iter().any(|t| !old.contains(t));
    let (was, is) = (planned(base), planned(head));
    let change = match (was == is, kept, grown) {
        (true, true, false) if spelling(base) == spelling(head) => TypeChange::Same,
        (true, true, false) => TypeChange::Respelled,
        (true, false, false) if !new.is_empty() => TypeChange::Pinned,
        (true, true, true) if new.iter().all(|t| family(t) == family(&was)) => TypeChange::Opened,
        (false, ..) if widens(&was, &is) => TypeChange::Widened,
        _ => TypeChange::Changed,
    };
    (change, kept)
}

/// The type in words: as it is written, logical before physical.
pub fn words(column: &Column) -> String {
    let logical = column.logical_type.as_ref().map(|t| t.value.word().to_owned());
    let physical = column.physical_type.as_ref().map(|p| p.value.clone());
    let format = width(column);
    let zone =
        column.options.text("timezone").filter(|z| z == "false").map(|_| "no zone".to_owned());
    let dimensions = column.dimensions.map(|n| format!("{n} dimensions"));
    let written: Vec<String> =
        [logical, format, zone, dimensions, physical].into_iter().flatten().collect();
    if written.is_empty() { "any type".to_owned() } else { written.join(", ") }
}

/// `format`, where it is part of the type.
fn width(column: &Column) -> Option<String> {
    let format = column.options.text("format")?;
    match column.logical_type.as_ref().map(|t| t.value) {
        Some(LogicalType::Integer | LogicalType::Number) => Some(format),
        Some(LogicalType::String) if matches!(format.as_str(), "binary" | "byte") => Some(format),
        _ => None,
    }
}

fn spelling(
    column: &Column,
) -> (Option<LogicalType>, Option<&str>, Option<String>, Option<String>) {
    (
        column.logical_type.as_ref().map(|t| t.value),
        column.physical_type.as_ref().map(|p| p.value.as_str()),
        width(column),
        column.options.text("timezone"),
    )
}

#[derive(PartialEq, Eq)]
enum Family {
    Integer,
    Float,
    Decimal(i8),
    Other(DataType),
}

fn family(data_type: &DataType) -> Family {
    use DataType as D;
    match data_type {
        D::Float32 | D::Float64 => Family::Float,
        D::Decimal128(_, scale) => Family::Decimal(*scale),
        t if t.is_integer() => Family::Integer,
        // A wall-clock reading in a declared zone is stored as the instant.
        D::Timestamp(..) => Family::Other(D::Timestamp(TimeUnit::Microsecond, None)),
        other => Family::Other(other.clone()),
    }
}

/// Whether every value of the one stored type is the same value of the other.
pub fn widens(was: &DataType, is: &DataType) -> bool {
    use DataType as D;
    match (was, is) {
        (D::Float32, D::Float64) => true,
        (D::Decimal128(p, s), D::Decimal128(q, t)) => s == t && q > p,
        (a, b) => {
            let both = a.is_signed_integer() && b.is_signed_integer();
            both && a.primitive_width() < b.primitive_width()
        }
    }
}
