//! How a delivered type is stored in Delta without loss, and its name in SQL.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, TimeUnit};

use super::words::words;

/// Why a type cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What cannot be stored.
    pub message: String,
    /// What to deliver instead.
    pub hint: String,
}

/// The value type under encodings: dictionary, run-end, large and view forms count as plain.
pub fn plain(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Dictionary(_, value) => plain(value),
        DataType::RunEndEncoded(_, value) => plain(value.data_type()),
        DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            DataType::Binary
        }
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _) => DataType::List(Arc::new(Field::new(
            "item",
            plain(item.data_type()),
            item.is_nullable(),
        ))),
        DataType::Struct(fields) => DataType::Struct(
            fields
                .iter()
                .map(|f| Field::new(f.name(), plain(f.data_type()), f.is_nullable()))
                .collect(),
        ),
        DataType::Map(entries, sorted) => match plain(entries.data_type()) {
            DataType::Struct(fields) => DataType::Map(
                Arc::new(Field::new("key_value", DataType::Struct(fields), false)),
                *sorted,
            ),
            other => other,
        },
        other => other.clone(),
    }
}

/// The type that a delivered type is stored as.
///
/// # Errors
/// When Delta has no type that holds every value.
pub fn stored(data_type: &DataType) -> Result<DataType, Refusal> {
    let refuse = |message: String, hint: &str| Err(Refusal { message, hint: hint.to_owned() });
    Ok(match plain(data_type) {
        DataType::UInt8 => DataType::Int16,
        DataType::UInt16 => DataType::Int32,
        DataType::UInt32 => DataType::Int64,
        DataType::UInt64 => {
            return refuse(
                format!("{} has no Delta type", words(data_type)),
                "declare physicalType: decimal(20,0), and deliver the column in that type",
            );
        }
        DataType::Decimal256(precision, scale) if precision <= 38 => {
            DataType::Decimal128(precision, scale)
        }
        DataType::Decimal32(precision, scale) | DataType::Decimal64(precision, scale) => {
            DataType::Decimal128(precision, scale)
        }
        DataType::Timestamp(_, zone) => super::timestamp(zone.is_some()),
        DataType::List(item) => DataType::List(Arc::new(Field::new(
            "element",
            stored_inside(item.data_type())?,
            item.is_nullable(),
        ))),
        DataType::Struct(fields) => DataType::Struct(stored_fields(&fields)?),
        DataType::Map(entries, sorted) => match entries.data_type() {
            DataType::Struct(fields) => {
                let fields = stored_fields(fields)?;
                let entries = Field::new("key_value", DataType::Struct(fields), false);
                DataType::Map(Arc::new(entries), sorted)
            }
            other => {
                return refuse(format!("a map of {}", words(other)), "deliver a list of objects");
            }
        },
        DataType::Time32(_) | DataType::Time64(_) => {
            return refuse("time has no Delta type".into(), "deliver a string or an integer");
        }
        DataType::Float16 => {
            return refuse(
                format!("{} has no Delta type", words(data_type)),
                "deliver single-precision numbers (float32)",
            );
        }
        DataType::Null => {
            return refuse("a column without a type (all null)".into(), "give the column a type");
        }
        kept @ (DataType::Boolean
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::Float32
        | DataType::Float64
        | DataType::Decimal128(..)
        | DataType::Utf8
        | DataType::Binary
        | DataType::Date32) => kept,
        other => {
            return refuse(
                format!("{} has no Delta type", words(&other)),
                "deliver a string or a number",
            );
        }
    })
}

/// The null type inside a value stays: the declaration, or what readers know, says which type it is.
fn stored_inside(data_type: &DataType) -> Result<DataType, Refusal> {
    match data_type {
        DataType::Null => Ok(DataType::Null),
        other => stored(other),
    }
}

fn stored_fields(fields: &arrow::datatypes::Fields) -> Result<arrow::datatypes::Fields, Refusal> {
    fields
        .iter()
        .map(|f| Ok(Field::new(f.name(), stored_inside(f.data_type())?, f.is_nullable())))
        .collect()
}

