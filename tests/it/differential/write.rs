//! Rows as files: Parquet of every shape and paging, CSV, NDJSON.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, Date32Array, Decimal128Array, Float64Array, Int64Array, NullArray,
    RecordBatch, StringArray, new_empty_array,
};
use arrow::datatypes::{DataType, Field, Fields, Schema};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{WriterProperties, WriterVersion};
use serde_json::{Value, json};

use super::row::{Cell, Column, Input, Row, Shape, Within, nested};
use crate::support::Random;

/// Writes rows that a file of this shape keeps.
pub fn write(rows: &[Row], shape: &Shape, folder: &Path, name: &str, random: &mut Random) {
    std::fs::create_dir_all(folder).unwrap();
    match shape.input {
        Input::Parquet => parquet(rows, shape, &folder.join(format!("{name}.parquet")), random),
        Input::Csv => std::fs::write(folder.join(format!("{name}.csv")), csv(rows)).unwrap(),
        Input::Ndjson => {
            std::fs::write(folder.join(format!("{name}.ndjson")), ndjson(rows, shape)).unwrap();
        }
    }
}

fn parquet(rows: &[Row], shape: &Shape, path: &Path, random: &mut Random) {
    let batch = batch(rows, shape);
    // A file without rows may have any types, as pandas writes them.
    let batch = match rows.is_empty() && random.below(2) == 0 {
        true => of_floats(&batch),
        false => batch,
    };
    // Pages by dictionary, plain, or falling back from the one to the other.
    let properties = WriterProperties::builder()
        .set_writer_version(match random.below(2) {
            0 => WriterVersion::PARQUET_1_0,
            _ => WriterVersion::PARQUET_2_0,
        })
        .set_dictionary_enabled(random.below(4) > 0)
        .set_dictionary_page_size_limit([64, 1 << 20][random.below(2) as usize])
        .set_data_page_row_count_limit(1 + random.below(40) as usize)
        .set_write_batch_size(1 + random.below(16) as usize)
        .set_max_row_group_row_count(Some(1 + random.below(60) as usize))
        .build();
    let out = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(out, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn of_floats(batch: &RecordBatch) -> RecordBatch {
    let names = batch.schema();
    let columns = names.fields().iter().map(|field| {
        let none: ArrayRef = new_empty_array(&DataType::Float64);
        (field.name().clone(), none, true)
    });
    RecordBatch::try_from_iter_with_nullable(columns.collect::<Vec<_>>()).unwrap()
}

fn batch(rows: &[Row], shape: &Shape) -> RecordBatch {
    let texts = |of: fn(&Row) -> Option<&str>, column: Column| -> Option<ArrayRef> {
        match column {
            Column::Typed => Some(Arc::new(StringArray::from_iter(rows.iter().map(of)))),
            Column::Null => Some(Arc::new(NullArray::new(rows.len()))),
            Column::Absent => None,
        }
    };
    let days = rows.iter().map(|r| {
        let day = r.day.get()?;
        Some((day - chrono::NaiveDate::default()).num_days() as i32)
    });
    let prices = Decimal128Array::from_iter(rows.iter().map(|r| r.price.get()));
    let prices = prices.with_precision_and_scale(7, 2).unwrap();
    let whole = Int64Array::from_iter(rows.iter().map(|r| r.whole.get()));
    let number = Float64Array::from_iter(rows.iter().map(|r| r.number.get()));
    let mut columns: Vec<(String, Option<ArrayRef>)> = vec![
        ("whole".to_owned(), Some(Arc::new(whole))),
        ("number".to_owned(), Some(Arc::new(number))),
        ("day".to_owned(), Some(Arc::new(Date32Array::from_iter(days)))),
        ("price".to_owned(), Some(Arc::new(prices))),
        ("text".to_owned(), texts(|r| r.text.as_deref(), Column::Typed)),
        ("note".to_owned(), texts(|r| r.note.as_deref(), shape.note)),
        ("must".to_owned(), texts(|r| r.must.as_deref(), shape.must)),
    ];
    columns.extend(objects(rows, shape));
    let columns = columns.into_iter().filter_map(|(name, array)| Some((name, array?, true)));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// Lists, objects and maps, of the types that the shape gives them.
fn objects(rows: &[Row], shape: &Shape) -> Vec<(String, Option<ArrayRef>)> {
    let schema = Arc::new(Schema::new(nested_fields(shape)));
    let names = schema.fields().iter().map(|field| field.name().clone());
    if rows.is_empty() {
        let empty = schema.fields().iter().map(|field| Some(new_empty_array(field.data_type())));
        return names.zip(empty).collect();
    }
    if schema.fields().is_empty() {
        return Vec::new();
    }
    let mut decoder = arrow::json::ReaderBuilder::new(Arc::clone(&schema))
        .with_batch_size(rows.len())
        .build_decoder()
        .unwrap();
    let values: Vec<Value> = rows.iter().map(|row| Value::Object(nested(row, shape))).collect();
    decoder.serialize(&values).unwrap();
    let batch = decoder.flush().unwrap().unwrap();
    names.zip(batch.columns().iter().map(|array| Some(Arc::clone(array)))).collect()
}

fn nested_fields(shape: &Shape) -> Vec<Field> {
    let lat = match shape.within {
        Within::NoLat => Field::new("other", DataType::Int64, true),
        Within::NullLat => Field::new("lat", DataType::Null, true),
        _ => Field::new("lat", DataType::Float64, true),
    };
    let geo = match shape.within {
        Within::NullGeo => DataType::Null,
        _ => DataType::Struct(Fields::from(vec![lat])),
    };
    let city = match shape.within {
        Within::NullCity => DataType::Null,
        _ => DataType::Utf8,
    };
    let mut place = vec![Field::new("city", city, true), Field::new("geo", geo, true)];
    match shape.within {
        Within::NoCity => drop(place.remove(0)),
        Within::NoGeo => drop(place.remove(1)),
        _ => {}
    }
    let day = Field::new("day", DataType::Int64, true);
    let visit = DataType::Struct(Fields::from(vec![day]));
    let entries = Fields::from(vec![
        Field::new("key", DataType::Utf8, false),
        Field::new("value", DataType::Int64, true),
    ]);
    let entries = Field::new("entries", DataType::Struct(entries), false);
    let all = [
        ("items", DataType::new_list(DataType::Int64, true), shape.items),
        ("place", DataType::Struct(Fields::from(place)), shape.place),
        ("visits", DataType::new_list(visit, true), shape.visits),
        ("counts", DataType::Map(Arc::new(entries), false), shape.counts),
    ];
    all.into_iter()
        .filter_map(|(name, data_type, column)| {
            let data_type = match column {
                Column::Typed => data_type,
                Column::Null => DataType::Null,
                Column::Absent => return None,
            };
            Some(Field::new(name, data_type, true))
        })
        .collect()
}

/// A number as its shortest text; no text has more digits than a double holds.
fn number(value: f64) -> String {
    match value {
        v if v.is_nan() => "NaN".to_owned(),
        v if v.is_infinite() => if v > 0.0 { "Infinity" } else { "-Infinity" }.to_owned(),
        v if v != 0.0 && (v.abs() < 1e-4 || v.abs() > 1e15) => format!("{v:e}"),
        v => v.to_string(),
    }
}

fn hundredths(value: i128) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", value.abs() / 100, value.abs() % 100)
}

/// The text of a cell; `None` where there is none.
fn shown<T: Copy>(cell: &Cell<T>, text: impl Fn(T) -> String) -> Option<String> {
    match cell {
        Cell::Null => None,
        Cell::Is(value) => Some(text(*value)),
        Cell::Unread(unread) => Some(unread.clone()),
    }
}

fn csv(rows: &[Row]) -> String {
    let mut lines = vec!["whole,number,day,price,text,note,must".to_owned()];
    for row in rows {
        let day = shown(&row.day, |day| day.format("%d.%m.%Y").to_string());
        let cells = [
            shown(&row.whole, |n| n.to_string()),
            shown(&row.number, number),
            day,
            shown(&row.price, hundredths),
            row.text.clone(),
            row.note.clone(),
            row.must.clone(),
        ];
        let quoted = cells.map(|cell| {
            let text = cell.unwrap_or_default().replace('"', "\"\"");
            let plain = !text.contains([',', '"', '\n', '\r']) && text.trim() == text;
            if plain { text } else { format!("\"{text}\"") }
        });
        lines.push(quoted.join(","));
    }
    lines.join("\n") + "\n"
}

fn ndjson(rows: &[Row], shape: &Shape) -> String {
    let mut text = String::new();
    for row in rows {
        let mut parts: Vec<String> = Vec::new();
        let mut part = |name: &str, json: String| parts.push(format!("\"{name}\":{json}"));
        let json_of = |cell: Option<String>, is_value: bool| match cell {
            None => "null".to_owned(),
            // Numbers stand as they are written; JSON names none of these.
            Some(text) if is_value && !text.contains(['N', 'I']) => text,
            Some(text) => json!(text).to_string(),
        };
        part("whole", json_of(shown(&row.whole, |n| n.to_string()), row.whole.get().is_some()));
        part("number", json_of(shown(&row.number, number), row.number.get().is_some()));
        part("price", json_of(shown(&row.price, hundredths), row.price.get().is_some()));
        let day = shown(&row.day, |day| day.format("%d.%m.%Y").to_string());
        part("day", json!(day).to_string());
        for (name, value) in [("text", &row.text), ("note", &row.note), ("must", &row.must)] {
            part(name, json!(value).to_string());
        }
        for (name, value) in nested(row, shape) {
            part(&name, value.to_string());
        }
        text += &format!("{{{}}}\n", parts.join(","));
    }
    text
}
