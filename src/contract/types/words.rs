//! Types of files in words for people.

use arrow::datatypes::DataType;

/// A type in words: `text`, `32-bit integer`, `list of integers`.
pub fn words(data_type: &DataType) -> String {
    match data_type {
        DataType::Struct(fields) => {
            let one =
                |f: &arrow::datatypes::FieldRef| format!("{}: {}", f.name(), words(f.data_type()));
            format!("object ({})", fields.iter().map(one).collect::<Vec<_>>().join(", "))
        }
        other => kind(other, false),
    }
}

/// Why a rule does not apply: what a column holds instead of what the rule is about, both in the plural.
pub fn instead(data_type: &DataType, wanted: &str) -> String {
    format!("the column holds {}, not {wanted}", kind(data_type, true))
}

/// A kind of value, one or several.
fn kind(data_type: &DataType, several: bool) -> String {
    use DataType as D;
    let s = if several { "s" } else { "" };
    match data_type {
        D::Null => "only NULL".to_owned(),
        D::Boolean => format!("boolean{s}"),
        D::Int8 => format!("8-bit integer{s}"),
        D::Int16 => format!("16-bit integer{s}"),
        D::Int32 => format!("32-bit integer{s}"),
        D::Int64 => format!("integer{s}"),
        D::UInt8 => format!("unsigned 8-bit integer{s}"),
        D::UInt16 => format!("unsigned 16-bit integer{s}"),
        D::UInt32 => format!("unsigned 32-bit integer{s}"),
        D::UInt64 => format!("unsigned 64-bit integer{s}"),
        D::Float16 => format!("half-precision number{s}"),
        D::Float32 => format!("single-precision number{s}"),
        D::Float64 => format!("double-precision number{s}"),
        D::Decimal32(p, scale) | D::Decimal64(p, scale) => format!("decimal{s}({p},{scale})"),
        D::Decimal128(p, scale) | D::Decimal256(p, scale) => format!("decimal{s}({p},{scale})"),
        D::Date32 | D::Date64 => format!("date{s}"),
        D::Time32(_) | D::Time64(_) => format!("time{s}"),
        D::Timestamp(_, None) => format!("timestamp{s}"),
        D::Timestamp(_, Some(_)) => format!("timestamp{s} with time zone"),
        D::Duration(_) => format!("duration{s}"),
        D::Interval(_) => format!("interval{s}"),
        D::Utf8 | D::LargeUtf8 | D::Utf8View => format!("text{s}"),
        D::Binary | D::LargeBinary | D::BinaryView | D::FixedSizeBinary(_) => "binary".to_owned(),
        D::List(item)
        | D::LargeList(item)
        | D::ListView(item)
        | D::LargeListView(item)
        | D::FixedSizeList(item, _) => format!("list{s} of {}", kind(item.data_type(), true)),
        D::Map(entries, _) => match entries.data_type() {
            D::Struct(fields) => {
                let of: Vec<String> = fields.iter().map(|f| kind(f.data_type(), true)).collect();
                format!("map{s} of {}", of.join(" to "))
            }
            _ => format!("map{s}"),
        },
        D::Dictionary(_, value) => kind(value, several),
        D::RunEndEncoded(_, values) => kind(values.data_type(), several),
        D::Struct(_) => format!("object{s}"),
        D::Union(..) => format!("union{s}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::{Field, TimeUnit};

    #[test]
    fn types_are_told_without_the_words_of_a_library() {
        let integers = DataType::new_list(DataType::Int64, true);
        let point = DataType::Struct(vec![Field::new("x", DataType::Float64, true)].into());
        for (data_type, told) in [
            (DataType::Utf8, "text"),
            (DataType::Int64, "integer"),
            (DataType::UInt32, "unsigned 32-bit integer"),
            (integers.clone(), "list of integers"),
            (DataType::new_list(integers, true), "list of lists of integers"),
            (DataType::new_list(point.clone(), true), "list of objects"),
            (point, "object (x: double-precision number)"),
            (DataType::Timestamp(TimeUnit::Nanosecond, None), "timestamp"),
            (DataType::Decimal128(5, 2), "decimal(5,2)"),
            (DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)), "text"),
        ] {
            assert_eq!(words(&data_type), told);
        }
    }
}