/// The type that holds the values of both exactly, where files of one delivery differ; `None` where
/// there is none, or they cannot be compared.
pub fn common(a: &DataType, b: &DataType) -> Option<DataType> {
    let (a, b) = (plain(a), plain(b));
    if a == b {
        return Some(a);
    }
    if a.is_nested() && b.is_nested() {
        return nullable(&a).filter(|open| nullable(&b).as_ref() == Some(open));
    }
    match (&a, &b) {
        (DataType::Float32, DataType::Float64) | (DataType::Float64, DataType::Float32) => {
            Some(DataType::Float64)
        }
        // Every integer of 32 bits is a double; not every one of 64.
        (DataType::Float32 | DataType::Float64, other)
        | (other, DataType::Float32 | DataType::Float64) => {
            integer_bits(other).filter(|bits| *bits <= 33).map(|_| DataType::Float64)
        }
        (DataType::Timestamp(x, None), DataType::Timestamp(y, None)) => {
            Some(DataType::Timestamp(finer(*x, *y), None))
        }
        (DataType::Timestamp(x, Some(_)), DataType::Timestamp(y, Some(_))) => {
            Some(DataType::Timestamp(finer(*x, *y), Some("UTC".into())))
        }
        _ => match (integer_bits(&a), integer_bits(&b)) {
            (Some(x), Some(y)) => match x.max(y) {
                65.. => common_decimal(&a, &b),
                0..=8 => Some(DataType::Int8),
                9..=16 => Some(DataType::Int16),
                17..=32 => Some(DataType::Int32),
                33..=64 => Some(DataType::Int64),
            },
            _ => common_decimal(&a, &b),
        },
    }
}

/// The type with fields and items that may be NULL; `None` where it is not of those that have any.
pub fn nullable(data_type: &DataType) -> Option<DataType> {
    let open = |field: &Field| {
        let inner = field.data_type();
        let inner = nullable(inner).unwrap_or_else(|| inner.clone());
        field.clone().with_data_type(inner).with_nullable(true)
    };
    Some(match data_type {
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(|f| open(f)).collect()),
        DataType::List(item) => DataType::List(Arc::new(open(item))),
        DataType::Map(entries, sorted) => match entries.data_type() {
            // Keys are never NULL, and neither are pairs.
            DataType::Struct(fields) if fields.len() == 2 => {
                let pair = vec![fields[0].as_ref().clone(), open(&fields[1])];
                let entries = entries.as_ref().clone();
                let entries = entries.with_data_type(DataType::Struct(pair.into()));
                DataType::Map(Arc::new(entries), *sorted)
            }
            _ => return None,
        },
        _ => return None,
    })
}

/// Bits that a signed integer needs to hold the type's values.
fn integer_bits(data_type: &DataType) -> Option<u8> {
    Some(match data_type {
        DataType::Int8 => 8,
        DataType::UInt8 => 9,
        DataType::Int16 => 16,
        DataType::UInt16 => 17,
        DataType::Int32 => 32,
        DataType::UInt32 => 33,
        DataType::Int64 => 64,
        DataType::UInt64 => 65,
        _ => return None,
    })
}

/// The finer of two units. Nanoseconds do not reach the years that others do, and what is finer than
/// a microsecond is not storable, so beside other units they are microseconds.
fn finer(a: TimeUnit, b: TimeUnit) -> TimeUnit {
    if a != b && [a, b].contains(&TimeUnit::Nanosecond) {
        return TimeUnit::Microsecond;
    }
    let rank = |unit: TimeUnit| match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 1,
        TimeUnit::Microsecond => 2,
        TimeUnit::Nanosecond => 3,
    };
    if rank(a) >= rank(b) { a } else { b }
}

fn common_decimal(a: &DataType, b: &DataType) -> Option<DataType> {
    let digits = |data_type: &DataType| match data_type {
        DataType::Decimal32(p, s)
        | DataType::Decimal64(p, s)
        | DataType::Decimal128(p, s)
        | DataType::Decimal256(p, s) => Some((i16::from(*p) - i16::from(*s), i16::from(*s))),
        other => integer_bits(other).map(|bits| (if bits > 33 { 20 } else { 10 }, 0)),
    };
    let ((x, s), (y, t)) = (digits(a)?, digits(b)?);
    let (whole, scale) = (x.max(y), s.max(t));
    let precision = u8::try_from(whole + scale).ok().filter(|p| *p <= 38)?;
    Some(DataType::Decimal128(precision, i8::try_from(scale).ok()?))
}

