//! Which types of a file a declared column admits.

use arrow::datatypes::{DataType, Fields};

use crate::contract::model::{Column, LogicalType};

use super::bound::{Spelled, bound, with_zone};
use super::kept::{is_dated, kept};
use super::physical::Physical;
use super::planned::planned;
use super::reading::parse;
use super::stored::{plain, sql_type, type_to_declare};
use super::words::words;

/// A file's type that the contract does not admit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What was found, and where in a nested type.
    pub found: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// What a column's declaration says about its type, each a clause of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// `logicalType`.
    Logical,
    /// `physicalType`.
    Physical,
    /// `logicalTypeOptions.format` of a number: its width.
    Format,
}

/// Whether one aspect of a column's declaration admits a file's type.
///
/// # Errors
/// What was found instead, and what to do.
pub fn admits(column: &Column, data_type: &DataType, aspect: Aspect) -> Result<(), Mismatch> {
    let found = plain(data_type);
    // Every value is NULL: the type says nothing of any.
    if found == DataType::Null {
        return Ok(());
    }
    if let Some(hint) = unsupported(&found) {
        return mismatch(&found, Some(hint));
    }
    let logical = column.logical_type.as_ref().map(|t| t.value);
    let physical = bound(column);
    match (aspect, physical, logical) {
        // What is in the values is a test of rows.
        (Aspect::Logical, Some(_), Some(_)) if kept(column).is_some() => Ok(()),
        (Aspect::Logical, _, Some(logical)) => {
            admits_logical(column, logical, &found, physical.is_some())
        }
        (Aspect::Physical, Some(physical), _) => admits_physical(column, physical, &found),
        // Where both give a width, the physical type wins.
        (Aspect::Format, None, _) => admits_format(column, &found),
        _ => Ok(()),
    }
}

/// Whether every aspect of a column's declaration admits a file's type.
///
/// # Errors
/// What was found instead, and what to do.
pub fn admits_wholly(column: &Column, data_type: &DataType) -> Result<(), Mismatch> {
    [Aspect::Logical, Aspect::Physical, Aspect::Format]
        .into_iter()
        .try_for_each(|aspect| admits(column, data_type, aspect))
}

/// What one aspect requires, in words.
pub fn expected(column: &Column, aspect: Aspect) -> String {
    match aspect {
        Aspect::Physical => column.physical_type.as_ref().map(|p| p.value.clone()),
        Aspect::Format => column.options.text("format"),
        Aspect::Logical => column.logical_type.as_ref().map(|t| match t.value {
            LogicalType::Date if column.open_moment => "any point in time".to_owned(),
            LogicalType::Timestamp if column.open_moment => "timestamp".to_owned(),
            LogicalType::Timestamp if with_zone(column) => "timestamp with time zone".to_owned(),
            LogicalType::Timestamp => "timestamp without time zone".to_owned(),
            other => other.word().to_owned(),
        }),
    }
    .unwrap_or_else(|| "any type".to_owned())
}

fn admits_physical(column: &Column, physical: Physical, found: &DataType) -> Result<(), Mismatch> {
    use DataType as D;
    let fits = match physical {
        Physical::String => *found == D::Utf8,
        Physical::Binary | Physical::ByteArray => *found == D::Binary,
        Physical::Boolean | Physical::Flag => *found == D::Boolean,
        Physical::Integer { bits, signed } => integer_width(found) == Some((bits, signed)),
        Physical::AnyInteger => integer_width(found).is_some(),
        Physical::Float32 => *found == D::Float32,
        Physical::Float64 => *found == D::Float64,
        // A decimal without a fraction is how some databases spell an integer.
        Physical::Decimal { scale: 0, .. } | Physical::AnyDecimal
            if is_integer(column) && is_stored_integer(found) =>
        {
            true
        }
        Physical::Decimal { precision, scale } => matches!(
            found,
            D::Decimal32(p, s) | D::Decimal64(p, s) | D::Decimal128(p, s) | D::Decimal256(p, s)
                if *s == scale && *p <= precision
        ),
        Physical::AnyDecimal => found.is_decimal(),
        Physical::Date => *found == D::Date32,
        Physical::Timestamp { zone } => match found {
            D::Timestamp(_, delivered) => {
                zone.is_none_or(|z| z == delivered.is_some()) || zone_is_given(column)
            }
            _ => false,
        },
        Physical::Time => found.is_temporal(),
        Physical::Array => match found {
            D::List(item) => return admits_items(column, item.data_type()),
            _ => false,
        },
        Physical::Json => matches!(found, D::Utf8 | D::Struct(_) | D::List(_) | D::Map(..)),
        Physical::Object => match found {
            D::Struct(fields) => return admits_fields(column, fields),
            _ => false,
        },
        Physical::Map => match found {
            D::Map(entries, _) => return admits_map(column, entries.data_type()),
            _ => false,
        },
    };
    if fits { Ok(()) } else { mismatch(found, hint(column, found)) }
}

