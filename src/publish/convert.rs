//! Delivered values as stored ones: the same values, or an error.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StructArray, new_null_array};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Fields, TimeUnit};

use crate::contract::model::Column;
use crate::error::{Error, Result};

/// An array of a column as its stored type.
///
/// # Errors
/// When the stored type cannot represent a value.
pub(super) fn convert(array: &ArrayRef, column: &Column, stored: &DataType) -> Result<ArrayRef> {
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let cast = |array: &ArrayRef, data_type: &DataType| {
        cast_with_options(array, data_type, &strict).map_err(|e| {
            Error::mend("unstorable-value", format!("column '{}': {e}", column.name.value))
                .caused_by(e)
        })
    };
    if array.data_type() == stored {
        return Ok(ArrayRef::clone(array));
    }
    let array = &with_fields(array, stored);
    // A wall-clock reading becomes an instant in the zone that the contract names.
    if let (DataType::Timestamp(_, None), DataType::Timestamp(_, Some(_))) =
        (array.data_type(), stored)
    {
        let zone = column.options.text("defaultTimezone").unwrap_or_else(|| "UTC".to_owned());
        let local = cast(array, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
        let there = DataType::Timestamp(TimeUnit::Microsecond, Some(zone.as_str().into()));
        let instants = cast_with_options(&local, &there, &strict).map_err(|e| {
            let message = format!(
                "column '{}': a local time does not exist in {zone}, or exists twice: the clocks change",
                column.name.value
            );
            Error::mend("unstorable-value", message)
                .hint("deliver instants, with a time zone in their type")
                .caused_by(e)
        })?;
        return cast(&instants, stored);
    }
    cast(array, stored)
}

/// The same values, with the fields of structs that are stored and that the delivery lacks as NULL,
/// and all of them in the stored order.
fn with_fields(array: &ArrayRef, stored: &DataType) -> ArrayRef {
    match (array.data_type(), stored) {
        (DataType::Struct(_), DataType::Struct(wanted)) => {
            let own = array.as_struct();
            let columns: Vec<ArrayRef> = wanted
                .iter()
                .map(|field| match own.column_by_name(field.name()) {
                    Some(column) => with_fields(column, field.data_type()),
                    None => new_null_array(field.data_type(), own.len()),
                })
                .collect();
            let fields: Fields = wanted
                .iter()
                .zip(&columns)
                .map(|(field, c)| Field::new(field.name(), c.data_type().clone(), true))
                .collect();
            let made = StructArray::try_new(fields, columns, own.nulls().cloned());
            made.map_or_else(|_| ArrayRef::clone(array), |made| Arc::new(made) as ArrayRef)
        }
        (DataType::List(_), DataType::List(wanted)) => {
            let own = array.as_list::<i32>();
            let values = with_fields(own.values(), wanted.data_type());
            let field = Field::new(wanted.name(), values.data_type().clone(), true);
            let (offsets, nulls) = (own.offsets().clone(), own.nulls().cloned());
            let made = ListArray::try_new(Arc::new(field), offsets, values, nulls);
            made.map_or_else(|_| ArrayRef::clone(array), |made| Arc::new(made) as ArrayRef)
        }
        _ => ArrayRef::clone(array),
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{TimestampNanosecondArray, UInt32Array};
    use arrow::datatypes::{Int64Type, TimestampMicrosecondType};

    use super::*;
    use crate::contract::parse;
    use crate::diagnostic::Source;

    fn column(yaml: &str) -> Column {
        let text = format!(
            "version: 1.0.0\napiVersion: v3.1.0\nkind: DataContract\nid: t\nstatus: active\n\
             schema: [{{name: t, properties: [{yaml}]}}]"
        );
        let parsed = parse(&Arc::new(Source::new("t", text)));
        parsed.contract.unwrap().tables[0].columns[0].clone()
    }

    #[test]
    fn instants_keep_their_instant_and_readings_get_the_contracts_zone() {
        let plain = column("{name: at, logicalType: timestamp}");
        let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let berlin: ArrayRef = Arc::new(
            TimestampNanosecondArray::from(vec![1_000_000_000]).with_timezone("Europe/Berlin"),
        );
        let stored = convert(&berlin, &plain, &utc).unwrap();
        assert_eq!(stored.as_primitive::<TimestampMicrosecondType>().value(0), 1_000_000);
        let zoned = column(
            "{name: at, logicalType: timestamp, logicalTypeOptions: {defaultTimezone: Asia/Tokyo}}",
        );
        let local: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![32_400_000_000_000]));
        let stored = convert(&local, &zoned, &utc).unwrap();
        assert_eq!(stored.as_primitive::<TimestampMicrosecondType>().value(0), 0);
    }

    #[test]
    fn unsigned_integers_widen_and_nothing_wraps() {
        let id = column("{name: id, logicalType: integer}");
        let array: ArrayRef = Arc::new(UInt32Array::from(vec![u32::MAX]));
        let stored = convert(&array, &id, &DataType::Int64).unwrap();
        assert_eq!(stored.as_primitive::<Int64Type>().value(0), i64::from(u32::MAX));
        assert!(convert(&array, &id, &DataType::Int32).is_err());
        assert_eq!(stored.null_count(), 0);
    }
}
