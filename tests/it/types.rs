//! Types: what a contract admits in a file, what is stored, what SQL shows.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, ListArray, new_null_array};
use arrow::datatypes::{DataType, Field, TimeUnit};
use pactum::contract::parse;
use pactum::contract::types::{admits_wholly, planned, sql_type, stored};
use pactum::diagnostic::Source;

use crate::support::{Project, clause, contract};

fn column(declared: &str) -> pactum::contract::model::Column {
    let text = contract("1.0.0", &format!("- {{ name: a, {declared} }}"), "");
    let contract = parse(&Arc::new(Source::new("t", text))).contract.unwrap();
    contract.tables[0].columns[0].clone()
}

fn timestamp(unit: TimeUnit, zone: Option<&str>) -> DataType {
    DataType::Timestamp(unit, zone.map(Into::into))
}

#[test]
fn the_table_of_types_holds() {
    use DataType as D;
    let dictionary = D::Dictionary(Box::new(D::Int32), Box::new(D::Utf8));
    let floats = |list: fn(Arc<Field>) -> D| list(Arc::new(Field::new("item", D::Float32, true)));
    let utc = Some("UTC");
    let good: &[(&str, &[D])] = &[
        ("logicalType: string", &[D::Utf8, D::LargeUtf8, D::Utf8View, dictionary]),
        (
            "logicalType: string, logicalTypeOptions: { format: binary }",
            &[D::Binary, D::FixedSizeBinary(4)],
        ),
        ("logicalType: boolean", &[D::Boolean]),
        ("logicalType: integer", &[D::Int8, D::Int64, D::UInt8, D::UInt32]),
        ("logicalType: integer, logicalTypeOptions: { format: i32 }", &[D::Int32]),
        (
            "logicalType: number",
            &[D::Float32, D::Float64, D::Decimal128(10, 2), D::Int16, D::UInt32],
        ),
        ("logicalType: number, physicalType: bigint", &[D::Int64]),
        ("logicalType: number, logicalTypeOptions: { format: f32 }", &[D::Float32]),
        (
            "logicalType: number, physicalType: \"decimal(10,2)\"",
            &[D::Decimal128(10, 2), D::Decimal128(8, 2), D::Decimal256(10, 2)],
        ),
        ("logicalType: date", &[D::Date32]),
        (
            "logicalType: timestamp",
            &[
                timestamp(TimeUnit::Second, utc),
                timestamp(TimeUnit::Nanosecond, Some("Europe/Paris")),
            ],
        ),
        (
            "logicalType: timestamp, logicalTypeOptions: { timezone: false }",
            &[timestamp(TimeUnit::Millisecond, None)],
        ),
        (
            "logicalType: timestamp, logicalTypeOptions: { defaultTimezone: UTC }",
            &[timestamp(TimeUnit::Millisecond, None)],
        ),
        ("logicalType: time", &[D::Time32(TimeUnit::Second), D::Time64(TimeUnit::Microsecond)]),
        (
            "logicalType: array, items: { logicalType: number }",
            &[floats(D::List), floats(D::LargeList), floats(|f| D::FixedSizeList(f, 3))],
        ),
        (
            "logicalType: vector, logicalTypeOptions: { dimensions: 3 }",
            &[floats(D::List), floats(|f| D::FixedSizeList(f, 3))],
        ),
        (
            "logicalType: object, properties: [{ name: x, logicalType: integer }]",
            &[D::Struct(vec![Field::new("x", D::Int32, true)].into())],
        ),
    ];
    for (declared, types) in good {
        let column = column(declared);
        for data_type in *types {
            let found = admits_wholly(&column, data_type);
            assert!(found.is_ok(), "{declared} refuses {data_type}: {found:?}");
        }
    }
    let bad: &[(&str, &[D])] = &[
        ("logicalType: string", &[D::Binary, D::Int64]),
        ("logicalType: integer", &[D::Float64, D::UInt64, D::Utf8, D::Decimal128(5, 0)]),
        ("logicalType: integer, logicalTypeOptions: { format: i32 }", &[D::Int64, D::UInt32]),
        ("logicalType: integer, physicalType: bigint", &[D::Int32]),
        ("logicalType: number", &[D::UInt64, D::Float16, D::Utf8]),
        ("logicalType: number, logicalTypeOptions: { format: f64 }", &[D::Float32]),
        (
            "logicalType: number, physicalType: \"decimal(10,2)\"",
            &[D::Decimal128(11, 2), D::Decimal128(10, 3), D::Float64],
        ),
        ("logicalType: date", &[timestamp(TimeUnit::Nanosecond, None), D::Utf8]),
        ("logicalType: timestamp", &[timestamp(TimeUnit::Microsecond, None)]),
        (
            "logicalType: timestamp, logicalTypeOptions: { timezone: false }",
            &[timestamp(TimeUnit::Microsecond, utc)],
        ),
        ("logicalType: boolean", &[D::Int8]),
        ("logicalType: array, items: { logicalType: string }", &[floats(D::List), D::Utf8]),
        (
            "logicalType: object, properties: [{ name: x, logicalType: integer }]",
            &[D::Struct(vec![Field::new("y", D::Int32, true)].into())],
        ),
    ];
    for (declared, types) in bad {
        let column = column(declared);
        for data_type in *types {
            assert!(admits_wholly(&column, data_type).is_err(), "{declared} admits {data_type}");
        }
    }
}

