//! One meaning of a declared type in check, lint, diff and infer.

use std::sync::Arc;

use arrow::array::{ArrayRef, new_empty_array};
use arrow::datatypes::{DataType, Field, TimeUnit};
use pactum::contract::model::Column;
use pactum::contract::parse;
use pactum::contract::types::{admits_wholly, binding, planned, stored, type_to_declare};
use pactum::diagnostic::{Severity, Source};

use crate::changes::rules;
use crate::support::{Project, clause, contract, longs};

fn document(declared: &str) -> String {
    contract("1.0.0", &format!("- {{ name: a, {declared} }}"), "")
}

fn column(declared: &str) -> Column {
    let contract = parse(&Arc::new(Source::new("t", document(declared)))).contract.unwrap();
    contract.tables[0].columns[0].clone()
}

fn errors(declared: &str) -> Vec<String> {
    let found = parse(&Arc::new(Source::new("t", document(declared)))).diagnostics;
    let errors = found.into_iter().filter(|d| d.severity == Severity::Error);
    errors.map(|d| format!("{} {}", d.message, d.hint.unwrap_or_default())).collect()
}

fn timestamp(zone: Option<&str>) -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, zone.map(Into::into))
}

#[test]
fn a_declared_width_admits_that_width_and_no_other() {
    use DataType as D;
    let all = [D::Int8, D::Int16, D::Int32, D::Int64, D::UInt32, D::Float32, D::Float64];
    for (declared, admitted) in [
        ("logicalType: integer, physicalType: int", vec![D::Int32]),
        ("logicalType: integer, physicalType: INTEGER", vec![D::Int32]),
        ("physicalType: int", vec![D::Int32]),
        ("logicalType: integer, physicalType: int unsigned", vec![D::UInt32]),
        ("logicalType: number, physicalType: float", vec![D::Float32]),
        ("logicalType: number, physicalType: FLOAT(53)", vec![D::Float64]),
        ("logicalType: integer, physicalType: bigint(20)", vec![D::Int64]),
        ("logicalType: integer", vec![D::Int8, D::Int16, D::Int32, D::Int64, D::UInt32]),
        // A decimal without a fraction is how some databases spell an integer.
        (
            "logicalType: integer, physicalType: \"NUMBER(10,0)\"",
            vec![D::Int8, D::Int16, D::Int32, D::Int64, D::UInt32],
        ),
    ] {
        let column = column(declared);
        let found: Vec<&D> = all.iter().filter(|t| admits_wholly(&column, t).is_ok()).collect();
        assert_eq!(found, admitted.iter().collect::<Vec<_>>(), "{declared}");
    }
}