fn is_integer(column: &Column) -> bool {
    column.logical_type.as_ref().is_some_and(|t| t.value == LogicalType::Integer)
}

/// Whether a type is an integer that Delta stores.
fn is_stored_integer(found: &DataType) -> bool {
    integer_width(found).is_some_and(|width| width != (64, false))
}

fn admits_logical(
    column: &Column,
    logical: LogicalType,
    found: &DataType,
    bound: bool,
) -> Result<(), Mismatch> {
    use DataType as D;
    let format = column.options.text("format").unwrap_or_default();
    let fits = match logical {
        LogicalType::String if bound => matches!(found, D::Utf8 | D::Binary),
        LogicalType::String => match format.as_str() {
            "binary" | "byte" => {
                matches!(found, D::Binary | D::Utf8) && { format == "byte" || *found == D::Binary }
            }
            _ => *found == D::Utf8,
        },
        LogicalType::Boolean => *found == D::Boolean,
        LogicalType::Integer => match integer_width(found) {
            Some((64, false)) => format == "u64",
            Some(_) => true,
            // decimal(10,0) is how some databases spell an integer.
            None => bound && matches!(found, D::Decimal128(_, 0)),
        },
        LogicalType::Number => match found {
            D::Float32 | D::Float64 => true,
            D::Decimal32(..) | D::Decimal64(..) | D::Decimal128(..) => true,
            D::Decimal256(precision, _) => *precision <= 38,
            _ => is_stored_integer(found),
        },
        LogicalType::Date => {
            *found == D::Date32 || (column.open_moment && matches!(found, D::Timestamp(..)))
        }
        LogicalType::Timestamp => match found {
            D::Timestamp(..) if column.open_moment => true,
            D::Date32 => column.physical_type.as_ref().is_some_and(|p| {
                parse(&p.value).is_some_and(|physical| is_dated(column, physical))
            }),
            D::Timestamp(_, zone) => {
                zone.is_some() == with_zone(column) || (zone.is_none() && zone_is_given(column))
            }
            _ => false,
        },
        LogicalType::Time => matches!(found, D::Time32(_) | D::Time64(_)),
        LogicalType::Object => match found {
            D::Struct(fields) => return admits_fields(column, fields),
            _ => false,
        },
        LogicalType::Array => match found {
            D::List(item) => return admits_items(column, item.data_type()),
            _ => false,
        },
        LogicalType::Map => match found {
            D::Map(entries, _) => return admits_map(column, entries.data_type()),
            _ => false,
        },
        LogicalType::Vector => match found {
            D::List(item) => matches!(item.data_type(), D::Float32 | D::Float64),
            _ => false,
        },
    };
    if fits { Ok(()) } else { mismatch(found, hint(column, found)) }
}

fn admits_format(column: &Column, found: &DataType) -> Result<(), Mismatch> {
    let format = column.options.text("format").unwrap_or_default();
    let logical = column.logical_type.as_ref().map(|t| t.value);
    let fits = match (logical, format.as_str()) {
        (Some(LogicalType::Number), "f32") => *found == DataType::Float32,
        (Some(LogicalType::Number), "f64") => *found == DataType::Float64,
        (Some(LogicalType::Integer), format) => {
            format_width(format).is_none_or(|wanted| integer_width(found) == Some(wanted))
        }
        _ => true,
    };
    if fits { Ok(()) } else { mismatch(found, hint(column, found)) }
}

fn admits_items(column: &Column, item: &DataType) -> Result<(), Mismatch> {
    match (&column.items, Spelled::of(column)) {
        (Some(declared), _) => nested("items", declared, item),
        (None, Some(Spelled::Items(spelled))) => nested("items", &spelled, item),
        _ => Ok(()),
    }
}

fn admits_fields(column: &Column, fields: &Fields) -> Result<(), Mismatch> {
    let spelled = match Spelled::of(column) {
        Some(Spelled::Fields(fields)) => fields,
        _ => Vec::new(),
    };
    let all = if spelled.is_empty() { &column.properties } else { &spelled };
    for declared in all {
        // A required field that is missing fails where a row has the object: its own clause counts.
        if let Some(field) = fields.iter().find(|f| f.name() == declared.physical()) {
            nested(declared.physical(), declared, field.data_type())?;
        }
    }
    let known = |name: &str| all.iter().any(|p| p.physical() == name);
    match fields.iter().find(|f| !all.is_empty() && !known(f.name())) {
        Some(extra) => Err(Mismatch {
            found: format!("undeclared field '{}'", extra.name()),
            hint: Some("declare it under properties, or leave it out of the file".into()),
        }),
        None => Ok(()),
    }
}