#[test]
fn stored_and_sql_types_are_those_of_the_table() {
    use DataType as D;
    for (delivered, kept, sql) in [
        (D::UInt8, D::Int16, "smallint"),
        (D::UInt16, D::Int32, "integer"),
        (D::UInt32, D::Int64, "bigint"),
        (D::Int8, D::Int8, "smallint"),
        (D::Float32, D::Float32, "real"),
        (D::Decimal256(20, 4), D::Decimal128(20, 4), "numeric(20,4)"),
        (D::LargeUtf8, D::Utf8, "varchar"),
        (
            timestamp(TimeUnit::Nanosecond, Some("Asia/Tokyo")),
            timestamp(TimeUnit::Microsecond, Some("UTC")),
            "timestamptz",
        ),
        (timestamp(TimeUnit::Second, None), timestamp(TimeUnit::Microsecond, None), "timestamp"),
    ] {
        let found = stored(&delivered).unwrap();
        assert_eq!(found, kept);
        assert_eq!(sql_type(&found), sql);
    }
    for refused in [D::UInt64, D::Float16, D::Time64(TimeUnit::Microsecond), D::Null] {
        assert!(!stored(&refused).unwrap_err().hint.is_empty());
    }
    assert_eq!(planned(&column("logicalType: number")), D::Float64);
    assert_eq!(planned(&column("logicalType: integer, physicalType: int32")), D::Int32);
}

#[test]
fn a_float_for_an_integer_gets_the_hint_that_pandas_users_need() {
    let project = Project::of_columns("- { name: a, logicalType: integer }");
    let array: ArrayRef = new_null_array(&DataType::Float64, 2);
    project.parquet("a.parquet", vec![("a", array)]);
    let report = project.check("a.parquet");
    let reason = clause(&report, "t/a/logicalType")["reason"].as_str().unwrap();
    assert!(reason.contains("astype('Int64')"), "{reason}");
}

#[test]
fn the_hint_for_floats_under_an_integer_follows_from_the_nulls_of_the_column() {
    let project = Project::of_columns("- { name: a, logicalType: integer }");
    let floats = |values: Vec<Option<f64>>| Arc::new(Float64Array::from(values)) as ArrayRef;
    let reason = |file: &str, values: ArrayRef| {
        project.parquet(file, vec![("a", values)]);
        let report = project.check(file);
        clause(&report, "t/a/logicalType")["reason"].as_str().unwrap().to_owned()
    };
    let whole = reason("whole.parquet", floats(vec![Some(1.0), Some(2.0)]));
    assert!(whole.ends_with("df['a'] = df['a'].astype('int64')"), "{whole}");
    assert!(!whole.contains("gaps"), "{whole}");
    let gapped = reason("gapped.parquet", floats(vec![Some(1.0), None]));
    assert!(gapped.ends_with("df['a'] = df['a'].astype('Int64')"), "{gapped}");
    let single = Arc::new(arrow::array::Float32Array::from(vec![1.0, 2.0]));
    let single = reason("single.parquet", single);
    assert!(single.contains("astype('int64')"), "{single}");
}

#[test]
fn floats_inside_a_list_of_integers_get_no_code_for_a_column_of_a_frame() {
    let project =
        Project::of_columns("- { name: a, logicalType: array, items: { logicalType: integer } }");
    let items = vec![Some(vec![Some(1.0), Some(2.0)])];
    let lists = ListArray::from_iter_primitive::<arrow::datatypes::Float64Type, _, _>(items);
    project.parquet("a.parquet", vec![("a", Arc::new(lists))]);
    let report = project.check("a.parquet");
    let reason = clause(&report, "t/a/logicalType")["reason"].as_str().unwrap();
    assert!(reason.ends_with("deliver integers") && !reason.contains("df["), "{reason}");
}

#[test]
fn what_delta_cannot_store_is_checked_but_not_published() {
    let project = Project::of_columns("- { name: a, logicalType: time }");
    let array = new_null_array(&DataType::Time64(TimeUnit::Microsecond), 1);
    project.parquet("a.parquet", vec![("a", array)]);
    project.run(&["check", "t", "a.parquet"]).expect(0);
    let run = project.run(&["publish", "t", "t=a.parquet"]).expect(1);
    assert!(run.stderr.contains("time has no Delta type"), "{}", run.stderr);
    assert!(!project.path().join("warehouse/t/_ledger").exists());
}