#[test]
fn a_file_of_another_width_fails_with_both_ways_out() {
    let project = Project::of_columns("- { name: a, logicalType: integer, physicalType: int }");
    project.parquet("a.parquet", vec![("a", longs([1]))]);
    let report = project.check("a.parquet");
    let reason = clause(&report, "t/a/physicalType")["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("declare physicalType: bigint, or deliver integer"), "{reason}");
    project.write("contracts/t.odcs.yaml", &document("logicalType: integer, physicalType: bigint"));
    assert_eq!(clause(&project.check("a.parquet"), "t/a/physicalType")["verdict"], "passed");
}

#[test]
fn a_bare_timestamp_leaves_the_zone_to_timezone_and_every_other_spelling_states_it() {
    let utc = timestamp(Some("UTC"));
    let local = timestamp(None);
    for (declared, type_of_it, other) in [
        ("logicalType: timestamp, physicalType: timestamp", &utc, &local),
        ("logicalType: timestamp, physicalType: timestamp(6)", &utc, &local),
        (
            "logicalType: timestamp, physicalType: timestamp, logicalTypeOptions: { timezone: false }",
            &local,
            &utc,
        ),
        ("logicalType: timestamp, physicalType: TIMESTAMP_NTZ", &local, &utc),
        ("logicalType: timestamp, physicalType: datetime", &local, &utc),
        ("logicalType: timestamp, physicalType: timestamp without time zone", &local, &utc),
        ("logicalType: timestamp, physicalType: timestamptz", &utc, &local),
        ("logicalType: timestamp, physicalType: datetimeoffset", &utc, &local),
        ("physicalType: timestamp_ntz", &local, &utc),
    ] {
        let column = column(declared);
        assert_eq!(&planned(&column), type_of_it, "{declared}");
        assert_eq!(binding(&column).as_ref(), Some(type_of_it), "{declared}");
        assert!(admits_wholly(&column, type_of_it).is_ok(), "{declared}");
        assert!(admits_wholly(&column, other).is_err(), "{declared}");
        assert_eq!(errors(declared), Vec::<String>::new(), "{declared}");
    }
}

#[test]
fn what_a_physical_type_says_of_its_inside_is_checked() {
    use DataType as D;
    let list = |item: D| D::List(Arc::new(Field::new("item", item, true)));
    for (declared, good, bad) in [
        ("logicalType: array, physicalType: \"array<int>\"", list(D::Int32), list(D::Utf8)),
        ("logicalType: array, physicalType: \"int[]\"", list(D::Int32), list(D::Int64)),
        ("physicalType: \"array<varchar(3)>\"", list(D::Utf8), list(D::Int64)),
        (
            "logicalType: object, physicalType: \"struct<a: int>\"",
            D::Struct(vec![Field::new("a", D::Int32, true)].into()),
            D::Struct(vec![Field::new("a", D::Utf8, true)].into()),
        ),
        // What nobody knows binds nothing.
        ("logicalType: array, physicalType: \"array<geography>\"", list(D::Utf8), D::Utf8),
    ] {
        let column = column(declared);
        assert!(admits_wholly(&column, &good).is_ok(), "{declared}: {good}");
        assert!(admits_wholly(&column, &bad).is_err(), "{declared}: {bad}");
    }
    let column = column("logicalType: array, physicalType: \"array<int>\"");
    assert_eq!(planned(&column), D::new_list(D::Int32, true));
}

#[test]
fn lint_refuses_types_that_no_file_satisfies_and_no_others() {
    for good in [
        "logicalType: boolean, physicalType: tinyint(1)",
        "logicalType: boolean, physicalType: NUMBER(1)",
        "logicalType: boolean, physicalType: bit",
        "logicalType: integer, physicalType: bit",
        "logicalType: string, physicalType: VARIANT",
        "logicalType: string, physicalType: BYTE_ARRAY",
        "logicalType: array, physicalType: VARIANT",
        "logicalType: array, physicalType: varchar",
        "logicalType: time, physicalType: time-millis",
        "logicalType: timestamp, physicalType: timestamp_ntz, logicalTypeOptions: { defaultTimezone: Etc/UTC }",
    ] {
        assert_eq!(errors(good), Vec::<String>::new(), "{good}");
    }
    for (bad, words) in [
        ("logicalType: integer, physicalType: varchar", "is not of type integer"),
        ("logicalType: string, physicalType: \"array<int>\"", "is not of type string"),
        ("logicalType: array, physicalType: int", "is not of type array"),
        ("logicalType: boolean, physicalType: int", "is not of type boolean"),
        (
            "logicalType: timestamp, physicalType: timestamptz, logicalTypeOptions: { timezone: false }",
            "drop timezone",
        ),
        (
            "logicalType: timestamp, physicalType: datetime, logicalTypeOptions: { timezone: true }",
            "timezone: false",
        ),
    ] {
        let found = errors(bad);
        assert!(found.iter().any(|e| e.contains(words)), "{bad}: {found:?}");
    }
}

#[test]
fn the_type_that_infer_and_hints_declare_is_the_type_that_is_stored() {
    use DataType as D;
    for data_type in [
        D::Boolean,
        D::Int8,
        D::Int16,
        D::Int32,
        D::Int64,
        D::UInt8,
        D::UInt16,
        D::UInt32,
        D::Float32,
        D::Float64,
        D::Decimal128(10, 2),
        D::Utf8,
        D::Binary,
        D::Date32,
        timestamp(None),
        timestamp(Some("UTC")),
    ] {
        let declared = type_to_declare(&data_type);
        let column = column(&format!("physicalType: \"{declared}\""));
        assert!(admits_wholly(&column, &data_type).is_ok(), "{declared}");
        assert_eq!(binding(&column), stored(&data_type).ok(), "{declared}");
    }
    let project = Project::of_columns("- { name: a }");
    for data_type in [D::Int8, D::UInt8, D::Int32, D::UInt32, D::Float32, D::Float64] {
        let array: ArrayRef = new_empty_array(&data_type);
        project.parquet("empty.parquet", vec![("a", array)]);
        let draft = project.run(&["infer", "empty.parquet"]).expect(0).stdout;
        let declared = type_to_declare(&data_type);
        assert!(draft.contains(&format!("physicalType: {declared}")), "{declared}: {draft}");
    }
}

/// The rules that find something between two declarations of one column.
fn found(old: &str, new: &str) -> Vec<String> {
    let project = Project::new(&[]);
    project.write("old.odcs.yaml", &document(old));
    project.write("new.odcs.yaml", &document(new));
    let run = project.run(&["diff", "old.odcs.yaml", "new.odcs.yaml", "--format", "json"]);
    let mut found = rules(&run.json());
    found.retain(|rule| rule != "bump-too-small");
    found
}

#[test]
fn a_narrowed_length_is_a_tightened_limit_and_a_longer_one_a_wider_type() {
    for (old, new, rule) in [
        ("\"varchar(10)\"", "\"varchar(1)\"", "limit-tightened"),
        ("varchar", "\"char(2)\"", "limit-tightened"),
        ("\"varchar(10)\"", "\"varchar(20)\"", "type-widened"),
        ("\"varchar(10)\"", "text", "type-widened"),
        ("text", "uuid", "limit-tightened"),
        ("\"enum('a', 'b')\"", "\"enum('a')\"", "limit-tightened"),
        ("\"enum('a', 'b')\"", "\"enum('a', 'b', 'c')\"", "type-widened"),
        ("geography", "geometry", "type-unknown"),
        ("\"varchar(10)\"", "\"NVARCHAR2(10)\"", "type-respelled"),
    ] {
        let declared = |physical: &str| format!("logicalType: string, physicalType: {physical}");
        assert_eq!(found(&declared(old), &declared(new)), [rule], "{old} -> {new}");
    }
    // A length is one limit, whoever states it.
    let option = "logicalType: string, logicalTypeOptions: { maxLength: 10 }";
    let physical = "logicalType: string, physicalType: \"varchar(10)\"";
    assert_eq!(found(option, physical), ["type-respelled"]);
    let looser = "logicalType: string, logicalTypeOptions: { maxLength: 20 }";
    assert_eq!(found(option, looser), ["limit-loosened"]);
    assert_eq!(
        found(
            "logicalType: timestamp, physicalType: timestamptz",
            "logicalType: timestamp, physicalType: \"timestamptz(3)\""
        ),
        ["limit-tightened"]
    );
}

#[test]
fn a_consumer_whose_result_type_widens_is_changed() {
    let project = Project::new(&[]);
    let of = |physical: &str| document(&format!("logicalType: integer, physicalType: {physical}"));
    for (folder, physical) in [("old", "int"), ("new", "bigint")] {
        project.write(&format!("{folder}/pactum.yaml"), "warehouse: ./warehouse\n");
        project.write(&format!("{folder}/contracts/t.odcs.yaml"), &of(physical));
        project.write(&format!("{folder}/sql/a.sql"), "-- owner: home\nselect a from t.t\n");
    }
    let run = project.run(&["--project", "new", "diff", "old", "new", "--format", "json"]);
    let report = run.json();
    assert_eq!(rules(&report)[0], "type-widened");
    assert_eq!(report["consumers"]["list"][0]["fate"], "changed", "{report}");
}

#[test]
fn a_document_that_moves_to_a_later_version_of_the_standard_keeps_its_types() {
    for (old, new) in [
        ("logicalType: date, physicalType: timestamp", "logicalType: timestamp"),
        (
            "logicalType: date, physicalType: datetime",
            "logicalType: timestamp, physicalType: datetime",
        ),
        (
            "logicalType: date, physicalType: TIMESTAMP_NTZ(9)",
            "logicalType: timestamp, physicalType: datetime",
        ),
        ("logicalType: string, physicalType: varchar", "logicalType: string, physicalType: text"),
    ] {
        let project = Project::new(&[]);
        let of_3_0 = document(old).replace("v3.2.0", "v3.0.2");
        project.write("old.odcs.yaml", &of_3_0);
        project.write("new.odcs.yaml", &document(new));
        let run = project.run(&["diff", "old.odcs.yaml", "new.odcs.yaml", "--format", "json"]);
        let mut found = rules(&run.expect(0).json());
        found.retain(|rule| rule != "attribute-changed" && rule != "documentation-changed");
        assert_eq!(found, Vec::<String>::new(), "{old} -> {new}");
    }
}