/// The name of a stored type in SQL.
pub fn sql_type(data_type: &DataType) -> String {
    match data_type {
        DataType::Boolean => "boolean".into(),
        DataType::Int8 | DataType::Int16 => "smallint".into(),
        DataType::Int32 => "integer".into(),
        DataType::Int64 => "bigint".into(),
        DataType::Float32 => "real".into(),
        DataType::Float64 => "double".into(),
        DataType::Decimal128(p, s) | DataType::Decimal256(p, s) => format!("numeric({p},{s})"),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "varchar".into(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "bytea".into(),
        DataType::Date32 => "date".into(),
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => "timestamptz".into(),
        DataType::Timestamp(..) => "timestamp".into(),
        DataType::Time32(_) | DataType::Time64(_) => "time".into(),
        DataType::List(item) => format!("{}[]", sql_type(item.data_type())),
        DataType::Struct(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|f| format!("{} {}", f.name(), sql_type(f.data_type())))
                .collect();
            format!("record({})", fields.join(", "))
        }
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) if fields.len() == 2 => format!(
                "map({}, {})",
                sql_type(fields[0].data_type()),
                sql_type(fields[1].data_type())
            ),
            _ => "map".into(),
        },
        other => other.to_string().to_lowercase(),
    }
}

/// The `physicalType` that declares a stored type: its SQL name, where that binds all of it.
pub fn type_to_declare(data_type: &DataType) -> String {
    match data_type {
        DataType::Int8 => "tinyint".to_owned(),
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => {
            data_type.to_string().to_lowercase()
        }
        DataType::Timestamp(_, None) => "timestamp_ntz".to_owned(),
        other => sql_type(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_no_types() {
        let dictionary =
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::LargeUtf8));
        assert_eq!(plain(&dictionary), DataType::Utf8);
        assert_eq!(stored(&dictionary), Ok(DataType::Utf8));
    }

    #[test]
    fn a_common_type_holds_both_exactly_or_there_is_none() {
        use DataType as D;
        let list = |item: D, nullable: bool| D::new_list(item, nullable);
        let micros = |zone: Option<&str>| D::Timestamp(TimeUnit::Microsecond, zone.map(Into::into));
        for (a, b, expected) in [
            (D::Int32, D::Int64, Some(D::Int64)),
            (D::UInt8, D::Int64, Some(D::Int64)),
            (D::UInt32, D::Int32, Some(D::Int64)),
            (D::UInt64, D::Int64, Some(D::Decimal128(20, 0))),
            (D::Int32, D::Float32, Some(D::Float64)),
            (D::Int64, D::Float64, None),
            (D::Decimal128(10, 2), D::Decimal128(10, 3), Some(D::Decimal128(11, 3))),
            (D::Timestamp(TimeUnit::Millisecond, None), micros(None), Some(micros(None))),
            (D::Timestamp(TimeUnit::Nanosecond, None), micros(None), Some(micros(None))),
            (micros(None), micros(Some("UTC")), None),
            (list(D::Int32, false), list(D::Int32, true), Some(list(D::Int32, true))),
            (list(D::Int32, true), list(D::Int64, true), None),
            (D::Utf8, D::Int64, None),
            (D::LargeUtf8, D::Utf8View, Some(D::Utf8)),
        ] {
            assert_eq!(common(&a, &b), expected, "{a} and {b}");
            assert_eq!(common(&b, &a), expected, "{b} and {a}");
        }
    }

    #[test]
    fn unsigned_integers_are_stored_a_width_up_and_the_widest_is_refused() {
        assert_eq!(stored(&DataType::UInt32), Ok(DataType::Int64));
        assert!(stored(&DataType::UInt64).unwrap_err().hint.contains("decimal(20,0)"));
        assert!(stored(&DataType::Time64(TimeUnit::Microsecond)).is_err());
    }
}