fn admits_map(column: &Column, entries: &DataType) -> Result<(), Mismatch> {
    let DataType::Struct(fields) = entries else { return Ok(()) };
    let [key, value] = &fields[..] else { return Ok(()) };
    let both = |declared: (&Column, &Column)| {
        nested("key", declared.0, key.data_type())?;
        nested("value", declared.1, value.data_type())
    };
    match (&column.map, Spelled::of(column)) {
        (Some(declared), _) => both((&declared.0, &declared.1)),
        (None, Some(Spelled::Pairs(key, value))) => both((&key, &value)),
        _ => Ok(()),
    }
}

fn nested(name: &str, declared: &Column, found: &DataType) -> Result<(), Mismatch> {
    admits_wholly(declared, found)
        .map_err(|m| Mismatch { found: format!("{name}: {}", m.found), hint: m.hint })
}

fn mismatch(found: &DataType, hint: Option<String>) -> Result<(), Mismatch> {
    let found = match found {
        // Beside a declared width the width is what matters.
        DataType::Int64 => "64-bit integer".to_owned(),
        // What no contract admits is looked up by the name that libraries give it.
        other if unsupported(other).is_some() => format!("{} ({other})", words(other)),
        other => words(other),
    };
    Err(Mismatch { found, hint })
}

/// Width in bits, and whether it is signed.
pub(super) fn integer_width(data_type: &DataType) -> Option<(u8, bool)> {
    Some(match data_type {
        DataType::Int8 => (8, true),
        DataType::Int16 => (16, true),
        DataType::Int32 => (32, true),
        DataType::Int64 => (64, true),
        DataType::UInt8 => (8, false),
        DataType::UInt16 => (16, false),
        DataType::UInt32 => (32, false),
        DataType::UInt64 => (64, false),
        _ => return None,
    })
}

fn format_width(format: &str) -> Option<(u8, bool)> {
    let signed = format.starts_with('i');
    let bits = format.strip_prefix(['i', 'u'])?.parse().ok()?;
    Some((bits, signed))
}

/// Whether the contract itself says in which zone wall-clock readings are meant.
fn zone_is_given(column: &Column) -> bool {
    column.options.get("defaultTimezone").is_some()
}

fn unsupported(found: &DataType) -> Option<String> {
    match found {
        DataType::Float16 => Some("deliver single-precision numbers (float32)".into()),
        DataType::Decimal256(precision, _) if *precision > 38 => {
            Some("deliver at most 38 digits, or text".into())
        }
        DataType::Duration(_) | DataType::Interval(_) => {
            Some("deliver an integer with its unit in the name".into())
        }
        DataType::Union(..) => Some("deliver one type per column".into()),
        _ => None,
    }
}

/// Whether a type is of the declared kind, and of another width.
fn is_other_width(column: &Column, found: &DataType) -> bool {
    match bound(column) {
        Some(Physical::Integer { .. }) => found.is_integer(),
        Some(Physical::Float32 | Physical::Float64) => found.is_floating(),
        _ => false,
    }
}

fn hint(column: &Column, found: &DataType) -> Option<String> {
    let logical = column.logical_type.as_ref().map(|t| t.value)?;
    match (logical, found) {
        (LogicalType::Integer, found) if found.is_floating() => Some("deliver integers".into()),
        (LogicalType::Integer | LogicalType::Number, DataType::UInt64) => {
            Some("declare physicalType: decimal(20,0), and deliver the column in that type".into())
        }
        (LogicalType::Integer | LogicalType::Number, found) if is_other_width(column, found) => {
            let declared = sql_type(&planned(column));
            Some(format!("declare physicalType: {}, or deliver {declared}", type_to_declare(found)))
        }
        (LogicalType::Timestamp, DataType::Timestamp(_, None)) => Some(
            "write defaultTimezone into the contract, timezone: false, or deliver with a zone"
                .into(),
        ),
        (LogicalType::Timestamp, DataType::Timestamp(_, Some(_))) => {
            Some("deliver without a zone, or drop timezone: false from the contract".into())
        }
        (LogicalType::Date, DataType::Timestamp(..)) => {
            Some("pandas writes dates as timestamps: deliver df[c].dt.date".into())
        }
        (LogicalType::Timestamp | LogicalType::Date, DataType::Utf8) => {
            Some("deliver a date type, not text: pd.to_datetime".into())
        }
        _ => None,
    }
}
