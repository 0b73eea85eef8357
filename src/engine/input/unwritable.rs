//! Types of Arrow IPC that no Parquet file holds, and so no Delta table: refused by column, before a
//! value is read.

use arrow::datatypes::{DataType, IntervalUnit, Schema};

use crate::contract::types::words;

/// Why a schema cannot be written, in words for a report.
pub(super) fn refusal(schema: &Schema) -> Option<String> {
    schema.fields().iter().find_map(|field| {
        let deliver = instead(field.data_type())?;
        let (name, data_type) = (field.name(), field.data_type());
        let told = words(data_type);
        Some(format!(
            "column '{name}' has the type {told} ({data_type}), which no Delta table holds: deliver \
             {deliver}"
        ))
    })
}

/// What to deliver instead of a type that has something inside that is not written.
fn instead(data_type: &DataType) -> Option<&'static str> {
    use DataType as D;
    match data_type {
        // The other two units are written, and refused by the column's clause.
        D::Interval(IntervalUnit::MonthDayNano) => Some("an integer with its unit in the name"),
        D::Union(..) => Some("one type a column"),
        D::List(item)
        | D::LargeList(item)
        | D::ListView(item)
        | D::LargeListView(item)
        | D::FixedSizeList(item, _)
        | D::Map(item, _) => instead(item.data_type()),
        D::RunEndEncoded(_, values) => instead(values.data_type()),
        D::Struct(fields) => fields.iter().find_map(|field| instead(field.data_type())),
        D::Dictionary(_, value) => instead(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::Field;

    #[test]
    fn types_that_are_not_written_are_refused_at_any_depth_and_others_are_not() {
        let span = DataType::Interval(IntervalUnit::MonthDayNano);
        let of = |data_type: DataType| {
            refusal(&Schema::new(vec![
                Field::new("a", DataType::Int64, true),
                Field::new("b", data_type, true),
            ]))
        };
        let told = of(DataType::new_list(span.clone(), true)).unwrap();
        assert!(told.starts_with("column 'b' has the type list of intervals ("), "{told}");
        assert!(of(span).is_some_and(|told| told.contains("has the type interval (")));
        assert_eq!(of(DataType::Interval(IntervalUnit::DayTime)), None);
        assert_eq!(of(DataType::new_list(DataType::Utf8, true)), None);
    }
}
