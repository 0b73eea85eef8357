//! Time at its edges: INT96 beyond nanoseconds, infinity, and readings that are not one instant.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Array, TimestampMicrosecondArray, TimestampMillisecondArray,
    TimestampSecondArray,
};
use parquet::data_type::{Int96, Int96Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::json;

use crate::support::{Project, clause};

const READING: &str =
    "- { name: at, logicalType: timestamp, logicalTypeOptions: { timezone: false } }";

/// A day of INT96 and the nanoseconds in it.
fn int96((day, nanos): (u32, u64)) -> Int96 {
    let mut value = Int96::new();
    value.set_data(
        u32::try_from(nanos & 0xffff_ffff).unwrap(),
        u32::try_from(nanos >> 32).unwrap(),
        day,
    );
    value
}

/// A file of one INT96 column, plain or in a list, in two row groups, as writers without an Arrow
/// schema make it.
fn write_int96(path: &Path, values: &[Option<(u32, u64)>], in_list: bool) {
    let message = match in_list {
        false => "message m { optional int96 at; }",
        true => {
            "message m { optional group at (LIST) { repeated group list { optional int96 element; } } }"
        }
    };
    let schema = Arc::new(parse_message_type(message).unwrap());
    let properties = Arc::new(WriterProperties::default());
    let file = std::fs::File::create(path).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, properties).unwrap();
    for half in values.chunks(values.len().div_ceil(2)) {
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let found: Vec<Int96> = half.iter().flatten().map(|value| int96(*value)).collect();
        let most = if in_list { 3 } else { 1 };
        let levels: Vec<i16> =
            half.iter().map(|value| if value.is_some() { most } else { most - 1 }).collect();
        let starts = vec![0; half.len()];
        column
            .typed::<Int96Type>()
            .write_batch(&found, Some(&levels), in_list.then_some(&starts[..]))
            .unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    writer.close().unwrap();
}

/// 9999-12-31 23:59:59.999999, 2024-01-01, 0001-01-01.
const FAR: [Option<(u32, u64)>; 4] =
    [Some((5_373_484, 86_399_999_999_000)), Some((2_460_311, 0)), None, Some((1_721_426, 0))];

#[test]
fn int96_beyond_what_nanoseconds_reach_is_read_as_microseconds() {
    let project = Project::of_columns(
        "- { name: at, logicalType: timestamp, unique: true, logicalTypeOptions: { timezone: false, \
         maximum: '9999-12-31T23:59:59.999999' } }",
    );
    write_int96(&project.path().join("f.parquet"), &FAR, false);
    let report = project.check("f.parquet");
    assert_eq!(report["verdict"], "passed", "{report:#}");
    assert_eq!(project.publish("f.parquet")["outcome"], "released");
    let years =
        project.query("select extract(year from at) y from t.t where at is not null order by at");
    assert_eq!(years.to_string().matches("9999").count(), 1, "{years}");
    assert_eq!(years.to_string().matches("2024").count(), 1, "{years}");
}

#[test]
fn int96_is_read_alike_by_rules_and_inside_lists() {
    let rule = "quality: [{ name: far, type: sql, query: \"select count(*) from t where at > timestamp \
                '9999-01-01 00:00:00'\", mustBe: 1 }]";
    let project = Project::of_columns(&READING.replace("} }", &format!("}}, {rule} }}")));
    write_int96(&project.path().join("f.parquet"), &FAR, false);
    let report = project.check("f.parquet");
    assert_eq!(clause(&report, "t/at/far")["verdict"], "passed", "{report:#}");
    let project = Project::of_columns(
        "- name: at\n  logicalType: array\n  items: { logicalType: timestamp, logicalTypeOptions: { timezone: \
         false, maximum: '9000-01-01T00:00:00' } }",
    );
    write_int96(&project.path().join("l.parquet"), &FAR, true);
    let report = project.check("l.parquet");
    let maximum = clause(&report, "t/at.items/maximum");
    assert_eq!((&maximum["failing_rows"], &maximum["samples"][0]["row"]), (&json!(1), &json!(0)));
}

#[test]
fn int96_finer_than_microseconds_fails_where_it_is_and_cannot_be_far_away_too() {
    let project = Project::of_columns(READING);
    let fine = [Some((2_460_311, 1_001)), Some((2_460_311, 1_000)), None];
    write_int96(&project.path().join("f.parquet"), &fine, false);
    let report = project.check("f.parquet");
    let storable = clause(&report, "t/at/storable");
    assert_eq!((&storable["failing_rows"], &storable["samples"][0]["row"]), (&json!(1), &json!(0)));
    write_int96(&project.path().join("b.parquet"), &[fine[0], FAR[0]], false);
    let report = project.check("b.parquet");
    let reason = clause(&report, "t/readable")["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("column at") && reason.contains("no type holds both"), "{reason}");
    write_int96(&project.path().join("c.parquet"), &[Some((u32::MAX / 2, 0))], false);
    let report = project.check("c.parquet");
    let reason = clause(&report, "t/readable")["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("microseconds do not reach"), "{reason}");
}

#[test]
fn infinite_timestamps_and_dates_are_not_storable_and_the_reason_says_so() {
    let project = Project::of_columns(&format!(
        "{READING}\n- {{ name: instant, logicalType: timestamp }}\n- {{ name: day, logicalType: date }}"
    ));
    let micros =
        || TimestampMicrosecondArray::from(vec![i64::MAX, -i64::MAX, 0, 253_402_300_799_999_999]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("at", Arc::new(micros())),
        ("instant", Arc::new(micros().with_timezone("UTC"))),
        ("day", Arc::new(Date32Array::from(vec![i32::MAX, -i32::MAX, 0, 2_932_896]))),
    ];
    project.parquet("f.parquet", columns);
    let report = project.check("f.parquet");
    for column in ["at", "instant", "day"] {
        let storable = clause(&report, &format!("t/{column}/storable"));
        assert_eq!(storable["failing_rows"], 2, "{storable}");
        let reason = storable["reason"].as_str().unwrap();
        assert!(reason.contains("2 infinite"), "{reason}");
        let rows: Vec<u64> = (storable["samples"].as_array().unwrap().iter())
            .map(|sample| sample["row"].as_u64().unwrap())
            .collect();
        assert_eq!(rows, [0, 1], "{storable}");
    }
    assert_eq!(project.publish("f.parquet")["outcome"], "rejected");
}

#[test]
fn what_microseconds_do_not_reach_is_a_verdict_and_not_an_error_of_publish() {
    for (what, array) in [
        ("seconds", Arc::new(TimestampSecondArray::from(vec![0, i64::MAX / 1_000])) as ArrayRef),
        ("milliseconds", Arc::new(TimestampMillisecondArray::from(vec![0, i64::MIN / 10]))),
    ] {
        let project = Project::of_columns(READING);
        project.parquet("f.parquet", vec![("at", array)]);
        let report = project.publish("f.parquet");
        assert_eq!(report["outcome"], "rejected", "{what}: {report:#}");
        let storable = clause(&report, "t/at/storable");
        assert_eq!(
            (&storable["failing_rows"], &storable["samples"][0]["row"]),
            (&json!(1), &json!(1))
        );
    }
}

#[test]
fn readings_that_the_clocks_of_the_zone_skip_or_repeat_are_a_verdict() {
    let project = Project::of_columns(
        "- { name: at, logicalType: timestamp, logicalTypeOptions: { defaultTimezone: Europe/Berlin } }",
    );
    // 02:30 of the days when summer time begins and ends, and noon.
    let readings = vec![1_711_852_200_000_000, 1_729_996_200_000_000, 1_711_886_400_000_000];
    project.parquet("f.parquet", vec![("at", Arc::new(TimestampMicrosecondArray::from(readings)))]);
    let report = project.publish("f.parquet");
    assert_eq!(report["outcome"], "rejected", "{report:#}");
    let storable = clause(&report, "t/at/storable");
    assert_eq!(storable["failing_rows"], 2, "{storable}");
    assert!(storable["reason"].as_str().unwrap().contains("deliver instants"), "{storable}");
    let noon = vec![1_711_886_400_000_000];
    project.parquet("g.parquet", vec![("at", Arc::new(TimestampMicrosecondArray::from(noon)))]);
    assert_eq!(project.publish("g.parquet")["outcome"], "released");
}
