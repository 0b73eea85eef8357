//! What a declared type says about values is a clause of its own, located like any other.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, Int16Array, ListArray, ListBuilder, StringBuilder,
    Time64MicrosecondArray, TimestampMicrosecondArray, TimestampMillisecondArray,
};
use serde_json::json;

use crate::support::{Project, clause, longs, texts};

const UUID: &str = "4f3b0a52-9c7e-4d0e-8f0a-1b2c3d4e5f60";

fn zoned(micros: Vec<Option<i64>>) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from(micros).with_timezone("UTC"))
}

fn times(micros: Vec<Option<i64>>) -> ArrayRef {
    Arc::new(Time64MicrosecondArray::from(micros))
}

fn lists(rows: &[&[&str]]) -> ArrayRef {
    let mut lists = ListBuilder::new(StringBuilder::new());
    for row in rows {
        row.iter().for_each(|item| lists.values().append_value(item));
        lists.append(true);
    }
    let lists: ListArray = lists.finish();
    Arc::new(lists)
}

fn optional(values: [Option<i64>; 3]) -> ArrayRef {
    Arc::new(arrow::array::Int64Array::from(values.to_vec()))
}

/// Columns, each with what it declares, three rows of which the second is bad and the third NULL,
/// and the clause that says so.
fn columns() -> Vec<(&'static str, &'static str, ArrayRef, &'static str)> {
    let text = |good, bad| texts([Some(good), Some(bad), None]);
    vec![
        ("a", "logicalType: string, physicalType: varchar(3)", text("äöü", "abcd"), "Length"),
        ("b", "logicalType: string, physicalType: char(2)", text("ab", "abc"), "Length"),
        ("c", "logicalType: string, physicalType: nvarchar2(3)", text("abc", "abcd"), "Length"),
        ("d", "physicalType: VARCHAR2(4 BYTE)", text("äö", "äöa"), "Length"),
        ("e", "physicalType: \"enum('a','it''s')\"", text("it's", "A"), "Values"),
        ("f", "logicalType: string, physicalType: uuid", text(UUID, "hello"), "Format"),
        (
            "g",
            "logicalType: timestamp, physicalType: timestamp(3)",
            zoned(vec![Some(1_000), Some(1_001), None]),
            "Precision",
        ),
        (
            "h",
            "logicalType: time, physicalType: time(0)",
            times(vec![Some(1_000_000), Some(1_000_001), None]),
            "Precision",
        ),
        (
            "i",
            "logicalType: integer, physicalType: number(5)",
            optional([Some(99_999), Some(-100_000), None]),
            "Precision",
        ),
        (
            "j",
            "logicalType: string, physicalType: varbinary(2), logicalTypeOptions: {format: binary}",
            Arc::new(BinaryArray::from_opt_vec(vec![Some(b"ab"), Some(b"abc"), None])),
            "Length",
        ),
    ]
}

fn declared(columns: &[(&str, &str, ArrayRef, &str)]) -> String {
    let one = |(name, declared, ..): &(&str, &str, ArrayRef, &str)| {
        format!("- {{name: {name}, {declared}}}\n")
    };
    columns.iter().map(one).collect()
}

#[test]
fn every_limit_of_a_physical_type_is_tested_row_by_row() {
    let columns = columns();
    let project = Project::of_columns(&declared(&columns));
    let arrays = columns.iter().map(|(name, _, array, _)| (*name, Arc::clone(array)));
    project.parquet("bad.parquet", arrays.clone().collect());
    let report = project.check("bad.parquet");
    for (name, declared, _, kind) in &columns {
        assert_eq!(clause(&report, &format!("t/{name}/physicalType"))["verdict"], "passed");
        let found = clause(&report, &format!("t/{name}/physicalType{kind}"));
        assert_eq!(found["verdict"], "failed", "{declared}: {found:#}");
        assert_eq!((&found["failing_rows"], &found["samples"][0]["row"]), (&json!(1), &json!(1)));
    }
    // Without the bad row everything passes, NULL included.
    let good = arrays.map(|(name, array)| {
        let parts = [array.slice(0, 1), array.slice(2, 1)];
        let parts: Vec<&dyn arrow::array::Array> = parts.iter().map(AsRef::as_ref).collect();
        (name, arrow::compute::concat(&parts).unwrap())
    });
    project.parquet("good.parquet", good.collect());
    assert_eq!(project.check("good.parquet")["verdict"], "passed");
}

#[test]
fn formats_named_by_their_bits_limit_the_values_of_integers_and_not_the_type_of_the_file() {
    for (format, good, bad) in [
        ("int8", -128, 128),
        ("int16", 32_767, -32_769),
        ("int32", i64::from(i32::MAX), 5_000_000_000),
        ("uint8", 255, -1),
        ("uint32", 4_294_967_295, 4_294_967_296),
        ("uint64", i64::MAX, -1),
    ] {
        let project = Project::of_columns(&format!(
            "- {{name: a, logicalType: integer, logicalTypeOptions: {{format: {format}}}}}"
        ));
        project.parquet("f.parquet", vec![("a", longs([good, bad]))]);
        let report = project.check("f.parquet");
        let found = clause(&report, "t/a/formatRange");
        assert_eq!(found["verdict"], "failed", "{format}");
        assert_eq!(found["samples"][0]["value"], json!(bad), "{format}");
        project.parquet("f.parquet", vec![("a", longs([good]))]);
        assert_eq!(project.check("f.parquet")["verdict"], "passed", "{format}");
    }
}

#[test]
fn limits_hold_inside_values_however_what_is_inside_is_declared() {
    for inside in [
        "logicalType: array, items: {logicalType: string, physicalType: varchar(3)}",
        "logicalType: array, physicalType: array<varchar(3)>",
        "physicalType: 'varchar(3)[]'",
    ] {
        let project = Project::of_columns(&format!("- {{name: a, {inside}}}"));
        project.parquet("f.parquet", vec![("a", lists(&[&["abc"], &["a", "abcd"], &[]]))]);
        let report = project.check("f.parquet");
        let found = clause(&report, "t/a.items/physicalTypeLength");
        assert_eq!(found["verdict"], "failed", "{inside}");
        assert_eq!(found["failing_rows"], json!(1), "{inside}");
    }
}

#[test]
fn a_limit_that_the_type_of_the_file_keeps_passes() {
    let project = Project::of_columns(
        "- {name: a, logicalType: timestamp, physicalType: timestamp(3)}\n\
         - {name: b, logicalType: integer, logicalTypeOptions: {format: int32}}\n\
         - {name: c, logicalType: string, physicalType: varchar(max)}\n",
    );
    let millis = TimestampMillisecondArray::from(vec![1]).with_timezone("UTC");
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("a", Arc::new(millis)),
        ("b", Arc::new(Int16Array::from(vec![i16::MIN]))),
        ("c", texts([Some("as long as it likes")])),
    ];
    project.parquet("f.parquet", columns);
    assert_eq!(project.check("f.parquet")["verdict"], "passed");
}

#[test]
fn values_that_were_read_from_text_keep_their_limits_too() {
    let project = Project::of_columns(
        "- {name: a, logicalType: string, physicalType: varchar(3)}\n\
         - {name: b, logicalType: integer, physicalType: number(2)}\n",
    );
    project.write("f.csv", "a,b\nabc,99\nabcd,100\n");
    let report = project.check("f.csv");
    assert_eq!(report["verdict"], "failed");
    let found = clause(&report, "t/a/physicalTypeLength");
    assert_eq!((&found["failing_rows"], &found["samples"][0]["row"]), (&json!(1), &json!(1)));
}
